/** A mark each second, in the sound and on the face: a burst, and a mouth that opens and closes, both symmetric about the same instant. */
export const soundRate = 48_000;
export const markMs = 500;
const burstMs = 100;
const openMs = 240;
const rowMs = 40;
/** Columns of features that a message has, and that of the jaw in it. */
const columns = 52;
const jawColumn = 7;

/** One second of it, as a message holds it. */
export function secondOfMarks(): { readonly audio: string; readonly features: Float32Array } {
  const pcm = Int16Array.from({ length: soundRate }, (_, i) => {
    const fromMark = (1000 * i) / soundRate - markMs;
    if (Math.abs(fromMark) > burstMs / 2) return 0;
    const shape = 0.5 + 0.5 * Math.cos((2 * Math.PI * fromMark) / burstMs);
    return Math.round(16_000 * shape * Math.sin((2 * Math.PI * 1000 * i) / soundRate));
  });
  const features = new Float32Array((1000 / rowMs) * columns);
  for (let row = 0; row * columns < features.length; row++)
    features[row * columns + jawColumn] = 0.8 * Math.max(0, 1 - Math.abs(row * rowMs - markMs) / openMs);
  return { audio: Buffer.from(pcm.buffer).toString('base64'), features };
}

/** The loudest sample of each 2 ms, of sound that comes in pieces. */
export class Envelope {
  readonly peaks: number[] = [];
  readonly stepMs = 2;
  readonly #window: number;
  #inWindow = 0;
  #peak = 0;

  constructor(rate: number) {
    this.#window = (rate * this.stepMs) / 1000;
  }

  push(sample: number): void {
    this.#peak = Math.max(this.#peak, Math.abs(sample));
    this.#inWindow += 1;
    if (this.#inWindow < this.#window) return;
    this.peaks.push(this.#peak);
    this.#inWindow = 0;
    this.#peak = 0;
  }

  /** Instants of the marks, in ms from the first sample. */
  get marks(): number[] {
    return marksIn(
      this.peaks.map((_, i) => (i + 0.5) * this.stepMs),
      this.peaks,
    );
  }
}

/** Centres of what stands out of a curve; of what is cut off at its ends nothing. */
export function marksIn(timesMs: readonly number[], values: readonly number[]): number[] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const threshold = low + 0.1 * (high - low);
  const marks: number[] = [];
  let weight = 0;
  let moment = 0;
  let last = -Infinity;
  let isCut = values.length === 0 || values[0] > threshold;
  const finish = (): void => {
    if (weight > 0 && !isCut) marks.push(moment / weight);
    if (weight > 0) isCut = false;
    weight = 0;
    moment = 0;
  };
  for (const [i, value] of values.entries()) {
    if (value <= threshold) {
      if (timesMs[i] - last > 150) finish();
      continue;
    }
    weight += value - low;
    moment += (value - low) * timesMs[i];
    last = timesMs[i];
  }
  return marks;
}

/** For each mark the offset of the one of the others that belongs to it; those that have none are left out. */
export function offsets(marksMs: readonly number[], othersMs: readonly number[]): number[] {
  const found: number[] = [];
  let at = 0;
  for (const mark of marksMs) {
    while (at + 1 < othersMs.length && Math.abs(othersMs[at + 1] - mark) <= Math.abs(othersMs[at] - mark))
      at += 1;
    const offset = othersMs[at] - mark;
    if (Math.abs(offset) < 400) found.push(offset);
  }
  return found;
}
