import type { FacewireError } from '../../../src/errors.js';
import type { Heard, SoundEntry, Stage, StageRequest } from '../../../src/server/interactive/stage.js';
import type { RenderedClause } from '../../../src/server/render-clause.js';
import { ticksPerSecond, type SpokenClause, type Voice } from '../../../src/voice/voice.js';

/** One thing that was given to the stage; the test says when it is heard. */
export class Entry implements Heard {
  readonly started: Promise<boolean>;
  readonly finished: Promise<boolean>;
  isCut = false;
  #start: (heard: boolean) => void = () => undefined;
  #finish: (heard: boolean) => void = () => undefined;

  constructor(readonly clause: RenderedClause | undefined) {
    this.started = new Promise((resolve) => (this.#start = resolve));
    this.finished = new Promise((resolve) => (this.#finish = resolve));
  }

  start(): void {
    this.#start(true);
  }

  finish(): void {
    this.#start(true);
    this.#finish(true);
  }

  cut(): void {
    this.isCut = true;
    this.#start(false);
    this.#finish(false);
  }
}

export class FakeSound extends Entry implements SoundEntry {
  readonly packets: Uint8Array[] = [];
  ended = false;
  /** Milliseconds of sound that are too many; below 0 there is room. */
  overfull = Number.NEGATIVE_INFINITY;

  constructor() {
    super(undefined);
  }

  roomInMs(samples: number): number {
    return Math.max(0, this.overfull + samples / 16);
  }

  push(pcm: Uint8Array): void {
    this.packets.push(pcm);
  }

  end(): void {
    this.ended = true;
  }
}

/** A stage without pictures, for the order of things alone. */
export class FakeStage implements Stage {
  readonly playAddress: string | undefined;
  readonly entries: Entry[] = [];
  readonly sounds: FakeSound[] = [];
  onLost: ((error: FacewireError) => void) | undefined;
  closed = false;
  #wake: (() => void)[] = [];

  constructor(readonly request: StageRequest) {
    this.playAddress =
      request.pushUrl === undefined ? `rtmp://${request.playHost}/live/${request.sessionId}` : undefined;
  }

  speak(clause: RenderedClause): Entry {
    if (this.closed) throw new Error('spoke on a closed stage');
    const entry = new Entry(clause);
    this.entries.push(entry);
    for (const wake of this.#wake.splice(0)) wake();
    return entry;
  }

  sound(): FakeSound {
    const sound = new FakeSound();
    this.sounds.push(sound);
    return sound;
  }

  interrupt(): void {
    for (const entry of [...this.entries, ...this.sounds]) entry.cut();
  }

  close(): Promise<void> {
    this.interrupt();
    this.closed = true;
    return Promise.resolve();
  }

  /** The entry of this number, from 0, as soon as it is there. */
  async entry(index: number): Promise<Entry> {
    for (;;) {
      const entry = this.entries[index];
      if (entry !== undefined) return entry;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}

/** A voice that needs no process and takes as long as its text has characters. */
export const fakeVoice: Voice = {
  name: 'fake',
  languages: ['en'],
  canSpeak: () => true,
  synthesize(text: string): Promise<SpokenClause> {
    const samples = 160 * Math.max(1, text.length);
    const endTicks = (samples * ticksPerSecond) / 16_000;
    return Promise.resolve({
      pcm: new Int16Array(samples).fill(1000),
      sampleRate: 16_000,
      alphabet: 'arpabet',
      phones: [{ symbol: 'aa', startTicks: 0, endTicks }],
      words: [],
    });
  },
  close: () => Promise.resolve(),
};
