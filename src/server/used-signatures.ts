import { createHash } from 'node:crypto';
import { maxSkewSeconds } from '../wire/signing.js';

/**
 * Whether a signed address opens more than one connection while its time stamp
 * is good. `same-address`: for the network address that used it first, because
 * clients that get their addresses from a helper service reconnect with the
 * same one for up to 270 s. A stolen address is of no use elsewhere.
 */
export type SignatureReuse = 'never' | 'same-address' | 'always';

/** Signatures that are remembered; the oldest makes room. Only who has the key can add one. */
const mostRemembered = 65_536;

/** Remembers the signatures of connections that were let in, as long as they are good. */
export class UsedSignatures {
  readonly #reuse: SignatureReuse;
  readonly #used = new Map<string, { readonly address: string; readonly until: number }>();
  #refused = 0;

  constructor(reuse: SignatureReuse) {
    this.#reuse = reuse;
  }

  /** Connections that were refused. */
  get refused(): number {
    return this.#refused;
  }

  get size(): number {
    return this.#used.size;
  }

  /** Notes a use of a right signature by `address`; false when it must not be used (again). */
  use(signature: string, address: string, timestampSeconds: number, nowSeconds: number): boolean {
    if (this.#reuse === 'always') return true;
    // Kept as a hash: what is remembered here opens no door.
    const name = createHash('sha256').update(signature).digest('base64');
    this.#forget(nowSeconds);
    const before = this.#used.get(name);
    if (before === undefined) {
      this.#used.set(name, { address, until: timestampSeconds + maxSkewSeconds });
      return true;
    }
    if (this.#reuse === 'same-address' && before.address === address) return true;
    this.#refused++;
    return false;
  }

  #forget(nowSeconds: number): void {
    for (const [name, { until }] of this.#used) {
      if (until >= nowSeconds && this.#used.size < mostRemembered) break;
      this.#used.delete(name);
    }
  }
}
