import type { SoundClock } from '../sinks/sink.js';
import type { PlayableSession } from './player.js';

/** So that one turn ends, whatever a clock says about its room. */
const mostPieces = 1000;

/**
 * Keeps a sound card supplied from a session. Speech goes to it as far ahead as
 * it has arrived and the card has room, without being committed; silence only
 * as far as the card needs it, because that is committed and what is said next
 * comes behind it.
 */
export class SoundFeed {
  readonly #session: PlayableSession;
  readonly #clock: SoundClock;
  readonly #piece: Float32Array;
  readonly #ramp: number;
  readonly #ahead: number;
  /** Samples of silence that wait in the card at most, when that is more than it asks for. */
  readonly #silence: number;
  /** What the card gets before this sample was cut, and is over. */
  #silentUntil = 0;

  /** @param ahead samples that the card must have more than it asks for, because frames go out so long before it is heard. */
  constructor(session: PlayableSession, clock: SoundClock, ahead = 0) {
    this.#session = session;
    this.#clock = clock;
    this.#ramp = Math.floor(session.sampleRate / 100);
    this.#piece = new Float32Array(this.#ramp);
    this.#silence = clock.silenceRoom + clock.next - clock.heard + ahead;
    this.#ahead = ahead;
  }

  /** The sample that is heard now. */
  get heard(): number {
    return this.#clock.heard;
  }

  /** The sample that the card has not been given yet. */
  get next(): number {
    return this.#clock.next;
  }

  /** @param now ticks of the session's clock. Returns the silence that was put in where speech was due. */
  fill(now: number, flows: boolean): number {
    let starved = 0;
    for (let pieces = 0; pieces < mostPieces; pieces++) {
      const { next } = this.#clock;
      let count = this.#clock.room < this.#piece.length ? 0 : this.#session.lookAhead(next, this.#piece);
      if (count === 0) {
        if (!this.#takesSilence(next)) break;
        count = this.#piece.length;
        starved += this.#session.commit(Math.max(next + count, this.#session.committed()), now);
        this.#session.readAudio(next, this.#piece);
      }
      this.#piece.fill(0, 0, Math.min(Math.max(this.#silentUntil - next, 0), count));
      this.#clock.play(this.#piece.subarray(0, count), flows);
    }
    return starved;
  }

  #takesSilence(next: number): boolean {
    if (this.#clock.silenceRoom >= this.#piece.length) return true;
    const waiting = next - this.#clock.heard;
    return (
      this.#ahead > 0 &&
      this.#clock.room >= this.#piece.length &&
      waiting + this.#piece.length <= this.#silence
    );
  }

  /** Silences the card. The sample at which it fades; undefined when what it has been given will be heard. */
  cut(): number | undefined {
    return this.#clock.cut?.();
  }

  /** The session was cut at `sample`: its ramp is not for the card, which has had one of its own. */
  wasCut(sample: number): void {
    if (this.#clock.cut !== undefined) this.#silentUntil = sample + this.#ramp;
  }
}
