import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import { missingLetters, missingLettersWarning } from '../avatar/missing-letters.js';
import type { Box } from '../avatar/geometry/face.js';
import type { CanvasMaker } from '../avatar/still-layers.js';
import { cleanCaption, type Caption } from './caption.js';
import { breakLines, type Line } from './line-break.js';
import type { CaptionStyle } from './overlay-options.js';

/** Parts of the picture: what the lines may take of its width, and what stays free below them. */
const widest = 0.84;
const below = 0.06;
/** Lines that stand there at a time; more follow when their words are said. Without times of words there are more. */
const linesAtOnce = 2;
const linesAtMost = 4;
const lineHeight = 1.3;
const colours = { box: 'rgba(0, 0, 0, 0.6)', said: '#ffffff', unsaid: '#9aa3aa' } as const;
/** What `sans-serif` stands for has serifs on some machines. */
const fonts = '"Noto Sans", "DejaVu Sans", "Helvetica Neue", Arial, sans-serif';
/** Scripts from right to left; what is said of a line of theirs is not left of what is not. */
const fromRight = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
/** Texts whose letters were looked for in the fonts; the rest is not, so that nothing grows. */
const mostMissing = 64;

/**
 * Draws captions on a canvas, as a browser has one; again only when what they
 * show has changed. Lives in one thread.
 */
export class CaptionDrawing {
  /** What is drawn stands in its upper left corner. */
  readonly canvas: Canvas;
  readonly context: SKRSContext2D;
  readonly #width: number;
  readonly #height: number;
  readonly #letter: number;
  readonly #showsWords: boolean;
  readonly #warn: (message: string) => void;
  readonly #missing = new Set<string>();
  #text: string | undefined;
  #clean = '';
  #lines: Line[] = [];
  #key = '';
  #box: Box | undefined;

  constructor(
    maker: CanvasMaker,
    width: number,
    height: number,
    style: CaptionStyle,
    warn: (message: string) => void,
  ) {
    this.#width = width;
    this.#height = height;
    this.#warn = warn;
    this.#showsWords = style.highlight !== 'none';
    this.#letter = Math.max(8, Math.round((style.size ?? 0.05) * height));
    const padding = this.#letter;
    this.canvas = maker.createCanvas(
      evenBelow(Math.min(width, widest * width + padding)),
      evenBelow(Math.min(height, (linesAtMost * lineHeight + 0.5) * this.#letter)),
    );
    this.context = this.canvas.getContext('2d');
    this.context.font = `600 ${this.#letter}px ${style.font ?? fonts}`;
    this.context.textBaseline = 'middle';
  }

  /** Where in the picture what was drawn belongs, in even numbers of pixels; the same object as long as nothing changes. */
  paint(caption: Caption | undefined): Box | undefined {
    if (caption === undefined) {
      this.#key = '';
      return (this.#box = undefined);
    }
    if (caption.text !== this.#text) this.#layOut(caption.text);
    const page = this.#pageOf(caption.said ?? 0);
    const count = caption.said === undefined ? linesAtMost : linesAtOnce;
    const lines = this.#lines.slice(page, page + count);
    const first = lines[0];
    const last = lines.at(-1);
    if (first === undefined || last === undefined) {
      this.#key = '';
      return (this.#box = undefined);
    }
    const known = this.#showsWords ? (caption.said ?? last.end) : last.end;
    const said = Math.min(Math.max(known, first.start), last.end);
    const key = `${page} ${lines.length} ${said} ${caption.text}`;
    if (key !== this.#key) this.#box = this.#draw(lines, said);
    this.#key = key;
    return this.#box;
  }

  #layOut(text: string): void {
    this.#text = text;
    this.#clean = cleanCaption(text);
    this.#lines = breakLines(
      this.#clean,
      widest * this.#width,
      (piece) => this.context.measureText(piece).width,
    );
    if (this.#missing.size >= mostMissing) return;
    const letters = [...missingLetters(this.context, this.#clean)].filter(
      (letter) => !this.#missing.has(letter),
    );
    if (letters.length === 0) return;
    if (this.#missing.size === 0) this.#warn(missingLettersWarning(letters.join(''), 'subtitles show'));
    for (const letter of letters) this.#missing.add(letter);
  }

  /** Number of the first line that is shown: those lines in which the last word that began stands. */
  #pageOf(said: number): number {
    const line = this.#lines.findLastIndex(({ start }) => start < said);
    return linesAtOnce * Math.floor(Math.max(0, line) / linesAtOnce);
  }

  #draw(lines: readonly Line[], said: number): Box {
    const context = this.context;
    const strip = this.canvas;
    const texts = lines.map(({ start, end }) => this.#clean.slice(start, end));
    const widths = texts.map((text) => context.measureText(text).width);
    const padding = this.#letter / 2;
    const box = {
      width: Math.min(strip.width, evenBelow(Math.max(...widths) + 2 * padding + 1)),
      height: Math.min(strip.height, evenBelow((lines.length * lineHeight + 0.4) * this.#letter + 1)),
    };
    context.clearRect(0, 0, strip.width, strip.height);
    context.fillStyle = colours.box;
    context.beginPath();
    context.roundRect(0, 0, box.width, box.height, this.#letter / 4);
    context.fill();
    lines.forEach((line, i) => {
      const x = (box.width - widths[i]) / 2;
      const y = (0.2 + (i + 0.5) * lineHeight) * this.#letter;
      const part = Math.min(Math.max(said - line.start, 0), texts[i].length);
      this.#write(texts[i], fromRight.test(texts[i]) ? texts[i].length : part, x, y, widths[i]);
    });
    return {
      ...box,
      x: evenBelow((this.#width - box.width) / 2),
      y: evenBelow((1 - below) * this.#height) - box.height,
    };
  }

  /** The whole line dimmed, and over it the part that was said. */
  #write(text: string, said: number, x: number, y: number, width: number): void {
    const context = this.context;
    const put = (colour: string, from: number, to: number): void => {
      context.save();
      context.beginPath();
      context.rect(x + from, y - this.#letter, to - from, 2 * this.#letter);
      context.clip();
      context.fillStyle = colour;
      context.fillText(text, x, y);
      context.restore();
    };
    const edge = said === text.length ? width : context.measureText(text.slice(0, said)).width;
    if (edge < width) put(colours.unsaid, edge, width + this.#letter);
    if (edge > 0) put(colours.said, -this.#letter, said === text.length ? width + this.#letter : edge);
  }
}

/** The even number below. */
function evenBelow(value: number): number {
  return 2 * Math.floor(value / 2);
}
