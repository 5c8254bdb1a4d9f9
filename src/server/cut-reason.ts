/** Why a peer was cut off. Apart from the socket, so that our public types need no types of `ws`. */
export type CutReason = 'not-reading' | 'too-fast' | 'not-text' | 'too-deep';
