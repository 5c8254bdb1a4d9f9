import { mkdir } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';

import { InvalidArgumentError } from 'commander';

import { FacewireError } from '../errors.js';
import { arkitIndex, type ArkitName } from '../frame.js';
import { stopped } from './stop-signal.js';

/** Reads `1280x720`. Even numbers, because H.264 in 4:2:0 has no odd sizes. */
export function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(text);
  const width = Number(match?.[1]);
  const height = Number(match?.[2]);
  if (
    match === null ||
    width % 2 !== 0 ||
    height % 2 !== 0 ||
    width < 64 ||
    height < 64 ||
    width > 3840 ||
    height > 2160
  ) {
    throw new InvalidArgumentError(
      'Expected WIDTHxHEIGHT, even numbers from 64x64 to 3840x2160, for example 1280x720.',
    );
  }
  return { width, height };
}

/** A number within limits, as commander's argument parser. */
export function parseNumber(low: number, high: number, whole = true): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`Expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** A sink that gets everything later, by its name. */
export interface NamedDelay {
  readonly name: 'rtmp' | 'device';
  readonly delayMs: number;
}

/** Reads `rtmp=80`; may be given once for each. */
export function parseDelay(text: string, before: readonly NamedDelay[] = []): NamedDelay[] {
  const match = /^(rtmp|device)=(\d{1,4})$/.exec(text);
  const delayMs = Number(match?.[2]);
  if (match === null || delayMs > 1000) {
    throw new InvalidArgumentError(
      'Expected rtmp=MS or device=MS, 0 to 1000 ms, for example rtmp=80. A file counts from its own first frame.',
    );
  }
  const name = match[1] as NamedDelay['name'];
  return [...before.filter((each) => each.name !== name), { name, delayMs }];
}

/** A factor of real time; `max` is as fast as it goes. */
export function parseSpeed(text: string): number {
  return text === 'max' ? Number.POSITIVE_INFINITY : parseNumber(0.1, 1000, false)(text);
}

/** Names of ARKit weights, set apart by commas. */
export function parseChannels(text: string): ArkitName[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !Object.hasOwn(arkitIndex, name));
  if (wrong !== undefined || names.length > 8) {
    throw new InvalidArgumentError(
      `Expected up to 8 ARKit names with commas between, for example jawOpen,mouthClose.`,
    );
  }
  return names as ArkitName[];
}

/** `-` reads the text from standard input. Throws ERR_INTERRUPTED when `signal` aborts meanwhile. */
export async function readText(argument: string, signal: AbortSignal): Promise<string> {
  if (argument !== '-') return argument;
  const pieces: Buffer[] = [];
  try {
    for await (const piece of addAbortSignal(signal, process.stdin)) pieces.push(piece as Buffer);
  } catch (cause) {
    if (signal.aborted) throw stopped();
    throw new FacewireError('ERR_INPUT_UNREADABLE', 'standard input cannot be read', {
      expected: 'text in UTF-8',
      received: (cause as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause,
    });
  }
  return Buffer.concat(pieces).toString('utf8').trim();
}

/** Makes a folder for output, with its parents. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new FacewireError('ERR_OUTPUT_UNWRITABLE', `the folder ${path} cannot be made`, {
      expected: 'a folder that can be written to',
      received: (cause as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause,
    });
  }
}
