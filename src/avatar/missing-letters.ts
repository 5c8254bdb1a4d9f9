import type { CanvasModule } from './canvas-loader.js';

type Context = ReturnType<ReturnType<CanvasModule['createCanvas']>['getContext']>;

/** Letters of a text that no font of this machine has, in the context's font; all of them are drawn as the same box. */
export function missingLetters(context: Context, text: string): string {
  // Nobody's letter: the last one of a plane for private use.
  const box = context.measureText('\u{10fffd}').width;
  const letters = new Set(text.match(/\p{L}/gu));
  return [...letters]
    .filter((letter) => letter > '\u02ff' && context.measureText(letter).width === box)
    .join('');
}

/** What to tell people of them. `shows`: what shows boxes instead. */
export function missingLettersWarning(letters: string, shows: string): string {
  const some = Array.from(letters).slice(0, 8).join('');
  return `no font here has ${some}, so ${shows} boxes; install one that has (on Debian: fonts-noto-cjk)`;
}
