/**
 * A low-pass without delay: a Butterworth filter of second order run forwards and backwards, so
 * that a quarter of the power is left at `cutoff`. Ends are continued by their first and last value.
 *
 * @param cutoff in Hz, below half of `rate`.
 */
export function lowPass(values: Float64Array, rate: number, cutoff: number): Float64Array {
  return pass(pass(values, rate, cutoff).reverse(), rate, cutoff).reverse();
}

function pass(values: Float64Array, rate: number, cutoff: number): Float64Array {
  const k = Math.tan((Math.PI * cutoff) / rate);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const gain = k * k * norm;
  const [a1, a2] = [2 * (k * k - 1) * norm, (1 - Math.SQRT2 * k + k * k) * norm];
  const first = values[0] ?? 0;
  let [x1, x2, y1, y2] = [first, first, first, first];
  return values.map((x) => {
    const y = gain * (x + 2 * x1 + x2) - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  });
}
