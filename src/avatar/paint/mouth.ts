import type { FaceGeometry } from '../geometry/face.js';
import type { MouthShape } from '../geometry/mouth.js';
import type { Point } from '../geometry/point.js';
import { faded, palette } from './palette.js';
import { band, brush, centreOf, glow, line, outline, stroke, type Context } from './path.js';

/** Openings below this (design pixels) are closed lips: only the seam shows. */
const seamBelow = 0.35;

export function paintMouth(context: Context, { mouth, scale }: FaceGeometry): void {
  for (const dent of mouth.dents) {
    const { x, y } = dent.at;
    glow(
      context,
      { x: x + dent.side * 2 * scale, y },
      13 * scale,
      palette.skinDeep,
      0.25 + 0.6 * dent.strength,
      1.1,
    );
  }
  if (mouth.opening > seamBelow) paintInside(context, mouth, scale);
  paintLips(context, mouth, scale);
  if (mouth.tongueTip.length > 0) paintTongueTip(context, mouth, scale);
}

function paintInside(context: Context, mouth: MouthShape, scale: number): void {
  context.save();
  band(context, mouth.innerTop, mouth.innerBottom);
  context.fillStyle = palette.cavity;
  context.fill();
  context.clip();
  outline(context, mouth.tongue);
  context.fillStyle = palette.tongue;
  context.fill();
  const groove = mouth.tongue[3];
  const top = centreOf(mouth.tongue);
  if (groove !== undefined) {
    line(context, [groove, { x: top.x, y: top.y + 14 * scale }]);
    stroke(context, palette.tongueLine, 2 * scale);
  }
  paintTeeth(context, mouth.lowerTeeth, palette.teethShade, scale);
  paintTeeth(context, mouth.upperTeeth, palette.teeth, scale);
  // The upper lip shades the teeth a little.
  line(context, mouth.innerTop);
  stroke(context, faded(palette.cavityDeep, 0.28), 4 * scale);
  context.restore();
}

function paintTeeth(context: Context, points: readonly Point[], colour: string, scale: number): void {
  const edge = points.slice(0, -2);
  context.beginPath();
  points.forEach((p, i) => {
    if (i === 0) context.moveTo(p.x, p.y);
    else context.lineTo(p.x, p.y);
  });
  context.closePath();
  context.fillStyle = colour;
  context.fill();
  line(context, edge);
  stroke(context, faded('#8b8794', 0.4), 1.1 * scale);
}

function paintLips(context: Context, mouth: MouthShape, scale: number): void {
  const closed = mouth.opening <= seamBelow;
  band(context, mouth.outerTop, mouth.innerTop);
  context.fillStyle = palette.lipUpper;
  context.fill();
  stroke(context, palette.lipUpper, 0.8 * scale);
  band(context, mouth.innerBottom, mouth.outerBottom);
  context.fillStyle = palette.lipLower;
  context.fill();
  stroke(context, palette.lipLower, 0.8 * scale);
  context.save();
  band(context, mouth.innerBottom, mouth.outerBottom);
  context.clip();
  glow(context, mouth.lipLight, 24 * scale, palette.lipLight, 0.8, 0.3);
  context.restore();
  if (closed) brush(context, mouth.innerTop, palette.lipLine, 2.8 * scale);
}

function paintTongueTip(context: Context, mouth: MouthShape, scale: number): void {
  outline(context, mouth.tongueTip);
  context.fillStyle = palette.tongueLight;
  context.fill();
  stroke(context, palette.tongue, 1.6 * scale);
  brush(context, mouth.tongueGroove, palette.tongueLine, 2.6 * scale);
  line(context, mouth.tongueGroove);
  stroke(context, palette.tongueLine, 1.6 * scale);
}
