/** Filter taps on each side of an output sample. */
const half = 24;

/** Polyphase filters by ratio; there are only as many as voices have rates. */
const filters = new Map<string, Float64Array[]>();

/**
 * Converts a whole clause to another rate: windowed-sinc polyphase filter,
 * output sample 0 at input sample 0, round(frames · to / from) samples out.
 */
export function resample(input: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return input;
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const phases = phaseFilters(up, down);
  const output = new Int16Array(Math.round((input.length * up) / down));
  for (let n = 0; n < output.length; n++) {
    const position = n * down;
    const taps = phases[position % up];
    if (taps === undefined) continue;
    const first = Math.floor(position / up) - half + 1;
    const begin = Math.max(0, -first);
    const end = Math.min(taps.length, input.length - first);
    let sum = 0;
    for (let k = begin; k < end; k++) sum += (taps[k] ?? 0) * (input[first + k] ?? 0);
    output[n] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return output;
}

function phaseFilters(up: number, down: number): Float64Array[] {
  const key = `${up}/${down}`;
  let phases = filters.get(key);
  if (phases === undefined) {
    // Just under the lower of the two band edges.
    const cutoff = 0.95 * Math.min(1, up / down);
    phases = Array.from({ length: up }, (_, phase) => {
      const taps = Float64Array.from({ length: 2 * half }, (_unused, k) => {
        const distance = k - half + 1 - phase / up;
        return cutoff * sinc(cutoff * distance) * window(distance / half);
      });
      const sum = taps.reduce((total, tap) => total + tap, 0);
      return taps.map((tap) => tap / sum);
    });
    filters.set(key, phases);
  }
  return phases;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Blackman window over [-1, 1]. */
function window(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
