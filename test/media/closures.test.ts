import { describe, expect, it } from 'vitest';
import { styles, type Shape } from '../../src/score/reference-motion.js';
import { readTrack } from '../fixtures/tracks/read.js';
import { sessionOf, shapeAt } from './tracks.js';

const closed = 0.03;

/** Stretches, in seconds, in which the lips touch while the jaw would have them apart. */
function contacts(rows: readonly Shape[], rowsPerSecond: number): [number, number][] {
  const found: [number, number][] = [];
  const touch = ([jaw, close]: Shape): boolean => jaw - close <= closed && close > closed;
  for (let i = 1; i < rows.length; i++) {
    if (!touch(rows[i]) || touch(rows[i - 1])) continue;
    let end = i;
    while (touch(rows[end + 1])) end++;
    found.push([i / rowsPerSecond, end / rowsPerSecond]);
  }
  return found;
}

describe.each(Object.keys(styles))('closures of %s', (name) => {
  it.each([
    [120, 24],
    [120, 25],
    [120, 12],
  ])('survive from %i rows to %i pictures a second, and add none', (rowsPerSecond, rate) => {
    const rows = readTrack(name, 240).filter((_, i) => i % (240 / rowsPerSecond) === 0);
    using session = sessionOf(rows, rowsPerSecond);
    const shown: boolean[] = [];
    const sampled: boolean[] = [];
    for (let picture = 0; picture < (rows.length / rowsPerSecond) * rate; picture++) {
      const isClosed = ([jaw, close]: number[]): boolean => jaw - close <= closed;
      shown.push(isClosed(shapeAt(session, picture / rate, (picture + 1) / rate)));
      sampled.push(isClosed(shapeAt(session, picture / rate)));
    }
    const seen = (pictures: readonly boolean[], [begin, end]: [number, number]): boolean =>
      pictures.slice(Math.floor(begin * rate), Math.ceil(end * rate) + 1).some((picture) => picture);
    const all = contacts(rows, rowsPerSecond);
    const count = (pictures: readonly boolean[]): number =>
      all.filter((contact) => seen(pictures, contact)).length;
    console.log(
      `${name}, ${rowsPerSecond} to ${rate}: ${all.length} closures, ${count(sampled)} met by the instants, ${count(shown)} shown`,
    );
    expect(all.length).toBeGreaterThan(10);
    expect(count(shown)).toBe(all.length);
    // A picture that differs has a closure within half a period.
    shown.forEach((isClosed, picture) => {
      if (isClosed === sampled[picture]) return;
      const near = all.some(([begin, end]) => begin * rate <= picture + 0.51 && end * rate >= picture - 0.51);
      expect(near, `picture ${picture}`).toBe(true);
    });
  });
});
