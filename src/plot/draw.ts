import type { CanvasModule } from '../avatar/canvas-loader.js';
import { missingLetters } from '../avatar/missing-letters.js';
import type { ArkitName } from '../frame.js';
import { closures } from '../score/lips.js';
import {
  aperture,
  closedAperture,
  curve,
  earliest,
  openAperture,
  weight,
  type JudgedSound,
} from '../score/motion.js';
import type { Timeline } from './timeline.js';

export interface PlotOptions {
  readonly title: string;
  /** Part of the timeline, in seconds. */
  readonly from: number;
  readonly to: number;
  /** Channels drawn below the aperture. */
  readonly channels: readonly ArkitName[];
}

/** How many p b m are in the picture, and how many of them are closed. */
export interface Plotted {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
  readonly closures: number;
  readonly closed: number;
  /** Letters of the title that no font here has. */
  readonly missingLetters: string;
}

const perSecond = 220;
const left = 64;
const right = 150;
const gap = 14;
const heights = { title: 34, audio: 90, phones: 44, aperture: 190, weights: 190, axis: 36 } as const;
const colours = {
  paper: '#ffffff',
  ink: '#1f2a30',
  faint: '#d9e0e3',
  sound: '#54707c',
  aperture: '#1463a5',
  closed: '#2f8f4e',
  missed: '#c9302c',
  demanded: 'rgba(201, 48, 44, 0.16)',
  silence: '#f1f3f4',
  bilabial: '#f4c7c3',
  labiodental: '#fbe0b5',
  vowel: '#d3e6f5',
  consonant: '#e8ecee',
} as const;
const lines = [
  '#1463a5',
  '#c9302c',
  '#7b3fa0',
  '#d98200',
  '#2f8f4e',
  '#0f8b8d',
  '#8a5a2b',
  '#555555',
] as const;

type Context = ReturnType<ReturnType<CanvasModule['createCanvas']>['getContext']>;

const titleFont = 'bold 16px sans-serif';

/** Most seconds that fit into one picture. */
export const mostSeconds = 60;

/** Draws sound, phones, aperture and weights above each other on one axis of time. */
export function drawPlot(canvas: CanvasModule, timeline: Timeline, options: PlotOptions): Plotted {
  const { from, to } = options;
  const width = left + Math.ceil((to - from) * perSecond) + right;
  const height = Object.values(heights).reduce((sum, part) => sum + part + gap, 0);
  const sheet = canvas.createCanvas(width, height);
  const context = sheet.getContext('2d');
  const plot = new Plot(context, timeline, options);
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height);
  let y = heights.title + gap;
  plot.title();
  plot.audio(y, heights.audio);
  y += heights.audio + gap;
  plot.phones(y, heights.phones);
  y += heights.phones + gap;
  const found = plot.aperture(y, heights.aperture);
  y += heights.aperture + gap;
  plot.weights(y, heights.weights);
  y += heights.weights;
  plot.axis(y, heights.title + gap);
  return { png: sheet.toBuffer('image/png'), width, height, missingLetters: plot.missingLetters(), ...found };
}

class Plot {
  readonly #context: Context;
  readonly #timeline: Timeline;
  readonly #options: PlotOptions;
  readonly #sounds: readonly JudgedSound[];

  constructor(context: Context, timeline: Timeline, options: PlotOptions) {
    this.#context = context;
    this.#timeline = timeline;
    this.#options = options;
    this.#sounds = timeline.sounds.filter(({ start, end }) => end > options.from && start < options.to);
  }

  #x(seconds: number): number {
    const { from, to } = this.#options;
    return left + (Math.min(to, Math.max(from, seconds)) - from) * perSecond;
  }

  title(): void {
    const context = this.#context;
    context.fillStyle = colours.ink;
    context.font = titleFont;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(
      this.#options.title,
      left,
      heights.title / 2 + 4,
      this.#x(this.#options.to) + right - left - 8,
    );
  }

  missingLetters(): string {
    this.#context.font = titleFont;
    return missingLetters(this.#context, this.#options.title);
  }

  /** Highest and lowest sample of every column of pixels. */
  audio(top: number, height: number): void {
    const { audio, sampleRate } = this.#timeline;
    const { from, to } = this.#options;
    const context = this.#context;
    this.#label('sound', top + height / 2);
    const loudest = audio.reduce((most, value) => Math.max(most, Math.abs(value)), 0.05);
    const middle = top + height / 2;
    context.fillStyle = colours.sound;
    const columns = Math.ceil((to - from) * perSecond);
    for (let column = 0; column < columns; column++) {
      const first = Math.floor((from + column / perSecond) * sampleRate);
      const last = Math.min(audio.length, Math.floor((from + (column + 1) / perSecond) * sampleRate));
      let [low, high] = [0, 0];
      for (let i = first; i < last; i++) {
        low = Math.min(low, audio[i] ?? 0);
        high = Math.max(high, audio[i] ?? 0);
      }
      const scale = height / 2 / loudest;
      context.fillRect(left + column, middle - high * scale, 1, Math.max(1, (high - low) * scale));
    }
  }

  phones(top: number, height: number): void {
    const context = this.#context;
    this.#label('phones', top + height / 2);
    context.font = '12px sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    this.#sounds.forEach((sound, index) => {
      const [x, end] = [this.#x(sound.start), this.#x(sound.end)];
      context.fillStyle = colourOf(sound);
      context.fillRect(x, top, end - x, height);
      context.strokeStyle = colours.paper;
      context.strokeRect(x, top, end - x, height);
      if (sound.silent) return;
      context.fillStyle = colours.ink;
      // Short ones stand close: two lines in turn keep their names apart.
      context.fillText(sound.symbol, (x + end) / 2, top + (index % 2 === 0 ? 0.3 : 0.72) * height);
    });
  }

  /** The aperture, with the time in which p b m must close and whether it did. */
  aperture(top: number, height: number): { closures: number; closed: number } {
    const { motion } = this.#timeline;
    const context = this.#context;
    const most = 0.6;
    const y = (value: number): number =>
      top + height * (1 - Math.min(most, Math.max(-0.1, value) + 0.1) / (most + 0.1));
    this.#frame(top, height, 'aperture', [0, 0.2, 0.4], (value) => y(value));
    const all = closures(motion, this.#timeline.sounds).each.filter(({ sound }) =>
      this.#sounds.includes(sound),
    );
    for (const { sound } of all) {
      context.fillStyle = colours.demanded;
      const x = this.#x(sound.start - earliest);
      context.fillRect(x, top, this.#x(sound.end) - x, height);
    }
    this.#level(y(closedAperture), colours.closed, `closed ${closedAperture}`);
    this.#level(y(openAperture), colours.faint, '');
    this.#line(curve(motion, aperture), y, colours.aperture);
    for (const { sound, closed } of all) {
      const x = this.#x((sound.start - earliest + sound.end) / 2);
      context.fillStyle = closed ? colours.closed : colours.missed;
      context.beginPath();
      context.arc(x, top + 9, 5, 0, 2 * Math.PI);
      context.fill();
    }
    const closed = all.filter((closure) => closure.closed).length;
    this.#note([`p b m: ${closed} of ${all.length}`, 'closed in time'], top + 14);
    return { closures: all.length, closed };
  }

  weights(top: number, height: number): void {
    const { motion } = this.#timeline;
    const context = this.#context;
    const y = (value: number): number => top + height * (1 - value);
    this.#frame(top, height, 'weights', [0, 0.5, 1], y);
    this.#options.channels.forEach((name, index) => {
      const colour = lines[index % lines.length] ?? colours.ink;
      this.#line(
        curve(motion, (of, frame) => weight(of, frame, name)),
        y,
        colour,
      );
      context.fillStyle = colour;
      context.font = '12px sans-serif';
      context.textAlign = 'left';
      context.textBaseline = 'middle';
      context.fillText(name, this.#x(this.#options.to) + 10, top + 10 + 17 * index);
    });
  }

  /** Seconds below everything, and a faint line upwards for each half. */
  axis(top: number, upTo: number): void {
    const { from, to } = this.#options;
    const context = this.#context;
    context.font = '12px sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'top';
    for (let tenth = Math.ceil(from * 10 - 1e-9); tenth <= to * 10 + 1e-9; tenth++) {
      const x = this.#x(tenth / 10);
      const isHalf = tenth % 5 === 0;
      context.fillStyle = colours.ink;
      context.fillRect(x, top, 1, isHalf ? 8 : 4);
      if (!isHalf) continue;
      context.fillText(`${(tenth / 10).toFixed(1)} s`, x, top + 11);
      context.fillStyle = 'rgba(31, 42, 48, 0.10)';
      context.fillRect(x, upTo, 1, top - upTo);
    }
  }

  #line(values: Float64Array, y: (value: number) => number, colour: string): void {
    const { from, to } = this.#options;
    const rate = this.#timeline.motion.framesPerSecond;
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    context.beginPath();
    for (let frame = Math.ceil(from * rate); frame <= Math.min(values.length - 1, to * rate); frame++) {
      const [x, height] = [this.#x(frame / rate), y(values[frame] ?? 0)];
      if (frame === Math.ceil(from * rate)) context.moveTo(x, height);
      else context.lineTo(x, height);
    }
    context.stroke();
    context.lineWidth = 1;
  }

  #frame(
    top: number,
    height: number,
    name: string,
    marks: readonly number[],
    y: (value: number) => number,
  ): void {
    const context = this.#context;
    const end = this.#x(this.#options.to);
    context.strokeStyle = colours.faint;
    context.strokeRect(left, top, end - left, height);
    context.font = '11px sans-serif';
    for (const mark of marks) {
      context.fillStyle = colours.faint;
      context.fillRect(left, y(mark), end - left, 1);
      context.fillStyle = colours.ink;
      context.textAlign = 'right';
      context.textBaseline = 'middle';
      context.fillText(`${mark}`, left - 5, y(mark));
    }
    context.save();
    context.translate(13, top + height / 2);
    context.rotate(-Math.PI / 2);
    context.font = '12px sans-serif';
    context.textAlign = 'center';
    context.fillText(name, 0, 0);
    context.restore();
  }

  #level(y: number, colour: string, name: string): void {
    const context = this.#context;
    const end = this.#x(this.#options.to);
    context.fillStyle = colour;
    context.fillRect(left, y, end - left, 1);
    context.font = '11px sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(name, end + 10, y);
  }

  #label(text: string, y: number): void {
    const context = this.#context;
    context.fillStyle = colours.ink;
    context.font = '12px sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(text, left - 8, y);
  }

  #note(rows: readonly string[], top: number): void {
    const context = this.#context;
    context.fillStyle = colours.ink;
    context.font = '12px sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    rows.forEach((row, index) => context.fillText(row, this.#x(this.#options.to) + 10, top + 16 * index));
  }
}

function colourOf(sound: JudgedSound): string {
  if (sound.silent) return colours.silence;
  if (sound.bilabial) return colours.bilabial;
  if (sound.labiodental) return colours.labiodental;
  return sound.vowel ? colours.vowel : colours.consonant;
}
