/** One thing that was said. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ConversationLimits {
  /** Conversations that are remembered; the one unused for longest goes first. Default 200. */
  readonly conversations: number;
  /** Turns of one. Default 20. */
  readonly turns: number;
  /** UTF-8 bytes of one. Default 16 384. */
  readonly bytes: number;
}

const usual: ConversationLimits = { conversations: 200, turns: 20, bytes: 16_384 };

/** What was said in each conversation, as far back as the limits allow. */
export class Conversations {
  readonly #limits: ConversationLimits;
  readonly #turns = new Map<string, readonly Turn[]>();

  constructor(limits: Partial<ConversationLimits> = {}) {
    this.#limits = { ...usual, ...limits };
  }

  get size(): number {
    return this.#turns.size;
  }

  of(id: string): readonly Turn[] {
    return this.#turns.get(id) ?? [];
  }

  forget(id: string): void {
    this.#turns.delete(id);
  }

  /** Adds turns; the oldest ones of the conversation give way, so that it begins with a question. */
  add(id: string, ...turns: readonly Turn[]): void {
    const all = [...this.of(id), ...turns];
    const bytes = (turn: Turn): number => Buffer.byteLength(turn.text);
    let sum = all.reduce((total, turn) => total + bytes(turn), 0);
    while (
      all.length > 0 &&
      (all.length > this.#limits.turns || sum > this.#limits.bytes || all[0]?.role === 'assistant')
    ) {
      const gone = all.shift();
      sum -= gone === undefined ? 0 : bytes(gone);
    }
    this.#turns.delete(id);
    if (all.length > 0) this.#turns.set(id, all);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= this.#limits.conversations) break;
      this.#turns.delete(oldest);
    }
  }
}
