/** Why a peer was cut off. Apart from the socket, so that our public types need no types of `ws`. */
export type CutReason = 'not-reading' | 'too-fast' | 'not-text' | 'too-deep';

/** With what the socket is closed. RFC 6455: try again later; a breach of the rules; data of a kind that is not taken; data that makes no sense. */
export const cutCode: Readonly<Record<CutReason, number>> = {
  'not-reading': 1013,
  'too-fast': 1008,
  'not-text': 1003,
  'too-deep': 1007,
};

/** What a peer is told that sends binary messages. */
export const onlyText = 'only text frames are read';
