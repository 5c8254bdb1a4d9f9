import { Duplex } from 'node:stream';

import { Backoff } from '../backoff.js';
import { MediaChild, type ChildExit } from '../child.js';
import { backgroundClock, IdleTimer, pause, systemClock, within, type Clock } from '../clock.js';
import { FacewireError, toFacewireError } from '../errors.js';
import { browserArguments, browserEnvironment } from './browser-arguments.js';
import { makeProfile, removeLeftProfiles, removeProfile } from './screen-profile.js';

export interface ScreenOptions {
  /** Path, or name in PATH, of a Chromium. */
  readonly browser: string;
  /** Of the page, with a slash at its end. */
  readonly url: string;
  /** After our own; see browserArguments(). */
  readonly arguments: readonly string[];
  /** Told of each browser that ended, hung or could not be started. */
  readonly onBroken?: (error: FacewireError) => void;
  /** Told when the page is there, at first and later. */
  readonly onShown?: () => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Gives numbers in [0, 1), for the time between two attempts. */
  readonly random?: () => number;
}

/** A page that was never there after that time counts as hung; a small box starts a browser slowly. */
const openMs = 60_000;
/** The same for a page that says nothing more; it does so each second. */
const silentMs = 15_000;
/** A page that was there for so long was well: the next wait is a short one again. */
const steadyMs = 60_000;
/** The browser has so long to end by itself, and so long in all. */
const patienceMs = 1000;
const endMs = 2000;

/**
 * A browser that shows the kiosk's page in full screen. One that ends is replaced, with growing waits of up to
 * 10 s, and so is one whose page does not say each second that frames arrive: it hangs, or shows something else.
 */
export class Screen {
  readonly #options: ScreenOptions;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #child: MediaChild | undefined;
  #watch: IdleTimer | undefined;
  /** Counts browsers; a page tells it, so that none speaks for another. */
  #run = 0;
  #hungMs: number | undefined;
  #shownAt: number | undefined;
  #breaks = 0;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? backgroundClock;
    this.#backoff = new Backoff(options.random ?? Math.random, 500);
  }

  /** Whether the page is shown. */
  get isUp(): boolean {
    return this.#shownAt !== undefined;
  }

  /** Browsers that ended, hung or could not be started. */
  get breaks(): number {
    return this.#breaks;
  }

  /** Returns at once. */
  start(): void {
    this.#running ??= this.#keepShown();
  }

  /** The page of the browser with this number says that frames arrive. */
  shown(run: string): void {
    if (this.#watch === undefined || run !== `${this.#run}`) return;
    if (this.#shownAt !== undefined) return this.#watch.restart();
    this.#expectWithin(silentMs);
    this.#shownAt = this.#clock.now();
    this.#options.onShown?.();
  }

  /** Ends the browser, and removes what it wrote; after 2 s by force. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    const clock = this.#options.clock ?? systemClock;
    const child = this.#child;
    if (child !== undefined) {
      // This asks it to end.
      for (const pipe of pipesOf(child)) pipe.destroy();
      if (!(await within(endMs, child.stop(patienceMs), clock))) child.kill();
    }
    await within(endMs, this.#running ?? Promise.resolve(), clock);
  }

  async #keepShown(): Promise<void> {
    const { signal } = this.#stop;
    await removeLeftProfiles();
    while (!signal.aborted) {
      const error = await this.#showOnce().catch(toFacewireError);
      if (signal.aborted) return;
      this.#breaks += 1;
      this.#options.onBroken?.(error);
      await pause(this.#clock, this.#backoff.next(), signal);
    }
  }

  /** Resolves with the reason when the page is not shown any more. */
  async #showOnce(): Promise<FacewireError> {
    const { browser, url, arguments: more } = this.#options;
    const profile = await makeProfile();
    try {
      if (this.#stop.signal.aborted) return new FacewireError('ERR_STATE', 'the screen is closed');
      this.#run += 1;
      const child = new MediaChild(browser, browserArguments(`${url}?screen=${this.#run}`, profile, more), {
        stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
        env: browserEnvironment(profile),
        family: true,
        ...(this.#options.clock !== undefined && { clock: this.#options.clock }),
      });
      this.#child = child;
      for (const pipe of pipesOf(child)) pipe.resume();
      this.#expectWithin(openMs);
      const exit = await child.exited;
      return this.#hungMs === undefined ? endOf(exit, child.tail) : silenceOf(this.#hungMs);
    } finally {
      this.#endRun();
      await removeProfile(profile);
    }
  }

  #expectWithin(ms: number): void {
    const child = this.#child;
    this.#watch?.stop();
    this.#watch = new IdleTimer(this.#clock, ms, () => {
      this.#hungMs = ms;
      child?.kill();
    });
  }

  #endRun(): void {
    if (this.#shownAt !== undefined && this.#clock.now() - this.#shownAt >= steadyMs) this.#backoff.reset();
    this.#watch?.stop();
    this.#watch = undefined;
    this.#child = undefined;
    this.#shownAt = undefined;
    this.#hungMs = undefined;
  }
}

/** The two pipes beside the usual three. Node makes none for a program that it has no file descriptors for. */
function pipesOf({ process }: MediaChild): Duplex[] {
  const stdio = process.stdio as unknown as readonly (Duplex | null | undefined)[] | undefined;
  return (stdio ?? []).slice(3).filter((pipe) => pipe instanceof Duplex);
}

function endOf({ code, signal, error }: ChildExit, tail: string): FacewireError {
  const how = error?.message ?? signal ?? `code ${code}`;
  // What it complains about first is rarely why it ended, and one that got a signal said nothing of it.
  const last = signal === null ? tail.split('\n').slice(-2).join(' · ') : '';
  const what = `the browser ended (${how})${last === '' ? '' : `: ${last}`}`;
  return new FacewireError('ERR_BROWSER_FAILED', what, {
    expected: 'a browser that shows the page',
    received: how,
  });
}

function silenceOf(ms: number): FacewireError {
  const what = `the page has said nothing for ${ms / 1000} s`;
  return new FacewireError('ERR_BROWSER_FAILED', what, {
    expected: 'a word each second, while frames arrive',
    received: 'nothing',
  });
}
