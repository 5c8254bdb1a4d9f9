import type { FaceGeometry } from '../geometry/face.js';
import type { EyeShape } from '../geometry/eye.js';
import { faded, palette } from './palette.js';
import { band, between, brush, glow, line, stroke, type Context, type Fill } from './path.js';

export function paintNose(context: Context, { nose, scale }: FaceGeometry): void {
  for (const bridge of nose.bridge) brush(context, bridge, faded(palette.skinShade, 0.26), 6 * scale);
  glow(context, { x: nose.tip.x, y: nose.tip.y + 14 * scale }, 25 * scale, palette.skinDeep, 0.42, 0.62);
  glow(context, nose.tip, 15 * scale, '#fff3e4', 0.85, 0.85);
  for (const wing of nose.wings) brush(context, wing, faded(palette.skinLine, 0.75), 3 * scale);
  for (const nostril of nose.nostrils) {
    context.fillStyle = faded('#8e4a38', 0.8);
    context.beginPath();
    context.ellipse(nostril.x, nostril.y, 5 * scale, 2.3 * scale, 0, 0, 2 * Math.PI);
    context.fill();
  }
  brush(context, nose.under, faded(palette.skinLine, 0.55), 2.6 * scale);
  for (const { line: wrinkle, strength } of nose.wrinkles) {
    if (strength > 0) brush(context, wrinkle, faded(palette.skinLine, 0.7 * strength), 3 * scale);
  }
}

export function paintBrows(context: Context, { brows, scale }: FaceGeometry): void {
  for (const brow of brows) {
    band(context, brow.upper, brow.lower);
    context.fillStyle = faded(palette.brow, 0.92);
    context.fill();
    stroke(context, faded(palette.brow, 0.35), 1.6 * scale);
  }
}

export function paintEye(context: Context, eye: EyeShape, scale: number): void {
  brush(context, eye.bag, faded(palette.skinDeep, 0.8 * eye.bagStrength), 4 * scale);
  // The lid, seen between the open lid line and the lashes while it falls.
  band(context, eye.lidTop, eye.upperLid);
  context.fillStyle = faded(palette.skinShade, 0.5);
  context.fill();
  if (eye.opening > 0.02) paintBall(context, eye, scale);
  brush(context, eye.crease, faded(palette.skinLine, 0.75), 2.8 * scale);
  brush(context, eye.lowerLid, faded(palette.skinLine, 0.55), 2 * scale);
  paintLashes(context, eye, scale);
}

function paintBall(context: Context, eye: EyeShape, scale: number): void {
  const { iris, irisRadius } = eye;
  context.save();
  band(context, eye.upperLid, eye.lowerLid);
  context.fillStyle = palette.sclera;
  context.fill();
  context.clip();
  const body = context.createRadialGradient(
    iris.x,
    iris.y + irisRadius * 0.45,
    irisRadius * 0.1,
    iris.x,
    iris.y,
    irisRadius,
  );
  body.addColorStop(0, palette.irisLight);
  body.addColorStop(0.55, palette.iris);
  body.addColorStop(0.86, palette.iris);
  body.addColorStop(1, palette.irisRim);
  disc(context, iris.x, iris.y, irisRadius, body);
  disc(context, iris.x, iris.y, irisRadius * 0.46, palette.pupil);
  // The upper lid shades the ball.
  line(context, eye.upperLid);
  stroke(context, 'rgba(58, 42, 60, 0.2)', 13 * scale);
  disc(context, iris.x, iris.y - irisRadius * 0.42, irisRadius * 0.25, '#ffffff');
  disc(context, iris.x, iris.y + irisRadius * 0.5, irisRadius * 0.13, 'rgba(255, 255, 255, 0.55)');
  context.restore();
}

function disc(context: Context, x: number, y: number, radius: number, fill: Fill): void {
  context.fillStyle = fill;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function paintLashes(context: Context, eye: EyeShape, scale: number): void {
  const lid = eye.upperLid;
  const heavy = lid.map((p, i) => ({ x: p.x, y: p.y - scale * (0.8 + (3.6 * i) / lid.length) }));
  const [outer, wing] = eye.outerLash;
  band(context, heavy, lid);
  context.fillStyle = palette.lash;
  context.fill();
  stroke(context, palette.lash, 1.5 * scale);
  const start = heavy[heavy.length - 3];
  if (outer === undefined || wing === undefined || start === undefined) return;
  band(context, [start, between(start, wing, 0.62), wing], [lid[lid.length - 3] ?? outer, outer, wing]);
  context.fillStyle = palette.lash;
  context.fill();
}
