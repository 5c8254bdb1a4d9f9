import { readFileSync } from 'node:fs';

/** Seconds, and the loudest sample in [0, 1], of a mono 16 bit WAV file; throws when the header does not fit the file. */
export function readWav(path: string): { seconds: number; peak: number; frames: number } {
  const bytes = readFileSync(path);
  const length = bytes.readUInt32LE(40);
  const rate = bytes.readUInt32LE(24);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 36, 40) !== 'data')
    throw new Error(`${path} is no WAV file`);
  if (bytes.length !== 44 + length || bytes.readUInt32LE(4) !== 36 + length)
    throw new Error(`${path} has ${bytes.length} bytes, its header says ${44 + length}`);
  let peak = 0;
  for (let at = 44; at + 1 < bytes.length; at += 2)
    peak = Math.max(peak, Math.abs(bytes.readInt16LE(at)) / 32768);
  return { seconds: length / 2 / rate, peak, frames: length / 2 };
}
