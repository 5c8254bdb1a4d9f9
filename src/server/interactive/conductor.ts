import {
  minTextGapMs,
  type AudioCommand,
  type StreamCommand,
  type TextCommand,
} from '../../wire/interactive/command-types.js';
import type { SpeakStatus } from '../../wire/interactive/channel-types.js';
import type { SpeechSettings } from '../../wire/request.js';
import type { Voice } from '../../voice/voice.js';
import { chatClauses, sensitiveClauses, textClauses, type SourceOptions } from '../clause-source.js';
import { ClauseWatch } from '../clause-watch.js';
import type { Clock } from '../../clock.js';
import type { Content } from '../content.js';
import { nothingToSay } from '../drive.js';
import { renderClause } from '../render-clause.js';
import { feedAnswer } from './answer-feed.js';
import { badParameter, sessionCode, type Refusal } from './codes.js';
import { describeFailure } from './drive-failure.js';
import type { DriveReport, RunningDrive } from './drive-report.js';
import { withActions } from './face-clause.js';
import { markupOf, planText } from './plan-text.js';
import { SoundDrive } from './sound-drive.js';
import type { Stage } from './stage.js';
import { ClauseFeed, FragmentFeed, type StreamFeed } from './stream-feed.js';
import { TextDrive } from './text-drive.js';

export interface ConductorOptions {
  readonly sessionId: string;
  readonly stage: Stage;
  readonly clock: Clock;
  readonly voice: Voice;
  readonly speech: SpeechSettings;
  readonly takesSound: boolean;
  readonly streamIdleMs: number;
  readonly content: Content;
  readonly isUninterruptible: (text: string) => boolean;
  readonly report: (requestId: string) => DriveReport;
}

/** Every command but the heartbeat. */
export type DriveCommand = TextCommand | StreamCommand | AudioCommand;

/** Commands whose repetition is noticed, and drives whose late packets are. */
const remembered = 4096;
const rememberedDrives = 64;

const wrongTime: Refusal = {
  code: sessionCode.wrongTime,
  message: 'WrongTime: end or interrupt what is being said and wait for TextOver or AudioOver',
};
const uninterruptible: Refusal = {
  code: sessionCode.wrongTime,
  message: 'Uninterruptible: what is being said must not be interrupted; send Interrupt to force it',
  uninterruptible: true,
};

/** The commands of one session: which drive runs, what interrupts it, and what is refused. */
export class Conductor {
  readonly #options: ConductorOptions;
  readonly #seen = new Set<string>();
  /** Drives that are over, and how they ended. */
  readonly #over = new Map<string, 'cut' | 'ended'>();
  #drive: RunningDrive | undefined;
  #feed: StreamFeed | undefined;
  #lastTextMs = Number.NEGATIVE_INFINITY;

  constructor(options: ConductorOptions) {
    this.#options = options;
  }

  /** Does what a command asks for, or says why not. One that was done before is not done again. */
  take(command: DriveCommand): Refusal | undefined {
    const key = keyOf(command);
    if (this.#seen.has(key)) return undefined;
    const refusal = this.#attempt(command);
    if (refusal === undefined) {
      this.#seen.add(key);
      forget(this.#seen, remembered);
    }
    return refusal;
  }

  /** Silences what is being said. */
  stop(): void {
    this.#running?.stop();
  }

  get #running(): RunningDrive | undefined {
    return this.#drive?.isOver === true ? undefined : this.#drive;
  }

  /** A text that cannot be read, say, is the command's failure, not the server's. */
  #attempt(command: DriveCommand): Refusal | undefined {
    try {
      return this.#route(command);
    } catch (thrown) {
      return describeFailure(thrown);
    }
  }

  #route(command: DriveCommand): Refusal | undefined {
    if (command.kind === 'text') return this.#text(command);
    return command.kind === 'stream' ? this.#stream(command) : this.#audio(command);
  }

  #text(command: TextCommand): Refusal | undefined {
    const { text, interrupt = false, asIs = false, smartActions = false } = command;
    if (text.trim() === '') {
      if (!interrupt) return badParameter('Text must not be empty unless Interrupt is true');
      this.stop();
      return undefined;
    }
    if (this.#isLate(command.requestId) || this.#running?.requestId === command.requestId) {
      return badParameter('ReqId names another drive already; every SEND_TEXT has one of its own');
    }
    const { clock, sessionId, report } = this.#options;
    const waitMs = Math.ceil(this.#lastTextMs + minTextGapMs - clock.now());
    if (waitMs > 0) {
      return {
        code: sessionCode.tooFrequent,
        message: `TooFrequent: texts must be 1 s apart; send this one again in ${waitMs} ms`,
      };
    }
    const said = asIs ? textClauses({ text, markup: markupOf(text) }, this.#sources) : undefined;
    const refusal = this.#mayBegin(interrupt);
    if (refusal !== undefined) return refusal;
    this.#lastTextMs = clock.now();
    const drive = this.#begin(command.requestId, text);
    if (said === undefined) {
      report(command.requestId).content({ content: 'input', text });
      const conversationId = `${sessionId}:${command.roundId ?? ''}`;
      const { visitorId } = command;
      const visitor = visitorId === undefined ? {} : { visitorId };
      const question = { text, conversationId, opening: false, signal: drive.signal, ...visitor };
      void feedAnswer(chatClauses(question, this.#sources), drive, smartActions);
      return undefined;
    }
    said.forEach((clause, index) =>
      drive.add({ sequence: index + 1, clauses: [withActions(clause, smartActions)] }),
    );
    if (said.length === 0) drive.fail(nothingToSay());
    else drive.end();
    return undefined;
  }

  #stream(command: StreamCommand): Refusal | undefined {
    const { requestId, interrupt = false, clause = false } = command;
    const running = this.#running;
    const continues = running?.requestId === requestId;
    if (interrupt && command.text === '') {
      // Late, for a stream that is over, it asks for nothing.
      if (continues) running.stop();
      return undefined;
    }
    if (continues) return this.#feed === undefined ? wrongTime : this.#feed.push(command);
    if (this.#isLate(requestId)) return this.#late(requestId);
    const refusal = this.#mayBegin(interrupt);
    if (refusal !== undefined) return refusal;
    const { clock, streamIdleMs, speech } = this.#options;
    // What cannot be read begins nothing.
    if (clause) planText(command.text, speech.language);
    const drive = this.#begin(requestId, command.text, clause);
    this.#feed = clause
      ? new ClauseFeed(drive, speech.language)
      : new FragmentFeed(drive, clock, streamIdleMs);
    return this.#feed.push(command);
  }

  #audio(command: AudioCommand): Refusal | undefined {
    if (!this.#options.takesSound) {
      return badParameter('SEND_AUDIO needs a session that was created with DriverType 3');
    }
    const { requestId, interrupt = false } = command;
    const running = this.#running;
    if (interrupt && command.pcm.byteLength === 0) {
      if (running?.kind === 'sound') running.stop();
      return undefined;
    }
    if (running instanceof SoundDrive && running.requestId === requestId) return running.push(command);
    if (this.#isLate(requestId)) return this.#late(requestId);
    if (running !== undefined) return wrongTime;
    const { stage, clock, streamIdleMs } = this.#options;
    const drive = new SoundDrive({
      requestId,
      stage,
      report: this.#report(requestId),
      clock,
      idleMs: streamIdleMs,
    });
    this.#run(drive);
    return drive.push(command);
  }

  #mayBegin(force: boolean): Refusal | undefined {
    const running = this.#running;
    if (running === undefined || force) return undefined;
    if (running.kind === 'sound') return wrongTime;
    return running.interruptible ? undefined : uninterruptible;
  }

  /** @param input what the client sent first, which decides the language of fixed phrases. */
  #begin(requestId: string, input: string, clauseMode = false): TextDrive {
    const { stage, voice, speech, content, isUninterruptible } = this.#options;
    const drive = new TextDrive({
      requestId,
      stage,
      report: this.#report(requestId),
      clauseMode,
      watch: new ClauseWatch(content),
      apology: () => sensitiveClauses(input, this.#sources),
      isUninterruptible,
      render: (plan, signal) => renderClause(voice, plan, speech, signal),
    });
    this.#run(drive);
    return drive;
  }

  get #sources(): SourceOptions {
    const { content, speech, voice, clock } = this.#options;
    const canSpeak = (text: string, language?: string): boolean => voice.canSpeak(text, language);
    return { content, settings: speech, canSpeak, clock };
  }

  #run(drive: RunningDrive): void {
    const before = this.#running;
    before?.stop();
    this.#feed = undefined;
    this.#drive = drive;
    void drive.run();
  }

  /** A drive of this id was there and is over. */
  #isLate(requestId: string): boolean {
    return this.#over.has(requestId);
  }

  /** Packets that were on their way when the drive was cut are no fault. */
  #late(requestId: string): Refusal | undefined {
    return this.#over.get(requestId) === 'ended' ? wrongTime : undefined;
  }

  /** The report of a drive, which also tells us of its end. */
  #report(requestId: string): DriveReport {
    const report = this.#options.report(requestId);
    return {
      ...report,
      status: (status, detail) => {
        if (isTerminal(status)) {
          const drive = this.#drive;
          const isCut =
            detail?.audioEnd === 'interrupted' ||
            (drive instanceof TextDrive && drive.requestId === requestId && drive.isCutShort);
          this.#over.set(requestId, isCut ? 'cut' : 'ended');
          forget(this.#over, rememberedDrives);
        }
        report.status(status, detail);
      },
    };
  }
}

/** An interrupt may carry the number of the packet before it. */
function keyOf(command: DriveCommand): string {
  const sequence = command.kind === 'text' ? 0 : command.sequence;
  return `${command.kind}/${command.requestId}/${sequence}/${command.interrupt === true}`;
}

/** Drops the oldest of what is remembered. */
function forget(memory: Set<string> | Map<string, unknown>, most: number): void {
  for (const oldest of memory.keys()) {
    if (memory.size <= most) return;
    memory.delete(oldest);
  }
}

/** The last status of a drive. */
export function isTerminal(status: SpeakStatus): boolean {
  return status === 'text-over' || status === 'audio-over' || status === 'error';
}
