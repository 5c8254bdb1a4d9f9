import { arkitIndex, weightCount, type ArkitName } from '../../src/frame.js';
import { judged, type JudgedSound, type Motion } from '../../src/score/motion.js';

/** A motion of `seconds` whose channels follow functions of time. */
export function motionOf(
  seconds: number,
  channels: Partial<Record<ArkitName, (time: number) => number>>,
  framesPerSecond = 100,
): Motion {
  const frames = Math.round(seconds * framesPerSecond) + 1;
  const rows = new Float32Array(frames * weightCount);
  for (const [name, at] of Object.entries(channels))
    for (let frame = 0; frame < frames; frame++)
      rows[frame * weightCount + arkitIndex[name as ArkitName]] = at(frame / framesPerSecond);
  return { framesPerSecond, rows };
}

/** `p:100 aa:200` as sounds one after the other, lengths in ms. */
export function soundsOf(text: string): JudgedSound[] {
  let start = 0;
  return judged(
    text.split(' ').map((part) => {
      const [symbol, ms] = part.split(':');
      const sound = { symbol, start, end: start + Number(ms) / 1000 };
      start = sound.end;
      return sound;
    }),
  );
}

/** 1 at `middle`, falling in a raised cosine to 0 at `reach` on both sides. */
export function bump(time: number, middle: number, reach: number): number {
  const away = Math.abs(time - middle) / reach;
  return away >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * away);
}
