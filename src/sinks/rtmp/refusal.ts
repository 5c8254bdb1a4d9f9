import type { AmfValue } from './amf.js';

/**
 * What a refusal means for the next attempt.
 *
 * - `denied`: the ingest does not let this address in; the same address will not be let in later either.
 * - `busy`: somebody else publishes the stream, perhaps our own connection that the ingest has not given up yet.
 * - `unclear`: the door was closed after we had asked to publish, as many ingests say no to either.
 */
export type Refusal = 'denied' | 'busy' | 'unclear';

const busy = /BadName|already|in use|being published|duplicate|busy/i;
const denied =
  /Rejected|Unauthori[sz]ed|Denied|Forbidden|InvalidApp|auth|expired|invalid (key|sign|token)|\b40[13]\b/i;

/** Reads the code and description of an RTMP status. */
export function readRefusal(said: string): Refusal {
  if (busy.test(said)) return 'busy';
  return denied.test(said) ? 'denied' : 'unclear';
}

/** What an answer says, in its own words. */
export function wordsOf(status: { readonly [key: string]: AmfValue }): string {
  const words = [status['code'], status['description']].filter((word) => typeof word === 'string');
  return words.join(': ').slice(0, 300);
}
