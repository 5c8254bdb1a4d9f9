import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';

import type { FacewireError } from '../../src/errors.js';
import { Encoder } from '../../src/sinks/encoder.js';
import type { EncoderOptions } from '../../src/sinks/encoder-options.js';
import type { EncoderEvent } from '../../src/sinks/encoder-events.js';
import { flvHeader, isMedia, serialiseTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { makeSpan, smallFormat, type TestPicture } from './synthetic.js';

/** A sound that is never the same again. */
export const chirp = (index: number): number => 0.2 * Math.sin(index * index * 1e-7);

/** An encoder that is fed at the pace of the wall clock until stop(). */
export class Live {
  readonly tags: FlvTag[] = [];
  readonly events: EncoderEvent[] = [];
  readonly errors: FacewireError[] = [];
  readonly pictures: TestPicture[] = [];
  readonly encoder: Encoder;
  readonly #draw: ((frame: number) => TestPicture) | undefined;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param draw makes the picture of a frame. Default one that steps in brightness. */
  constructor(options: EncoderOptions = {}, draw?: (frame: number) => TestPicture) {
    this.#draw = draw;
    this.encoder = new Encoder(
      smallFormat,
      { ...options, onEncoderEvent: (event) => this.events.push(event) },
      { onTag: (tag) => this.tags.push(tag), onError: (error) => this.errors.push(error) },
    );
  }

  async open(): Promise<void> {
    await this.encoder.open();
    const start = performance.now();
    this.#timer = setInterval(() => {
      // A few at a time, so that a slow machine is late and not stuck.
      for (let more = 0; more < 3 && this.#frame * 40 < performance.now() - start; more++) this.write();
    }, 10);
  }

  write(): void {
    const span = makeSpan(this.#frame, smallFormat, chirp);
    const picture = this.#draw?.(this.#frame) ?? span.picture;
    this.#frame += 1;
    this.encoder.write({ ...span, picture });
    picture.release();
    this.pictures.push(picture);
  }

  get frames(): number {
    return this.#frame;
  }

  of(type: number): FlvTag[] {
    return this.tags.filter((tag) => tag.type === type && isMedia(tag));
  }

  /** Resolves when the condition holds; the test's own limit ends a vain wait. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(10);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.encoder.finish();
  }
}

export function decode(tags: readonly FlvTag[], ...args: string[]): Buffer {
  const input = Buffer.concat([flvHeader(), ...tags.map(serialiseTag)]);
  return execFileSync('ffmpeg', ['-v', 'error', '-f', 'flv', '-i', '-', ...args, '-'], {
    input,
    maxBuffer: 512 << 20,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

export const frameOf = ({ timestampMs }: FlvTag): number =>
  Math.round((timestampMs - 1024 / 48) / 40 + 1) - 1;

/**
 * What each picture shows is what belongs at its time.
 *
 * @param shown whose picture was shown at a frame. Default its own.
 */
export function expectPicturesInPlace(
  tags: readonly FlvTag[],
  shown: (frame: number) => number = (frame) => frame,
): void {
  const pictures = tags.filter(({ type, isConfig }) => type === tagType.video && !isConfig);
  const media = pictures.filter(isMedia);
  const bytes = decode(
    tags.filter(({ type }) => type === tagType.video),
    ...['-vsync', '0', '-pix_fmt', 'yuv420p', '-f', 'rawvideo'],
  );
  const size = (320 * 180 * 3) / 2;
  expect(bytes.length).toBe(media.length * size);
  for (const [i, tag] of media.entries()) {
    const frame = frameOf(tag);
    expect(Math.abs(tag.timestampMs - (frame * 40 + 1024 / 48))).toBeLessThanOrEqual(1);
    const drawn = shown(frame);
    const level = 40 + ((drawn * 13) % 160);
    // Left of the moving bar or right of it.
    const column = (drawn * 4) % 320 > 160 ? 80 : 240;
    const luma = bytes[i * size + 90 * 320 + column] ?? 0;
    expect(Math.abs(luma - (16 + (219 * level) / 255)), `picture ${i} of frame ${frame}`).toBeLessThan(6);
  }
}

/** By how many samples the sound of these tags, decoded, is beside where their times say. */
export function soundOffset(config: FlvTag, tags: readonly FlvTag[]): number {
  const pcm = decode([config, ...tags], '-f', 's16le');
  const first = Math.round(tags[0].timestampMs * 48) - 1024;
  let best = { lag: NaN, likeness: -Infinity };
  for (let lag = -480; lag <= 480; lag += 4) {
    let likeness = 0;
    // The encoder swings in for a frame or two.
    for (let i = 4096; i < 16_384; i++) likeness += pcm.readInt16LE(2 * i) * chirp(first + i + lag);
    if (likeness > best.likeness) best = { lag, likeness };
  }
  return best.lag;
}

export function expectOrder(tags: readonly FlvTag[]): void {
  const times = tags.map(({ timestampMs }) => timestampMs);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
}
