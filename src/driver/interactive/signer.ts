import type { FacewireError } from '../../errors.js';
import { maxSkewSeconds, signedQuery } from '../../wire/index.js';
import { skewError, type ConnectFailure } from '../connect-failure.js';

export interface SignerOptions {
  readonly appkey: string;
  readonly accessToken: string;
  /** Language of the cloud's error texts. */
  readonly language: string | undefined;
  /** Follow the server's clock when ours is more than 5 minutes off. */
  readonly correctClock: boolean;
  /** Wall clock in ms. */
  readonly wallNow: () => number;
  readonly onCorrected: (message: string) => void;
}

/** Signs every attempt afresh, and knows how far the server's clock is from ours. REST and channel share one. */
export class Signer {
  readonly language: string | undefined;
  readonly #options: SignerOptions;
  #offsetMs = 0;

  constructor(options: SignerOptions) {
    this.language = options.language;
    this.#options = options;
    // Whatever cannot be signed should fail here, not at the first call.
    this.query({ inQuery: true });
  }

  get wallNow(): number {
    return this.#options.wallNow();
  }

  /** Never to be shown. */
  get secret(): string {
    return this.#options.accessToken;
  }

  /** @param inQuery the language goes into the query, as on sockets; REST has it in a header. */
  query({ requestId, inQuery }: { readonly requestId?: string; readonly inQuery: boolean }): string {
    const { appkey, accessToken, language, wallNow } = this.#options;
    return signedQuery({
      appkey,
      accessToken,
      timestampSeconds: Math.floor((wallNow() + this.#offsetMs) / 1000),
      ...(requestId !== undefined && { requestId }),
      ...(inQuery && language !== undefined && { language }),
    });
  }

  /** The refusals of one call or one opening of the channel. */
  round(where: string): SigningRound {
    let resigned = false;
    let corrected = false;
    return {
      refused: (failure) => {
        const offsetMs = failure.clockOffsetMs ?? this.#offsetMs;
        const skewed = Math.abs(offsetMs - this.#offsetMs) > maxSkewSeconds * 1000;
        if (skewed && (corrected || !this.#options.correctClock)) return skewError(offsetMs, where);
        if (!skewed && resigned) return failure.error;
        if (skewed) {
          this.#offsetMs = offsetMs;
          corrected = true;
          this.#options.onCorrected(`${skewError(offsetMs, where).message}; it is allowed for`);
        }
        resigned = true;
        return undefined;
      },
    };
  }
}

export interface SigningRound {
  /** What to give up with, or undefined when one more attempt with a fresh signature may help. */
  refused(failure: ConnectFailure): FacewireError | undefined;
}
