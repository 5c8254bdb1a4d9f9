import { setTimeout as sleep } from 'node:timers/promises';

import type { Renderer } from '../../src/avatar/renderer.js';
import type { FacewireError } from '../../src/errors.js';
import { frameWidth } from '../../src/frame.js';
import type { OutputFormat, Picture, Sink, SinkReport, Span } from '../../src/sinks/sink.js';

export const smallFormat: OutputFormat = {
  sampleRate: 48000,
  frameRateNumerator: 25,
  frameRateDenominator: 1,
  width: 320,
  height: 180,
};

/** A picture whose brightness steps with the frame, and counts its holders. */
export class TestPicture implements Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  holders = 1;

  constructor(width: number, height: number, frame: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 4).fill(40 + ((frame * 13) % 160));
    for (let i = 3; i < this.pixels.length; i += 4) this.pixels[i] = 255;
    // A moving bar, so that every picture differs and the encoder has work.
    const column = (frame * 4) % width;
    for (let y = 0; y < height; y++)
      this.pixels.fill(255, (y * width + column) * 4, (y * width + column) * 4 + 4);
  }
  retain(): void {
    this.holders += 1;
  }
  release(): void {
    this.holders -= 1;
  }
}

/** Draws a TestPicture for each frame at once, and keeps all of them. */
export class TestRenderer implements Renderer {
  readonly width = 160;
  readonly height = 90;
  readonly made: TestPicture[] = [];

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  draw(): Promise<TestPicture> {
    const picture = new TestPicture(this.width, this.height, this.made.length);
    this.made.push(picture);
    return Promise.resolve(picture);
  }
}

/** The sample of the test tone (440 Hz, a quarter of full scale) at `index`. */
export function tone(index: number, sampleRate: number): number {
  return 0.25 * Math.sin((2 * Math.PI * 440 * index) / sampleRate);
}

export function firstSample(frame: number, format: OutputFormat): number {
  return Math.round((frame * format.sampleRate * format.frameRateDenominator) / format.frameRateNumerator);
}

export function makeSpan(
  frame: number,
  format: OutputFormat,
  sample = tone,
): Span & { picture: TestPicture } {
  const begin = firstSample(frame, format);
  const audio = new Float32Array(firstSample(frame + 1, format) - begin);
  for (let i = 0; i < audio.length; i++) audio[i] = sample(begin + i, format.sampleRate);
  const picture = new TestPicture(format.width, format.height, frame);
  return { frameIndex: frame, sampleIndex: begin, audio, weights: new Float32Array(frameWidth), picture };
}

/** Feeds `frames` spans as fast as the sink's own room allows. Returns the pictures, to see that all came back. */
export async function feed(
  sink: Sink,
  format: OutputFormat,
  frames: number,
  from = 0,
): Promise<TestPicture[]> {
  const pictures: TestPicture[] = [];
  for (let frame = from; frame < from + frames; frame++) {
    const span = makeSpan(frame, format);
    while (sink.room !== undefined && sink.room < span.audio.length) await sleep(2);
    sink.write(span);
    span.picture.release();
    pictures.push(span.picture);
  }
  return pictures;
}

/** Feeds spans at the pace of the wall clock until `until` settles. Returns how many were written. */
export async function feedLive(
  sink: Sink,
  format: OutputFormat,
  until: Promise<unknown>,
  sample = tone,
): Promise<number> {
  let stopped = false;
  void until.then(() => (stopped = true));
  const start = performance.now();
  let frame = 0;
  while (!stopped) {
    const span = makeSpan(frame, format, sample);
    sink.write(span);
    span.picture.release();
    frame += 1;
    const due = start + (frame * 1000 * format.frameRateDenominator) / format.frameRateNumerator;
    await sleep(Math.max(1, due - performance.now()));
  }
  return frame;
}

export function nextError(sink: Sink): Promise<FacewireError> {
  return new Promise((resolve) => (sink.onError = resolve));
}

/** Opens, feeds and closes. */
export async function record(sink: Sink, format: OutputFormat, frames: number): Promise<SinkReport> {
  await sink.open(format);
  await feed(sink, format, frames);
  return sink.close();
}

/** A small generator with a seed, so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
