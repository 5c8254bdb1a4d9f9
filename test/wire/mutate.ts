import { Random } from '../reference/random.js';
import { isAll } from '../tools.js';

/** The same seed gives the same mutations for ever. */
export function dice(seed: number): (below: number) => number {
  const random = new Random(seed);
  return (below) => random.integer(0, below - 1);
}

const pieces = ['null', '""', '-1', '1e999', '[]', '{}', 'true', '"\\ud800"', ',', '}', '[[[[', '"SPEECH"', '9'.repeat(30), '"__proto__":', '"-5"']; // prettier-ignore

/** The input with one to four things changed: bytes, pieces, values. */
export function mutate(input: Uint8Array, roll: (below: number) => number): Uint8Array {
  let bytes = Buffer.from(input);
  for (let rounds = 1 + roll(4); rounds > 0; rounds--) {
    const at = roll(bytes.length + 1);
    const kind = roll(6);
    if (kind === 0 && at < bytes.length) bytes[at] = roll(256);
    else if (kind === 1) bytes = bytes.subarray(0, at);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + roll(20))]);
    else if (kind === 5) {
      // A value put in place of another keeps the frame valid JSON more often than a flipped byte.
      const text = bytes.toString('latin1');
      const values = [...text.matchAll(/:("[^"]*"|[\d.]+|true|false|\[\])/g)];
      const hit = values[roll(Math.max(1, values.length))];
      if (hit !== undefined) {
        const end = hit.index + hit[0].length;
        bytes = Buffer.from(`${text.slice(0, hit.index + 1)}${pieces[roll(7)]}${text.slice(end)}`, 'latin1');
      }
    } else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(pieces[roll(pieces.length)]),
        bytes.subarray(at),
      ]);
  }
  return bytes;
}

/** A million takes minutes: that is for `--mode all`, or FACEWIRE_FUZZ_ROUNDS. */
const usual = isAll ? 1_000_000 : 30_000;
export const rounds = Number(process.env['FACEWIRE_FUZZ_ROUNDS'] ?? usual);
