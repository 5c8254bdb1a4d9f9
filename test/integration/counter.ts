/** A signal whose every sample names its place: 1 to 30000 and again, as s16. */
export const cycle = 30_000;

/** 100 ms of silence come first, because a monitor loses its beginning. */
export const silentStart = 4800;

/** Sample `k` of the counter, as s16. */
export function counterSamples(k: number): number {
  return (k % cycle) + 1;
}

/** The signal for a sink, as floats: silence, then the counter. */
export function counter(index: number): number {
  return index < silentStart ? 0 : counterSamples(index - silentStart) / 32768;
}

/** Where the counter begins in a recording: silence, 1, 2, 3. */
export function firstCounter(samples: Int16Array): number {
  return samples.findIndex((sample, i) => sample === 1 && samples[i + 1] === 2 && samples[i + 2] === 3);
}

export function largestStep(samples: Int16Array): number {
  let step = 0;
  for (let i = 1; i < samples.length; i++) step = Math.max(step, Math.abs(samples[i] - samples[i - 1]));
  return step;
}

/** Rises from about nothing, without a jump. */
export function isRamp(samples: Int16Array): boolean {
  return Math.abs(samples[0]) < 100 && largestStep(samples) < 150;
}
