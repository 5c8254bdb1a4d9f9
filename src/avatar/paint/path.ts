import { mix, type Point } from '../geometry/point.js';
import { faded } from './palette.js';

export interface Gradient {
  addColorStop(place: number, colour: string): void;
}

/** A colour as `#rrggbb` or as faded() makes it, or a gradient of the same context. */
export type Fill = string | Gradient;

/** What the moving parts need of a canvas. Browsers have it, and drawing-list.ts notes it for the native drawer. */
export interface Context {
  get fillStyle(): unknown;
  set fillStyle(fill: Fill);
  get strokeStyle(): unknown;
  set strokeStyle(fill: Fill);
  lineWidth: number;
  lineCap: 'butt' | 'round' | 'square';
  lineJoin: 'bevel' | 'round' | 'miter';
  save(): void;
  restore(): void;
  translate(x: number, y: number): void;
  scale(x: number, y: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  ellipse(
    x: number,
    y: number,
    radiusX: number,
    radiusY: number,
    turn: number,
    from: number,
    to: number,
  ): void;
  closePath(): void;
  fill(): void;
  stroke(): void;
  clip(): void;
  createLinearGradient(x0: number, y0: number, x1: number, y1: number): Gradient;
  createRadialGradient(x0: number, y0: number, r0: number, x1: number, y1: number, r1: number): Gradient;
}

/** Continues the path through the points as one smooth curve (Catmull-Rom as Béziers). */
function curveOn(context: Context, points: readonly Point[], closed: boolean): void {
  const count = points.length;
  const at = (index: number): Point => {
    const wrapped = closed ? (index + count) % count : Math.min(count - 1, Math.max(0, index));
    return points[wrapped] ?? { x: 0, y: 0 };
  };
  for (let i = 0; i < (closed ? count : count - 1); i++) {
    const [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    context.bezierCurveTo(
      from.x + (to.x - before.x) / 6,
      from.y + (to.y - before.y) / 6,
      to.x - (after.x - from.x) / 6,
      to.y - (after.y - from.y) / 6,
      to.x,
      to.y,
    );
  }
}

/** Begins a closed smooth outline. */
export function outline(context: Context, points: readonly Point[]): void {
  const first = points[0];
  context.beginPath();
  if (first === undefined) return;
  context.moveTo(first.x, first.y);
  curveOn(context, points, true);
  context.closePath();
}

/** Begins an open smooth line. */
export function line(context: Context, points: readonly Point[]): void {
  const first = points[0];
  context.beginPath();
  if (first === undefined) return;
  context.moveTo(first.x, first.y);
  curveOn(context, points, false);
}

/** Begins the area between two lines that run in the same direction. */
export function band(context: Context, upper: readonly Point[], lower: readonly Point[]): void {
  line(context, upper);
  const back = [...lower].reverse();
  const first = back[0];
  if (first === undefined) return;
  context.lineTo(first.x, first.y);
  curveOn(context, back, false);
  context.closePath();
}

export function stroke(context: Context, colour: string, width: number): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

/** A stroke that swells in the middle and ends in points; `width` at its thickest. */
export function brush(context: Context, points: readonly Point[], colour: string, width: number): void {
  const edge = (sign: number): Point[] =>
    points.map((p, i) => {
      const before = points[Math.max(0, i - 1)] ?? p;
      const after = points[Math.min(points.length - 1, i + 1)] ?? p;
      const length = Math.hypot(after.x - before.x, after.y - before.y) || 1;
      const half = (sign * width * Math.sin((Math.PI * (i + 0.15)) / (points.length - 0.7))) / 2;
      return {
        x: p.x - ((after.y - before.y) / length) * half,
        y: p.y + ((after.x - before.x) / length) * half,
      };
    });
  band(context, edge(-1), edge(1));
  context.fillStyle = colour;
  context.fill();
}

/** A soft round spot that fades to nothing at `radius`. */
export function glow(
  context: Context,
  at: Point,
  radius: number,
  colour: string,
  opacity: number,
  flatness = 1,
): void {
  if (opacity <= 0.002 || radius <= 0) return;
  context.save();
  context.translate(at.x, at.y);
  context.scale(1, flatness);
  const gradient = context.createRadialGradient(0, 0, 0, 0, 0, radius);
  for (let step = 0; step <= 4; step++) {
    const share = step / 4;
    // A raised cosine: no edge to be seen.
    gradient.addColorStop(share, faded(colour, opacity * 0.5 * (1 + Math.cos(Math.PI * share))));
  }
  context.fillStyle = gradient;
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.fill();
  context.restore();
}

export function centreOf(points: readonly Point[]): Point {
  const sum = points.reduce((a, p) => ({ x: a.x + p.x, y: a.y + p.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

export function between(a: Point, b: Point, share: number): Point {
  return { x: mix(a.x, b.x, share), y: mix(a.y, b.y, share) };
}
