import type { Clock } from '../../src/clock.js';
import type { Heard, SoundEntry, Stage, StageRequest } from '../../src/server/interactive/stage.js';
import type { RenderedClause } from '../../src/server/render-clause.js';
import { commandSampleRate } from '../../src/wire/interactive/command-types.js';

/** A session shows its first picture after this many ms. */
const openMs = 500;
const clauseSampleRate = 24_000;

/**
 * A stage without pictures that takes as long as the real one would: whatever it
 * is given is heard in turn, at the speed of its clock. For rules of order and time.
 */
export class TimedStage implements Stage {
  readonly playAddress: string | undefined;
  readonly onLost = undefined;
  readonly #clock: Clock;
  readonly #line: Entry[] = [];

  private constructor(clock: Clock, { pushUrl, playHost, sessionId }: StageRequest) {
    this.#clock = clock;
    this.playAddress = pushUrl === undefined ? `rtmp://${playHost}:1935/live/${sessionId}` : undefined;
  }

  static async open(clock: Clock, request: StageRequest): Promise<TimedStage> {
    await new Promise<void>((resolve) => clock.after(openMs, resolve));
    return new TimedStage(clock, request);
  }

  speak({ pcm }: RenderedClause): Heard {
    const entry = this.#queue();
    entry.lengthen((1000 * pcm.length) / clauseSampleRate);
    entry.close();
    return entry;
  }

  sound(): SoundEntry {
    const entry = this.#queue();
    return {
      started: entry.started,
      finished: entry.finished,
      roomInMs: () => 0,
      push: (pcm) => entry.lengthen((500 * pcm.byteLength) / commandSampleRate),
      end: () => entry.close(),
    };
  }

  interrupt(): void {
    for (const entry of this.#line.splice(0)) entry.cut();
  }

  async close(): Promise<void> {
    this.interrupt();
  }

  #queue(): Entry {
    const entry = new Entry(this.#clock);
    this.#line.push(entry);
    void entry.finished.then(() => {
      const at = this.#line.indexOf(entry);
      if (at >= 0) this.#line.splice(at, 1);
      this.#line[0]?.begin();
    });
    if (this.#line.length === 1) entry.begin();
    return entry;
  }
}

/** Something that is heard: it may grow until it is closed. */
class Entry implements Heard {
  readonly started: Promise<boolean>;
  readonly finished: Promise<boolean>;
  readonly #clock: Clock;
  #start: (heard: boolean) => void = () => undefined;
  #finish: (heard: boolean) => void = () => undefined;
  #ms = 0;
  #endsAt: number | undefined;
  #isFirst = false;
  #isClosed = false;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.started = new Promise((resolve) => (this.#start = resolve));
    this.finished = new Promise((resolve) => (this.#finish = resolve));
  }

  lengthen(ms: number): void {
    this.#ms += ms;
    // What comes too late leaves a gap.
    if (this.#endsAt !== undefined) this.#endsAt = Math.max(this.#endsAt, this.#clock.now()) + ms;
    this.#update();
  }

  close(): void {
    this.#isClosed = true;
    this.#update();
  }

  begin(): void {
    this.#isFirst = true;
    this.#update();
  }

  cut(): void {
    this.#cancel();
    this.#start(false);
    this.#finish(false);
  }

  #update(): void {
    if (!this.#isFirst) return;
    if (this.#ms > 0) {
      this.#endsAt ??= this.#clock.now() + this.#ms;
      this.#start(true);
    }
    if (!this.#isClosed) return;
    this.#cancel();
    this.#cancel = this.#clock.after(Math.max(0, (this.#endsAt ?? 0) - this.#clock.now()), () => {
      this.#start(false);
      this.#finish(true);
    });
  }
}
