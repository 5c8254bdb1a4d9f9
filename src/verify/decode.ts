import { spawn } from 'node:child_process';

import { FacewireError } from '../errors.js';
import type { Ffmpeg } from '../sinks/ffmpeg-locate.js';

/** One packet as the container states it. */
export interface PacketTime {
  readonly ptsMs: number;
  readonly durationMs: number;
  readonly bytes: number;
}

export interface Packets {
  readonly video: readonly PacketTime[];
  readonly audio: readonly PacketTime[];
}

/** A rectangle of the picture in pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Runs ffmpeg to its end and hands over its output piece by piece. */
async function run(
  ffmpeg: Ffmpeg,
  args: readonly string[],
  onData: (piece: Buffer) => void,
): Promise<string> {
  const child = spawn(ffmpeg.path, ['-nostdin', '-hide_banner', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stdout.on('data', onData);
  child.stderr.on('data', (piece: Buffer) => {
    errors = (errors + piece.toString('utf8')).slice(-20_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new FacewireError(
      'ERR_INPUT_UNREADABLE',
      `ffmpeg could not read the recording (exit ${String(code)})`,
      {
        received: errors.trim().split('\n').slice(-3).join(' | '),
      },
    );
  }
  return errors;
}

/** Quiet, and with the `file:` prefix, so that no name is taken for an option or a protocol. */
function input(file: string): string[] {
  return ['-v', 'error', '-i', `file:${file}`];
}

/** Options as one would type them. */
function words(text: string): string[] {
  return text.split(' ');
}

/** Reads every packet's time stamp without decoding. */
export async function readPackets(ffmpeg: Ffmpeg, file: string): Promise<Packets> {
  let text = '';
  await run(ffmpeg, ['-copyts', ...input(file), ...words('-map 0 -c copy -f framecrc pipe:1')], (piece) => {
    text += piece.toString('latin1');
  });
  const bases = new Map<number, number>();
  const kinds = new Map<number, string>();
  const packets = { video: [] as PacketTime[], audio: [] as PacketTime[] };
  for (const line of text.split('\n')) {
    const base = /^#tb (\d+): (\d+)\/(\d+)/.exec(line);
    if (base) bases.set(Number(base[1]), (1000 * Number(base[2])) / Number(base[3]));
    const media = /^#media_type (\d+): (\w+)/.exec(line);
    if (media) kinds.set(Number(media[1]), media[2]);
    if (line === '' || line.startsWith('#')) continue;
    const [stream, , pts, duration, bytes] = line.split(',').map((field) => Number(field.trim()));
    const base1 = bases.get(stream) ?? 1;
    const kind = kinds.get(stream);
    if (kind !== 'video' && kind !== 'audio') continue;
    packets[kind].push({
      ptsMs: pts * base1,
      durationMs: duration * base1,
      bytes: bytes,
    });
  }
  return packets;
}

/** Decodes the sound to mono float at `sampleRate`. The first sample belongs to the first audio packet's time. */
export async function decodeSound(ffmpeg: Ffmpeg, file: string, sampleRate: number): Promise<Float32Array> {
  const pieces: Buffer[] = [];
  const output = words(`-map 0:a:0 -ac 1 -ar ${sampleRate} -f s16le pipe:1`);
  await run(ffmpeg, [...input(file), ...output], (piece) => pieces.push(piece));
  const bytes = Buffer.concat(pieces);
  const samples = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(2 * i) / 32768;
  return samples;
}

/** Decodes every video frame, cut to `region`, and hands each over as RGB (3 bytes a pixel). Returns how many there were. */
export async function decodePictures(
  ffmpeg: Ffmpeg,
  file: string,
  region: Rectangle,
  onPicture: (rgb: Buffer, index: number) => void,
): Promise<number> {
  const size = region.width * region.height * 3;
  let held: Buffer = Buffer.alloc(0);
  let count = 0;
  const crop = `crop=${region.width}:${region.height}:${region.x}:${region.y}`;
  // passthrough: one picture out for each packet in, none doubled or dropped to fit a frame rate.
  const output = [
    ...words(`-map 0:v:0 -vf ${crop}`),
    ...ffmpeg.passthrough,
    ...words('-f rawvideo -pix_fmt rgb24 pipe:1'),
  ];
  await run(ffmpeg, [...input(file), ...output], (piece) => {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    let at = 0;
    for (; held.length - at >= size; at += size) onPicture(held.subarray(at, at + size), count++);
    held = held.subarray(at);
  });
  return count;
}

/** Width and height of the first video stream. */
export async function readPictureSize(
  ffmpeg: Ffmpeg,
  file: string,
): Promise<{ width: number; height: number }> {
  const text = await run(
    ffmpeg,
    [...input(file), ...words('-v info -map 0:v:0 -c copy -t 0 -f null -')],
    () => undefined,
  );
  const size = /Video:.*?[ ,](\d{2,5})x(\d{2,5})[ ,]/.exec(text);
  if (size === null)
    throw new FacewireError('ERR_INPUT_UNREADABLE', 'the recording holds no picture', { received: file });
  return { width: Number(size[1]), height: Number(size[2]) };
}
