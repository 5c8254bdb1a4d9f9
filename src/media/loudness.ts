/** Loudness of an instant is that of the 40 ms around it. */
const windowSeconds = 0.04;

/**
 * Loudness of mono sound at each frame, as `level` of renderPhones() takes it: a root mean square in [0, 1].
 * Frame i is the instant i / framesPerSecond.
 */
export function loudnessOf(
  pcm: Int16Array,
  sampleRate: number,
  framesPerSecond: number,
  frames: number,
): Float32Array {
  const half = Math.round((windowSeconds * sampleRate) / 2);
  return Float32Array.from({ length: frames }, (_, frame) => {
    const middle = Math.round((frame * sampleRate) / framesPerSecond);
    const [from, to] = [Math.max(0, middle - half), Math.min(pcm.length, middle + half)];
    let sum = 0;
    for (let i = from; i < to; i++) sum += (pcm[i] ?? 0) ** 2;
    return Math.sqrt(sum / Math.max(1, to - from)) / 32768;
  });
}
