import { FacewireError } from '../errors.js';
import { arkitIndex, weightCount, type ArkitName } from '../frame.js';
import type { NativeSession, NativeSessionCalls } from './binding.js';
import { expressionShapes, type ExpressionShape } from './expressions.js';
import { coded } from './native-error.js';

/** When and how strongly an expression is worn. */
export interface ExpressionOptions {
  /** 0 to 1; default 1. */
  readonly intensity?: number;
  /** Output sample at which it begins to show; default now. What was drawn already does not change. */
  readonly from?: number;
  /** Output sample at which it begins to go; default when endExpression() says so. */
  readonly to?: number;
}

/** An expression of a drive as it is known so far; times are ticks from the start of the drive's sound. */
export interface ExpressionCue {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** True until its end is known. */
  readonly open: boolean;
}

/** The shapes of one session's expressions, and which of them it was told to wear. */
export class WornExpressions {
  readonly #calls: NativeSessionCalls;
  readonly #native: NativeSession;
  readonly #own: Readonly<Record<string, ExpressionShape>> | false;
  readonly #weights = new Float32Array(weightCount);
  /** Cues of the running utterance that are open, by name. */
  readonly #open = new Map<string, number>();
  #nextKey = 0;

  constructor(
    calls: NativeSessionCalls,
    native: NativeSession,
    own: Readonly<Record<string, ExpressionShape>> | false,
  ) {
    this.#calls = calls;
    this.#native = native;
    this.#own = own;
  }

  /** An utterance begins. */
  begin(): void {
    this.#open.clear();
  }

  /** Returns a number for end(), or undefined when too many are worn. */
  wear(expression: string | ExpressionShape, options: ExpressionOptions): number | undefined {
    const shape = typeof expression === 'string' ? this.#shapeOf(expression) : expression;
    if (shape === undefined) {
      throw new FacewireError('ERR_OPTION_INVALID', 'there is no expression of this name', {
        expected: Object.keys({ ...this.#own, ...expressionShapes }).join(', '),
        received: JSON.stringify(expression),
      });
    }
    const { intensity = 1, from = 0, to } = options;
    const key = this.#nextKey++;
    return this.#wear(key, shape, intensity, from, to, 0) ? key : undefined;
  }

  end(key: number, at: number): void {
    this.#wear(key, {}, 0, 0, at, 0);
  }

  /** One whose name has no shape is left out. */
  follow({ name, start, end, open }: ExpressionCue): void {
    const plain = name.toLowerCase();
    const shape = this.#own === false ? undefined : this.#shapeOf(plain);
    if (shape === undefined) return;
    const key = this.#open.get(plain) ?? this.#nextKey++;
    if (open) this.#open.set(plain, key);
    else this.#open.delete(plain);
    this.#wear(key, shape, 1, start, open ? undefined : end, 1);
  }

  #shapeOf(name: string): ExpressionShape | undefined {
    const own = this.#own === false ? {} : this.#own;
    const table = Object.hasOwn(own, name) ? own : expressionShapes;
    return Object.hasOwn(table, name) ? table[name] : undefined;
  }

  #wear(
    key: number,
    shape: ExpressionShape,
    intensity: number,
    from: number,
    to: number | undefined,
    clock: 0 | 1,
  ): boolean {
    const weights = this.#weights.fill(0);
    for (const name of Object.keys(shape) as ArkitName[]) {
      const column = arkitIndex[name];
      if (column !== undefined) weights[column] = shape[name] ?? 0;
    }
    try {
      return this.#calls.wear(this.#native, key, weights, intensity, from, to, clock) === 1;
    } catch (thrown) {
      throw coded(thrown);
    }
  }
}
