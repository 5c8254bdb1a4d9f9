import { randomUUID } from 'node:crypto';

/** A fresh `ReqId`: a random UUID without dashes, 32 hex digits. */
export function newRequestId(): string {
  return randomUUID().replaceAll('-', '');
}

/** A fresh `StreamId`. It names a conversation and is made by the client; the vendor's sample has the dashed form. */
export function newStreamId(): string {
  return randomUUID();
}

export function isRequestId(text: string): boolean {
  return /^[0-9a-fA-F]{32}$/.test(text);
}
