/** What may wait for one peer. Apart from the outbox, so that our public types need no types of `ws`. */
export interface OutboxLimits {
  /** Bytes that may wait for longer than `softMs`. Default 1 MiB. */
  readonly softBytes: number;
  /** Default 5000. */
  readonly softMs: number;
  /** Bytes at which the peer is cut off at once. Default 4 MiB. */
  readonly hardBytes: number;
}

export const defaultOutboxLimits: OutboxLimits = {
  softBytes: 1024 * 1024,
  softMs: 5000,
  hardBytes: 4 * 1024 * 1024,
};
