import { createHash, type Hash } from 'node:crypto';

import { Recording, SessionReplay, type SessionMoment } from '../driver/index.js';
import type { Output } from './output.js';
import type { StopSignal } from './stop-signal.js';

export interface ListOptions {
  /** Undefined: as fast as it goes. */
  readonly speed?: number;
}

/** True for the recording of an interactive session. */
export async function isOfSession(path: string): Promise<boolean> {
  const recording = new Recording(path);
  const entries = recording.entries();
  await entries.next();
  await entries.return();
  return recording.header?.session === 'interactive';
}

/** Lists what passed, a line each, and the checksum of every sound that was sent. */
export async function listSession(
  path: string,
  { speed }: ListOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  const recording = new Recording(path);
  const replay = new SessionReplay(recording, speed === undefined ? {} : { speed });
  const lines: string[] = [];
  const sounds = new Map<string, SentSound>();
  for await (const moment of replay.moments()) {
    stop.check();
    const line = `${(moment.at / 1000).toFixed(3).padStart(9)} s  ${lineOf(moment)}`;
    // At a speed of its own it is told as it passes.
    if (speed !== undefined) output.progress(line);
    lines.push(line);
    if (moment.type !== 'command' || moment.command.kind !== 'audio') continue;
    const { requestId, sequence, pcm } = moment.command;
    let sound = sounds.get(requestId);
    if (sound === undefined) sounds.set(requestId, (sound = new SentSound()));
    sound.add(sequence, pcm);
  }
  const told = [...sounds].map(([requestId, sound]) => ({ requestId, ...sound.finish() }));
  output.result(
    [
      ...lines,
      ...told.map(
        ({ requestId, seconds, digest }) =>
          `sound ${requestId}: ${seconds.toFixed(2)} s at 16 kHz, sha256 ${digest}`,
      ),
      ...(recording.damaged === 0 ? [] : [`${recording.damaged} damaged lines were left out`]),
    ],
    { moments: lines.length, lines, sounds: told, damaged: recording.damaged, damages: recording.damages },
  );
}

/** The packets of one sound, each once, in the order of their numbers. */
class SentSound {
  readonly #hash: Hash = createHash('sha256');
  readonly #early = new Map<number, Uint8Array>();
  #next = 1;
  #bytes = 0;

  add(sequence: number, pcm: Uint8Array): void {
    if (sequence < this.#next) return;
    this.#early.set(sequence, pcm);
    for (let piece = this.#early.get(this.#next); piece; piece = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      this.#take(piece);
    }
  }

  finish(): { readonly seconds: number; readonly digest: string } {
    for (const [, pcm] of [...this.#early].sort(([a], [b]) => a - b)) this.#take(pcm);
    return { seconds: this.#bytes / 32_000, digest: this.#hash.digest('hex') };
  }

  #take(pcm: Uint8Array): void {
    this.#hash.update(pcm);
    this.#bytes += pcm.byteLength;
  }
}

function lineOf(moment: SessionMoment): string {
  switch (moment.type) {
    case 'asked':
      return `→ ${moment.call}`;
    case 'answered':
      return `← ${moment.call} ${moment.status === 0 ? 'no answer' : `HTTP ${moment.status} ${moment.body}`}`;
    case 'command': {
      const { kind, requestId, ...rest } = moment.command;
      const shown = Object.entries(rest)
        .filter(([name]) => name !== 'sessionId')
        .map(
          ([name, value]) =>
            `${name}=${value instanceof Uint8Array ? `${value.byteLength} bytes` : JSON.stringify(value)}`,
        );
      return `→ ${kind} ${requestId} ${shown.join(' ')}`.trimEnd();
    }
    case 'message': {
      const { message } = moment;
      if (message.kind === 'malformed') return `← a frame that is ${message.fault}`;
      if (message.kind === 'pong') return '← pong';
      const { kind, requestId, sessionId, ...rest } = message;
      void sessionId;
      const shown = Object.entries(rest)
        .filter(([, value]) => value !== '' && value !== 0 && value !== false)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `← ${kind} ${requestId} ${shown.join(' ')}`.trimEnd();
    }
    case 'lost':
      return `  lost: ${moment.code}: ${moment.why}`;
    case 'unreadable':
      return `→ a frame that cannot be read: ${moment.why}`;
    default:
      return `  ${moment.type}`;
  }
}
