import type { StreamCommand } from '../../wire/interactive/command-types.js';
import type { ClausePlan } from '../clause-plan.js';
import { IdleTimer, type Clock } from '../../clock.js';
import { badParameter, sessionCode, type Refusal } from './codes.js';
import { FragmentOrder, mostEarly } from '../fragment-order.js';
import { withActions } from './face-clause.js';
import { PlanCutter, planText } from './plan-text.js';
import type { TextDrive } from './text-drive.js';

const full: Refusal = {
  code: sessionCode.tooFrequent,
  message: 'TooFrequent: too much text waits to be spoken; go on when a SentenceNext or TextOver comes',
};
const missing = badParameter(`more than ${mostEarly} fragments wait for one that is missing`);

/** Feeds a drive with a streamed text. The first packet says whether it is in clause mode. */
export interface StreamFeed {
  push(packet: StreamCommand): Refusal | undefined;
}

/** Clause mode: every packet is one unit, in the order of arrival, and only the client ends the stream. */
export class ClauseFeed implements StreamFeed {
  readonly #drive: TextDrive;
  readonly #language: string | undefined;

  /** @param language of the session's timbre, if it names one. */
  constructor(drive: TextDrive, language: string | undefined) {
    this.#drive = drive;
    this.#language = language;
  }

  /** Throws ERR_TEXT_INVALID. */
  push({ text, sequence, final, insert = false, smartActions = false }: StreamCommand): Refusal | undefined {
    if (!this.#drive.hasRoom(text.length)) return full;
    const plans = planText(text, this.#language);
    const hasOwnActions = plans.some(({ actions }) => actions.length > 0);
    const clauses = plans.map((plan) => withActions({ plan, hasOwnActions }, smartActions));
    if (clauses.length > 0) this.#drive.add({ sequence, clauses }, insert);
    if (final) this.#drive.end('client');
    return undefined;
  }
}

/** Fragments are put in order and cut into clauses anew; a pause ends the stream. */
export class FragmentFeed implements StreamFeed {
  readonly #drive: TextDrive;
  readonly #idle: IdleTimer;
  readonly #order = new FragmentOrder<StreamCommand>();
  readonly #cutter = new PlanCutter();
  #ended = false;
  /** As the newest packet wants it. */
  #smartActions = false;

  /** @param idleMs the stream ends by itself after this many ms without a packet. */
  constructor(drive: TextDrive, clock: Clock, idleMs: number) {
    this.#drive = drive;
    this.#idle = new IdleTimer(clock, idleMs, () => this.#timeOut());
    drive.signal.addEventListener('abort', () => this.#idle.stop());
  }

  push(packet: StreamCommand): Refusal | undefined {
    this.#idle.restart();
    if (!this.#drive.hasRoom(packet.text.length)) return full;
    const ready = this.#order.push(packet);
    if (ready === undefined) return missing;
    this.#take(ready);
    return undefined;
  }

  #take(fragments: readonly StreamCommand[]): void {
    for (const { text, final, sequence, smartActions } of fragments) {
      if (this.#ended) return;
      this.#smartActions = smartActions ?? this.#smartActions;
      this.#add(this.#cutter.push(text), sequence);
      if (final) this.#end('client', sequence);
    }
  }

  #add(plans: readonly ClausePlan[], sequence: number): void {
    for (const plan of plans) {
      this.#drive.add({ sequence, clauses: [withActions({ plan }, this.#smartActions)] });
    }
  }

  #end(by: 'client' | 'timeout', sequence: number): void {
    this.#ended = true;
    this.#idle.stop();
    this.#add(this.#cutter.end(), sequence);
    this.#drive.end(by);
  }

  #timeOut(): void {
    const rest = this.#order.flush();
    this.#take(rest);
    if (!this.#ended) this.#end('timeout', rest.at(-1)?.sequence ?? 0);
  }
}
