import type { Reply } from '../wire/index.js';
import type { Taken } from './intake.js';

/** What of a drive's answer has come so far. */
export class AnswerTally {
  #replies = 0;
  #spokenReplies = 0;
  #speechMessages = 0;
  #lastReply: Reply | undefined;
  #atEnd = false;

  take(taken: Extract<Taken, { type: 'reply' | 'speech' }>): void {
    if (taken.type === 'reply') {
      this.#replies++;
      if (taken.reply.spoken) this.#spokenReplies++;
      this.#lastReply = taken.reply;
      this.#atEnd = false;
    } else {
      this.#speechMessages++;
      this.#atEnd = taken.clauseEnd && this.#lastReply?.last === true;
    }
  }

  get replies(): number {
    return this.#replies;
  }

  get speechMessages(): number {
    return this.#speechMessages;
  }

  get lastReply(): Reply | undefined {
    return this.#lastReply;
  }

  /** The last reply has come, and nothing of the answer is to be spoken. */
  get isSilent(): boolean {
    return this.#lastReply?.last === true && this.#spokenReplies === 0 && this.#speechMessages === 0;
  }

  /** The last message was the end of the last clause. */
  get isAtEnd(): boolean {
    return this.#atEnd;
  }
}
