import { describe, expect, it } from 'vitest';

import { RecentSound } from '../../src/sinks/device/recent-sound.js';
import { Random } from '../reference/random.js';

/** Samples that say their number, from `at` on. */
const counting = (at: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => valueOf(at + i));
const valueOf = (sample: number): number => 1 + (sample % 9973);

function copyOf(sound: RecentSound, at: number, length: number): number[] {
  const out = new Float32Array(length).fill(NaN);
  sound.copy(at, out);
  return [...out];
}

const silence = (length: number): number[] => new Array<number>(length).fill(0);

describe('recent sound', () => {
  it('is copied from any sample on, with silence before and behind it', () => {
    const sound = new RecentSound();
    sound.append(1000, counting(1000, 300));
    sound.append(1300, counting(1300, 200));
    expect(sound.length).toBe(500);
    expect(copyOf(sound, 1250, 100)).toEqual([...counting(1250, 100)]);
    expect(copyOf(sound, 990, 520)).toEqual([...silence(10), ...counting(1000, 500), ...silence(10)]);
    expect(copyOf(sound, 0, 3)).toEqual(silence(3));
  });

  it('is a copy of what was given', () => {
    const sound = new RecentSound();
    const audio = counting(0, 4);
    sound.append(0, audio);
    audio.fill(-1);
    expect(copyOf(sound, 0, 4)).toEqual([...counting(0, 4)]);
  });

  it('goes round, and is right at each turn', () => {
    const sound = new RecentSound();
    // Past 2^32 samples, which is a day at 48 kHz.
    for (const start of [0, 2 ** 31 - 12_000, 2 ** 32 - 12_000, 2 ** 45]) {
      for (let at = start; at < start + 24_000; at += 480) {
        sound.dropBefore(at - 2000);
        sound.append(at, counting(at, 480));
        if (at - start < 2000) continue;
        expect(sound.length).toBe(2480);
        expect(copyOf(sound, at - 2000, 2480)).toEqual([...counting(at - 2000, 2480)]);
      }
    }
  });

  it('grows while more is kept, wherever in the ring it begins', () => {
    for (const start of [0, 4000, 2 ** 32 - 1000]) {
      const sound = new RecentSound();
      sound.append(start, counting(start, 3000));
      sound.dropBefore(start + 2500);
      for (let at = start + 3000; at < start + 30_000; at += 700) sound.append(at, counting(at, 700));
      const end = start + 2500 + sound.length;
      expect(end).toBeGreaterThanOrEqual(start + 30_000);
      expect(copyOf(sound, start + 2500, end - start - 2500)).toEqual([
        ...counting(start + 2500, end - start - 2500),
      ]);
      // More at once than two doublings hold.
      sound.append(end, counting(end, 200_000));
      expect(copyOf(sound, end - 10, 20)).toEqual([...counting(end - 10, 20)]);
      expect(copyOf(sound, end + 199_990, 20)).toEqual([...counting(end + 199_990, 10), ...silence(10)]);
    }
  });

  it('has silence in a gap, also where other sound was a turn before', () => {
    const sound = new RecentSound();
    sound.append(0, counting(0, 4096));
    sound.dropBefore(4000);
    sound.append(5000, counting(5000, 100));
    expect(copyOf(sound, 4000, 1100)).toEqual([
      ...counting(4000, 96),
      ...silence(904),
      ...counting(5000, 100),
    ]);
    // No sound at all says only how far silence goes.
    sound.append(5200, new Float32Array(0));
    expect(sound.length).toBe(1200);
    expect(copyOf(sound, 5090, 120)).toEqual([...counting(5090, 10), ...silence(110)]);
  });

  it('keeps nothing before the sample that it goes on at when nothing is left', () => {
    const sound = new RecentSound();
    sound.append(0, counting(0, 100));
    // What is heard by now is ahead of what was given.
    sound.dropBefore(150);
    expect(sound.length).toBe(0);
    sound.append(1e12, counting(1e12, 50));
    expect(sound.length).toBe(50);
    expect(copyOf(sound, 1e12 - 1, 52)).toEqual([0, ...counting(1e12, 50), 0]);
    sound.clear();
    expect(sound.length).toBe(0);
    sound.append(7, new Float32Array(0));
    expect(sound.length).toBe(0);
    expect(copyOf(sound, 0, 100)).toEqual(silence(100));
  });

  it('is forgotten from where it is given anew', () => {
    const sound = new RecentSound();
    sound.append(100, counting(100, 400));
    sound.append(300, new Float32Array(50).fill(-1));
    expect(copyOf(sound, 290, 80)).toEqual([
      ...counting(290, 10),
      ...new Array<number>(50).fill(-1),
      ...silence(20),
    ]);
    sound.append(20, counting(20, 10));
    expect(sound.length).toBe(10);
    expect(copyOf(sound, 15, 100)).toEqual([...silence(5), ...counting(20, 10), ...silence(85)]);
  });

  it('is that of a map of all samples, whatever is done with it', () => {
    const random = new Random(3);
    const sound = new RecentSound();
    let kept = new Map<number, number>();
    let end = 0;
    for (let round = 0; round < 3000; round++) {
      const what = random.integer(0, 9);
      if (what === 0) {
        const at = end - random.integer(-50, 3000);
        sound.dropBefore(at);
        kept = new Map([...kept].filter(([sample]) => sample >= at));
      } else if (what === 1 && random.integer(0, 20) === 0) {
        sound.clear();
        kept.clear();
      } else {
        const at = Math.max(0, end + random.integer(0, 3) * random.integer(-60, 60));
        const audio = counting(random.integer(0, 5000), random.integer(0, 300));
        sound.append(at, audio);
        for (const sample of kept.keys()) if (sample >= at) kept.delete(sample);
        audio.forEach((value, i) => kept.set(at + i, value));
        end = at + audio.length;
      }
      const from = end - random.integer(0, 4000);
      expect(copyOf(sound, from, 300)).toEqual(
        Array.from({ length: 300 }, (_, i) => kept.get(from + i) ?? 0),
      );
    }
  });
});
