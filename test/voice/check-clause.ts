import { expect } from 'vitest';
import { ticksPerSecond, type SpokenClause } from '../../src/voice/voice.js';

/** Expects what every clause must be: contiguous phones over the whole audio, ordered words over the whole text. */
export function expectSound(clause: SpokenClause, text: string): void {
  const total = Math.round((clause.pcm.length * ticksPerSecond) / clause.sampleRate);
  let end = 0;
  for (const phone of clause.phones) {
    expect(phone.startTicks).toBe(end);
    expect(phone.endTicks).toBeGreaterThan(phone.startTicks);
    end = phone.endTicks;
  }
  expect(end).toBe(total);
  const characters = Array.from(text);
  let position = 0;
  let time = 0;
  for (const word of clause.words) {
    expect(word.codePointStart).toBeGreaterThanOrEqual(position);
    expect(characters.slice(word.codePointStart, word.codePointEnd).join('')).toBe(word.text);
    expect(word.startTicks).toBeGreaterThanOrEqual(time);
    expect(word.endTicks).toBeGreaterThanOrEqual(word.startTicks);
    expect(word.endTicks).toBeLessThanOrEqual(total);
    position = word.codePointEnd;
    time = word.endTicks;
  }
}

/** Root mean square of the samples between two times. */
export function loudness(clause: SpokenClause, fromTicks: number, toTicks: number): number {
  const at = (ticks: number): number => Math.round((ticks * clause.sampleRate) / ticksPerSecond);
  const part = clause.pcm.subarray(at(fromTicks), at(toTicks));
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length));
}
