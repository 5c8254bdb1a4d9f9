import type { Image, SKRSContext2D } from '@napi-rs/canvas';
import type { Placement } from '../geometry/pose.js';
import { faded, palette } from './palette.js';
import { glow, outline, stroke } from './path.js';

/** `transparent`, `studio` (the built-in calm backdrop), any CSS colour, or an image that covers the picture. */
export type Background = string | Image;

/** What lies behind the character. Drawn once. */
export function paintBackdrop(
  context: SKRSContext2D,
  background: Background,
  width: number,
  height: number,
): void {
  context.clearRect(0, 0, width, height);
  if (background === 'transparent') return;
  if (typeof background !== 'string') {
    // Where the image lets something through, the studio is seen.
    paintBackdrop(context, 'studio', width, height);
    const scale = Math.max(width / background.width, height / background.height);
    const [w, h] = [background.width * scale, background.height * scale];
    context.drawImage(background, (width - w) / 2, (height - h) / 2, w, h);
    return;
  }
  if (background !== 'studio') {
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
    return;
  }
  const reach = Math.hypot(width, height) * 0.62;
  const gradient = context.createRadialGradient(
    width / 2,
    height * 0.42,
    height * 0.05,
    width / 2,
    height * 0.42,
    reach,
  );
  gradient.addColorStop(0, palette.backdropGlow);
  gradient.addColorStop(0.5, palette.backdrop);
  gradient.addColorStop(1, palette.backdropEdge);
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  // Light through a window far behind: large soft discs.
  const discs = [
    [0.14, 0.3, 0.2, 0.34], [0.27, 0.74, 0.13, 0.22], [0.86, 0.24, 0.16, 0.3], [0.76, 0.66, 0.22, 0.24], [0.96, 0.82, 0.14, 0.2], [0.03, 0.9, 0.18, 0.2],
  ] as const; // prettier-ignore
  for (const [x, y, radius, opacity] of discs) {
    context.fillStyle = faded('#ffffff', opacity * 0.55);
    context.beginPath();
    context.arc(x * width, y * height, radius * height, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Shoulders and clothes. Drawn once, on a clear ground. */
export function paintBody(context: SKRSContext2D, placement: Placement): void {
  context.save();
  context.translate(placement.originX, placement.originY);
  context.scale(placement.scale, placement.scale);
  paintShoulders(context);
  paintNeckline(context);
  for (const side of [-1, 1]) paintLapel(context, side);
  context.restore();
}

function paintShoulders(context: SKRSContext2D): void {
  context.beginPath();
  context.moveTo(-62, 236);
  context.bezierCurveTo(-92, 262, -150, 270, -206, 292);
  context.bezierCurveTo(-258, 312, -282, 360, -296, 440);
  context.lineTo(296, 440);
  context.bezierCurveTo(282, 360, 258, 312, 206, 292);
  context.bezierCurveTo(150, 270, 92, 262, 62, 236);
  context.bezierCurveTo(40, 300, -40, 300, -62, 236);
  context.closePath();
  const cloth = context.createLinearGradient(0, 240, 0, 440);
  cloth.addColorStop(0, palette.jacketLight);
  cloth.addColorStop(0.45, palette.jacket);
  cloth.addColorStop(1, palette.jacketDark);
  context.fillStyle = cloth;
  context.fill();
  context.save();
  context.clip();
  for (const side of [-1, 1]) glow(context, { x: side * 186, y: 292 }, 96, '#8cc0c2', 0.4, 0.5);
  context.restore();
  // Sleeve seams.
  for (const side of [-1, 1]) {
    context.beginPath();
    context.moveTo(side * 214, 372);
    context.bezierCurveTo(side * 206, 396, side * 206, 416, side * 210, 440);
    stroke(context, faded(palette.jacketDark, 0.8), 3);
  }
}

function paintNeckline(context: SKRSContext2D): void {
  // Skin below the throat, then the knitted top over it.
  context.beginPath();
  context.moveTo(-58, 236);
  context.bezierCurveTo(-66, 262, -84, 276, -96, 286);
  context.lineTo(-60, 380);
  context.lineTo(60, 380);
  context.lineTo(96, 286);
  context.bezierCurveTo(84, 276, 66, 262, 58, 236);
  context.bezierCurveTo(56, 240, -56, 240, -58, 236);
  context.closePath();
  context.fillStyle = palette.skin;
  context.fill();
  glow(context, { x: 0, y: 262 }, 60, palette.skinShade, 0.5, 0.5);
  for (const side of [-1, 1]) {
    context.beginPath();
    context.moveTo(side * 12, 292);
    context.quadraticCurveTo(side * 34, 277, side * 74, 281);
    stroke(context, faded(palette.skinDeep, 0.38), 3);
  }
  context.beginPath();
  context.moveTo(-100, 288);
  context.bezierCurveTo(-66, 336, 66, 336, 100, 288);
  context.lineTo(72, 440);
  context.lineTo(-72, 440);
  context.closePath();
  const knit = context.createLinearGradient(0, 300, 0, 440);
  knit.addColorStop(0, palette.top);
  knit.addColorStop(1, palette.topShade);
  context.fillStyle = knit;
  context.fill();
  context.beginPath();
  context.moveTo(-100, 294);
  context.bezierCurveTo(-66, 343, 66, 343, 100, 294);
  stroke(context, faded(palette.topShade, 0.9), 3);
}

function paintLapel(context: SKRSContext2D, side: number): void {
  const at = (x: number, y: number): { x: number; y: number } => ({ x: side * x, y });
  // The collar behind the neck and the lapel that falls from it.
  const points = [
    at(60, 232),
    at(74, 244),
    at(102, 262),
    at(136, 288),
    at(148, 318),
    at(120, 332),
    at(104, 380),
    at(74, 452),
    at(44, 452),
    at(70, 372),
    at(86, 306),
    at(73, 264),
  ];
  outline(context, points);
  const cloth = context.createLinearGradient(side * 60, 260, side * 140, 420);
  cloth.addColorStop(0, palette.jacketLight);
  cloth.addColorStop(1, palette.jacket);
  context.fillStyle = cloth;
  context.fill();
  stroke(context, faded(palette.jacketDark, 0.75), 2);
}
