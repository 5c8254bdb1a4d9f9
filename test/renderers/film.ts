import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

import type { Renderer } from '../../src/avatar/renderer.js';
import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { Mp4Sink } from '../../src/sinks/mp4-sink.js';
import { decodeSound, readPackets } from '../../src/verify/decode.js';
import type { SinkReport } from '../../src/sinks/sink.js';

export const width = 320;
export const height = 192;
export const engineFile = fileURLToPath(new URL('engine.mjs', import.meta.url));
/** The engine of these tests, with things that go wrong. */
export const engine = (...faults: string[]): { command: string; args: string[] } => ({
  command: process.execPath,
  args: [engineFile, ...faults],
});

const rate = 16_000;

/** A session with `seconds` of sound in it. */
export function spokenSession(seconds: number): MediaSession {
  const session = new MediaSession({ sampleRate: rate, mouthLeadMs: 0, idleSeed: -1 });
  const pcm = new Int16Array(rate * seconds).map((_, i) => 8000 * Math.sin(i / 10));
  session.begin();
  session.pushParsed({
    audio: Buffer.from(pcm.buffer).toString('base64'),
    features: new Float32Array(52 * Math.ceil(seconds * 25)),
    sampleRate: rate,
    sentenceStart: true,
    featuresFinal: true,
    final: true,
  });
  return session;
}

/** Records two seconds of speech, as fast as it goes. */
export async function film(renderer: Renderer, path: string, seconds = 2): Promise<SinkReport> {
  const session = spokenSession(seconds);
  const sink = new Mp4Sink({ path, videoKbps: 8000, encoderStallMs: 60_000 });
  const player = new Player({ session, sinks: [sink], renderer, pace: 'as-available' });
  await player.start();
  const spoken = player.follow('film');
  spoken.begin(0);
  spoken.end(rate * seconds);
  await spoken.finished;
  const [report] = await player.stop();
  session.close();
  return report;
}

/** Records at the pace of the wall clock, idle, until `until`. */
export async function liveFilm(renderer: Renderer, path: string, until: () => boolean): Promise<SinkReport> {
  const session = new MediaSession({ sampleRate: rate, mouthLeadMs: 0, idleSeed: -1 });
  const sink = new Mp4Sink({ path, videoKbps: 8000, encoderStallMs: 60_000 });
  const player = new Player({ session, sinks: [sink], renderer });
  await player.start();
  while (!until()) await new Promise((resolve) => setTimeout(resolve, 20));
  const [report] = await player.stop();
  session.close();
  return report;
}

/** The pictures of a film as YUV 4:2:0. */
export async function picturesOf(path: string, columns = width, rows = height): Promise<Buffer[]> {
  const { path: ffmpeg } = await locateFfmpeg();
  const bytes = execFileSync(
    ffmpeg,
    ['-v', 'error', '-i', path, '-vsync', '0', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'],
    { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const size = (columns * rows * 3) / 2;
  expect(bytes.length % size).toBe(0);
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Luma and both chromas at a place. */
export function at(picture: Buffer, x: number, y: number, columns = width, rows = height): number[] {
  const chroma = columns * rows + (y >> 1) * (columns / 2) + (x >> 1);
  return [y * columns + x, chroma, chroma + (columns * rows) / 4].map((place) => picture[place]);
}

/** What a colour is in YUV, BT.709, limited range. */
export function yuvOf([red, green, blue]: readonly number[]): number[] {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const colour = (difference: number, scale: number): number => 128 + ((difference / scale) * 224) / 255;
  return [16 + (luma * 219) / 255, colour(blue - luma, 1.8556), colour(red - luma, 1.5748)];
}

export function expectColour(actual: readonly number[], expected: readonly number[], what: string): void {
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i]), `${what}: ${actual.join()} is not ${expected.join()}`).toBeLessThan(
      6,
    );
}

/** Pictures in which the lowest part, from this share of the height on, differs from that of the one before. */
export function stripChanges(
  pictures: readonly Buffer[],
  from: number,
  columns = width,
  rows = height,
): number[] {
  const strip = (picture: Buffer): Buffer =>
    picture.subarray(Math.round(from * rows) * columns, rows * columns);
  return pictures.flatMap((picture, frame) => {
    if (frame === 0) return [];
    const [now, before] = [strip(picture), strip(pictures[frame - 1])];
    // What the encoder makes of the same picture again is a few steps beside it.
    let most = 0;
    for (let i = 0; i < now.length; i++) most = Math.max(most, Math.abs(now[i] - before[i]));
    return most > 40 ? [frame] : [];
  });
}

/** For each picture of a film whether it is loud, by its time stamp. */
export async function loudPictures(path: string, fps: number): Promise<boolean[]> {
  const rate = 8000;
  const ffmpeg = await locateFfmpeg();
  const { video, audio } = await readPackets(ffmpeg, path);
  const sound = await decodeSound(ffmpeg, path, rate);
  const firstMs = audio[0]?.ptsMs ?? 0;
  return video.map(({ ptsMs }) => {
    const from = Math.max(0, Math.round(((ptsMs - firstMs) * rate) / 1000));
    return sound.subarray(from, from + rate / fps).some((sample) => Math.abs(sample) > 0.05);
  });
}

/** The number that the engine drew as 16 bars. */
export function numberIn(picture: Buffer): number {
  let number = 0;
  for (let bit = 0; bit < 16; bit++) {
    const [luma] = at(picture, Math.floor(((bit + 0.5) * width) / 16), height / 4);
    if (luma > 125) number |= 1 << bit;
  }
  return number;
}
