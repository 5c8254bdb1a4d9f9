/** What is written into a picture. */
export interface Caption {
  /** One clause. Of strangers: it is bounded and cleaned before it is drawn. */
  readonly text: string;
  /** How much of `text` has been said when the frame ends, in UTF-16 units; undefined when nobody knows. */
  readonly said: number | undefined;
}

/** Tells what is to be written into a frame. */
export interface CaptionSource {
  /** @param sampleEnd the output sample just past the frame. Called once for each frame, in order. */
  at(sampleEnd: number): Caption | undefined;
}

/** Longest text that is drawn, in UTF-16 units. */
const mostText = 2000;

/**
 * The same text, as long as it was up to a bound, without what would move or
 * reverse the rest: control and formatting characters become blanks, halves of
 * characters the sign for a bad one.
 */
export function cleanCaption(text: string): string {
  return text.slice(0, mostText).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    // Joiners belong to the letters of some scripts.
    if (character === '\u200c' || character === '\u200d') return character;
    return /\p{Cs}/u.test(character) ? '\ufffd' : ' '.repeat(character.length);
  });
}
