import { arkitIndex, weightCount } from '../frame.js';
import { lowPass } from './filter.js';
import { gridRate } from './lag.js';
import { frameCount, type Motion } from './motion.js';

/** Every picture as it was `seconds` before; what was before the first is the first. Negative is early. */
export function delayed(motion: Motion, seconds: number): Motion {
  return atTimes(motion, (time) => time - seconds);
}

export function reversed(motion: Motion): Motion {
  const end = (frameCount(motion) - 1) / motion.framesPerSecond;
  return atTimes(motion, (time) => end - time);
}

/** What a player does that holds rows of 25 a second until the next one. */
export function held(motion: Motion, rowsPerSecond = 25): Motion {
  return atTimes(motion, (time) => Math.floor(time * rowsPerSecond + 1e-6) / rowsPerSecond);
}

/** All weights through a low-pass, as by somebody who wants it smooth. */
export function smoothed(motion: Motion, cutoff = 3): Motion {
  const frames = frameCount(motion);
  const rows = new Float32Array(motion.rows.length);
  for (let column = 0; column < weightCount; column++) {
    const values = Float64Array.from(
      { length: frames },
      (_, i) => motion.rows[i * weightCount + column] ?? 0,
    );
    lowPass(values, motion.framesPerSecond, cutoff).forEach((value, i) => {
      rows[i * weightCount + column] = Math.min(1, Math.max(0, value));
    });
  }
  return { ...motion, rows };
}

/** A jaw that knows nothing but how loud it is: 0 at 40 dB below the loudest, 0.5 at the loudest. */
export function loudnessJaw(level: Float64Array, framesPerSecond: number, frames: number): Motion {
  const rows = new Float32Array(frames * weightCount);
  const calm = lowPass(level, gridRate, 10);
  for (let frame = 0; frame < frames; frame++) {
    const place = Math.min(calm.length - 1, Math.round((frame * gridRate) / framesPerSecond));
    const loudness = Math.max(0, 1 + (calm[place] ?? -100) / 40);
    rows[frame * weightCount + arkitIndex.jawOpen] = Math.min(0.5, 0.5 * loudness);
  }
  return { framesPerSecond, rows };
}

function atTimes(motion: Motion, from: (seconds: number) => number): Motion {
  const frames = frameCount(motion);
  const rows = new Float32Array(motion.rows.length);
  for (let frame = 0; frame < frames; frame++) {
    const wanted = from(frame / motion.framesPerSecond) * motion.framesPerSecond;
    const place = Math.min(frames - 1, Math.max(0, wanted));
    const base = Math.floor(place);
    const t = place - base;
    for (let column = 0; column < weightCount; column++) {
      const here = motion.rows[base * weightCount + column] ?? 0;
      const next = motion.rows[Math.min(frames - 1, base + 1) * weightCount + column] ?? 0;
      rows[frame * weightCount + column] = here + t * (next - here);
    }
  }
  return { ...motion, rows };
}
