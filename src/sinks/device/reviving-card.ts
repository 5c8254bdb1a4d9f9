import { backgroundClock, pause, systemClock, within, type Clock } from '../../clock.js';
import { FacewireError, toFacewireError } from '../../errors.js';
import type { OutputFormat, Sink, SinkReport, SoundClock, Span } from '../sink.js';
import { RecentSound } from './recent-sound.js';
import { SilentCard } from './silent-card.js';

export interface RevivingCardOptions<Card extends Sink> {
  /** Makes a card that was never opened, also for the second time. Once it is open it must be a clock. */
  readonly make: () => Card;
  /** Wait before the first attempt to open another one, in ms; each further one is twice as long. Default 250. */
  readonly firstMs?: number;
  /** Longest wait, in ms. Default 2000. */
  readonly mostMs?: number;
  /** Told of each failure of a card that was open, and of each attempt that failed. */
  readonly onBroken?: (error: FacewireError) => void;
  readonly onBack?: () => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Who does not open or close in that time is left behind, in ms. */
const openMs = 20_000;
const closeMs = 5000;
/** The same for the first card: others wait for it. Less than a player waits for its clock. */
const firstOpenMs = 5000;
/** close() waits so long for another card that is just being opened, in ms. */
const stopMs = 1000;

/**
 * A sound card that is made anew when it breaks for good: its process was
 * killed, or its sound system hangs. Meanwhile time passes silently, so that
 * everything that follows the card stays in step; samples go on from card to card.
 */
export class RevivingCard<Card extends Sink = Sink> implements Sink, SoundClock {
  readonly name = 'device';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #options: RevivingCardOptions<Card>;
  readonly #clock: Clock;
  /** As the clock, and what waits for it keeps the process alive. */
  readonly #patience: Clock;
  readonly #stop = new AbortController();
  #format: OutputFormat | undefined;
  #card: Card | undefined;
  /** What plays now, and which of our samples its first one is. */
  #playing: SoundClock | undefined;
  #base = 0;
  #heard = 0;
  /** What was given and not heard, for the card that comes. */
  readonly #unheard = new RecentSound();
  #spans = 0;
  #breaks = 0;
  #reviving: Promise<void> | undefined;
  #closing: Promise<SinkReport> | undefined;

  constructor(options: RevivingCardOptions<Card>) {
    this.#options = options;
    this.#clock = options.clock ?? backgroundClock;
    this.#patience = options.clock ?? systemClock;
    // Bad options are told now, not when the card breaks.
    this.#card = options.make();
  }

  /** Whether a card is open. */
  get isUp(): boolean {
    return this.#card !== undefined;
  }

  /** The card in use, if there is one. */
  get inner(): Card | undefined {
    return this.#card;
  }

  /** Times that a card broke or could not be opened anew. */
  get breaks(): number {
    return this.#breaks;
  }

  get clock(): SoundClock {
    return this;
  }

  get next(): number {
    return this.#base + (this.#playing?.next ?? 0);
  }

  get heard(): number {
    this.#heard = Math.max(this.#heard, this.#base + (this.#playing?.heard ?? 0));
    return this.#heard;
  }

  get room(): number {
    return this.#playing?.room ?? 0;
  }

  get silenceRoom(): number {
    return this.#playing?.silenceRoom ?? 0;
  }

  /** Undefined while a card plays that cannot take back what it was given. */
  get cut(): (() => number) | undefined {
    return this.#playing?.cut === undefined ? undefined : this.#cut;
  }

  /** Rejects when the first card cannot be opened. One that takes more than 5 s counts as broken: time goes on silently. */
  async open(format: OutputFormat): Promise<void> {
    if (this.#format !== undefined) throw new FacewireError('ERR_STATE', 'the device was opened before');
    this.#format = format;
    const card = this.#card!;
    this.#watch(card);
    const opening = card.open(format);
    const isInTime = await this.#within(firstOpenMs, opening);
    if (isInTime) await opening;
    if (this.#closing !== undefined) throw new FacewireError('ERR_STATE', 'the device was closed');
    if (isInTime) {
      this.#playing = playerOf(card);
      return;
    }
    closeWhenOpen(card, opening);
    this.#reviving = this.#revive(card, notOpenIn(firstOpenMs));
  }

  play(audio: Float32Array, flows: boolean): void {
    if (this.#playing === undefined) return;
    this.#unheard.dropBefore(this.heard);
    this.#unheard.append(this.next, audio);
    this.#playing.play(audio, flows);
  }

  /** Takes what no player feeds to a clock. */
  write(span: Span): void {
    this.#spans += 1;
    this.play(span.audio, true);
  }

  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #cut = (): number => {
    // Its ramp is the card's own.
    this.#unheard.clear();
    return this.#base + (this.#playing?.cut?.() ?? 0);
  };

  async #close(): Promise<SinkReport> {
    this.#stop.abort();
    // A sound system that hangs is not waited for; what opens later is closed then.
    await this.#within(stopMs, this.#reviving ?? Promise.resolve());
    const last = await this.#card?.close();
    return {
      name: this.name,
      videoFrames: last?.videoFrames ?? this.#spans,
      audioFrames: this.next,
      repeatedFrames: 0,
      bytes: 2 * this.next,
    };
  }

  #watch(card: Card): void {
    card.onError = (error) => {
      // While it opens, open() itself fails.
      if (card !== this.#card || this.#playing === undefined || this.#closing !== undefined) return;
      this.#reviving = this.#revive(card, error);
    };
  }

  async #revive(broken: Card, error: FacewireError): Promise<void> {
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format!;
    // Frames go out when all of their sound is given. What waits is heard by the card that comes.
    const depth = Math.ceil((2 * sampleRate * frameRateDenominator) / frameRateNumerator);
    const silent = new SilentCard(sampleRate, this.heard, this.next, depth, () => this.#clock.now());
    this.#playing = silent;
    this.#base = 0;
    this.#card = undefined;
    this.#note(error);
    await this.#within(closeMs, broken.close());
    const { firstMs = 250, mostMs = 2000, make, onBack } = this.#options;
    const { signal } = this.#stop;
    for (let wait = firstMs; ; wait = Math.min(mostMs, 2 * wait)) {
      await pause(this.#clock, wait, signal);
      if (signal.aborted) return;
      const card = make();
      try {
        await this.#openInTime(card);
      } catch (thrown) {
        this.#note(toFacewireError(thrown));
        void this.#within(closeMs, card.close());
        continue;
      }
      if (signal.aborted) return void (await this.#within(closeMs, card.close()));
      this.#watch(card);
      this.#playOn(card);
      onBack?.();
      return;
    }
  }

  /** From the sample that time has reached. */
  #playOn(card: Card): void {
    const { heard, next } = this;
    const rest = new Float32Array(Math.max(0, next - heard));
    this.#unheard.copy(heard, rest);
    this.#card = card;
    this.#playing = playerOf(card);
    this.#base = heard - this.#playing.next;
    if (rest.length > 0) this.#playing.play(rest, true);
  }

  async #openInTime(card: Card): Promise<void> {
    const opening = card.open(this.#format!);
    if (!(await this.#within(openMs, opening))) {
      closeWhenOpen(card, opening);
      throw notOpenIn(openMs);
    }
    await opening;
  }

  #within(ms: number, work: Promise<unknown>): Promise<boolean> {
    return within(ms, work, this.#patience);
  }

  #note(error: FacewireError): void {
    this.#breaks += 1;
    this.#options.onBroken?.(error);
  }
}

function playerOf(card: Sink): SoundClock {
  if (card.clock === undefined) throw new FacewireError('ERR_STATE', 'the device is not its own clock');
  return card.clock;
}

function notOpenIn(ms: number): FacewireError {
  return new FacewireError('ERR_TIMEOUT', `the device did not open in ${ms / 1000} s`, {
    expected: 'a sound system that answers',
    received: 'nothing',
    remedy: 'Nothing: another attempt follows. When none succeeds, restart the sound server.',
  });
}

/** A card that was given up may open after all; then it must not keep the device. */
function closeWhenOpen(card: Sink, opening: Promise<void>): void {
  void opening.then(() => card.close()).catch(() => undefined);
}
