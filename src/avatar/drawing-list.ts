import { FacewireError } from '../errors.js';
import type { Context, Fill, Gradient } from './paint/path.js';

/** Steps of a list; see native/include/facewire/drawer.h. */
const step = { begin: 0, move: 1, line: 2, curve: 3, close: 4, fill: 5, stroke: 6, clip: 7, unclip: 8, overlay: 9 } as const; // prettier-ignore
const paintKind = { plain: 0, linear: 1, radial: 2 } as const;

type Colour = readonly [red: number, green: number, blue: number, opacity: number];

interface State {
  readonly fillStyle: Fill;
  readonly strokeStyle: Fill;
  readonly lineWidth: number;
  readonly x: number;
  readonly y: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly clips: number;
}

/** Handle length of the four curves that make a circle of radius 1. */
const arcHandle = 0.5519150244935106;

/**
 * A drawing context that notes what it is told as numbers, which the native
 * drawer reads. It knows what the face needs of a canvas: no more.
 */
export class DrawingList implements Context {
  fillStyle: Fill = '#000000';
  strokeStyle: Fill = '#000000';
  lineWidth = 1;
  /** Always round. */
  lineCap = 'round' as const;
  lineJoin = 'round' as const;
  #numbers = new Float32Array(16_384);
  #count = 0;
  #x = 0;
  #y = 0;
  #scaleX = 1;
  #scaleY = 1;
  #clips = 0;
  readonly #saved: State[] = [];

  /** What was noted since the last clear(); valid until the next call. */
  get numbers(): Float32Array {
    return this.#numbers;
  }
  /** How many of `numbers` count. */
  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Puts the still layer over what was drawn so far. */
  overlay(): void {
    this.#note(step.overlay);
  }

  save(): void {
    this.#saved.push({
      fillStyle: this.fillStyle,
      strokeStyle: this.strokeStyle,
      lineWidth: this.lineWidth,
      x: this.#x,
      y: this.#y,
      scaleX: this.#scaleX,
      scaleY: this.#scaleY,
      clips: this.#clips,
    });
  }

  restore(): void {
    const saved = this.#saved.pop();
    if (saved === undefined) return;
    this.fillStyle = saved.fillStyle;
    this.strokeStyle = saved.strokeStyle;
    this.lineWidth = saved.lineWidth;
    this.#x = saved.x;
    this.#y = saved.y;
    this.#scaleX = saved.scaleX;
    this.#scaleY = saved.scaleY;
    for (; this.#clips > saved.clips; this.#clips--) this.#note(step.unclip);
  }

  translate(x: number, y: number): void {
    this.#x += x * this.#scaleX;
    this.#y += y * this.#scaleY;
  }

  scale(x: number, y: number): void {
    this.#scaleX *= x;
    this.#scaleY *= y;
  }

  beginPath(): void {
    this.#note(step.begin);
  }

  moveTo(x: number, y: number): void {
    this.#note(step.move);
    this.#point(x, y);
  }

  lineTo(x: number, y: number): void {
    this.#note(step.line);
    this.#point(x, y);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.#note(step.curve);
    this.#point(x1, y1);
    this.#point(x2, y2);
    this.#point(x, y);
  }

  closePath(): void {
    this.#note(step.close);
  }

  /** A whole ellipse along the axes. */
  ellipse(x: number, y: number, radiusX: number, radiusY: number): void {
    const [h, v] = [radiusX * arcHandle, radiusY * arcHandle];
    this.moveTo(x + radiusX, y);
    this.bezierCurveTo(x + radiusX, y + v, x + h, y + radiusY, x, y + radiusY);
    this.bezierCurveTo(x - h, y + radiusY, x - radiusX, y + v, x - radiusX, y);
    this.bezierCurveTo(x - radiusX, y - v, x - h, y - radiusY, x, y - radiusY);
    this.bezierCurveTo(x + h, y - radiusY, x + radiusX, y - v, x + radiusX, y);
    this.closePath();
  }

  /** A whole circle. */
  arc(x: number, y: number, radius: number): void {
    this.ellipse(x, y, radius, radius);
  }

  createLinearGradient(x0: number, y0: number, x1: number, y1: number): Gradient {
    return new NotedGradient([x0, y0, x1, y1]);
  }

  createRadialGradient(x0: number, y0: number, r0: number, x1: number, y1: number, r1: number): Gradient {
    return new NotedGradient([x0, y0, r0, x1, y1, r1]);
  }

  fill(): void {
    this.#note(step.fill);
    this.#paint(this.fillStyle);
  }

  stroke(): void {
    this.#note(step.stroke);
    this.#note(this.lineWidth * Math.sqrt(this.#scaleX * this.#scaleY));
    this.#paint(this.strokeStyle);
  }

  clip(): void {
    this.#note(step.clip);
    this.#clips++;
  }

  #point(x: number, y: number): void {
    this.#note(x * this.#scaleX + this.#x);
    this.#note(y * this.#scaleY + this.#y);
  }

  #paint(fill: Fill): void {
    if (typeof fill === 'string') {
      this.#note(paintKind.plain);
      this.#colour(colourOf(fill));
      return;
    }
    if (!(fill instanceof NotedGradient))
      throw new FacewireError('ERR_INTERNAL', 'a gradient of another context was drawn with');
    const { places, stops } = fill;
    if (places.length === 4) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = places;
      this.#note(paintKind.linear);
      this.#point(x0, y0);
      this.#point(x1, y1);
    } else {
      this.#note(paintKind.radial);
      this.#note(this.#x);
      this.#note(this.#y);
      this.#note(1 / this.#scaleX);
      this.#note(1 / this.#scaleY);
      for (const place of places) this.#note(place);
    }
    this.#note(stops.length);
    for (const { place, colour } of stops) {
      this.#note(place);
      this.#colour(colour);
    }
  }

  #colour([red, green, blue, opacity]: Colour): void {
    this.#note(red);
    this.#note(green);
    this.#note(blue);
    this.#note(opacity);
  }

  #note(value: number): void {
    if (this.#count === this.#numbers.length) {
      const longer = new Float32Array(2 * this.#numbers.length);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#count++] = value;
  }
}

class NotedGradient implements Gradient {
  readonly stops: { readonly place: number; readonly colour: Colour }[] = [];
  constructor(readonly places: readonly number[]) {}
  addColorStop(place: number, colour: string): void {
    this.stops.push({ place, colour: colourOf(colour) });
  }
}

const known = new Map<string, Colour>();

/** `#rrggbb` or what faded() of palette.ts makes. */
function colourOf(text: string): Colour {
  if (text.startsWith('#')) {
    let colour = known.get(text);
    if (colour === undefined) {
      const value = Number.parseInt(text.slice(1), 16);
      colour = [value >> 16, (value >> 8) & 255, value & 255, 1];
      known.set(text, colour);
    }
    return colour;
  }
  const [red = 0, green = 0, blue = 0, opacity = 1] = text
    .slice(text.indexOf('(') + 1, -1)
    .split(',')
    .map(Number);
  return [red, green, blue, opacity];
}
