/** What the rows work on. All of it is made by formulas, so that every run works on the same. */

/** Something like speech: two tones whose loudness wanders, s16. */
export function speechLike(rate: number, seconds: number, voice = 0): Int16Array {
  const pcm = new Int16Array(Math.round(rate * seconds));
  const pitch = (2 * Math.PI * (120 + 17 * voice)) / rate;
  for (let i = 0; i < pcm.length; i++) {
    const loudness = Math.abs(Math.sin((i * 9.4) / rate + voice));
    pcm[i] = loudness * (9000 * Math.sin(pitch * i) + 3000 * Math.sin(9.7 * pitch * i + voice));
  }
  return pcm;
}

/**
 * Rows of 52 weights as a cloud sends them: two of five are zero, the others
 * have `digits` significant digits. Every seed gives other numbers.
 */
export function sparseFeatures(rows: number, digits: number, seed = 1): number[] {
  let state = (seed * 2654435761) >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: rows * 52 }, () => {
    // Two draws make a double of full length.
    const value = random() + random() / 2 ** 32;
    return random() < 0.4 ? 0 : Number(Math.min(1, value).toPrecision(digits));
  });
}
