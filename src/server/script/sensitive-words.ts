import { FacewireError } from '../../errors.js';
import { holds, normalText } from './normal-text.js';
import { readText } from '../../settings-file.js';

const mostWords = 20_000;

/** Words that are neither taken in nor said. Case, width, accents and signs between letters do not hide them. */
export class SensitiveWords {
  readonly #words: readonly string[];

  constructor(words: readonly string[]) {
    this.#words = [...new Set(words.map(normalText).filter((word) => word !== ''))];
  }

  /** Reads one word or phrase a line; empty lines and those that begin with # do not count. */
  static async load(path: string): Promise<SensitiveWords> {
    const lines = (await readText(path)).split(/\r?\n/);
    const words = lines.filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
    const silent = lines.findIndex((line) => words.includes(line) && normalText(line) === '');
    if (silent >= 0 || words.length > mostWords) {
      const line = silent >= 0 ? silent + 1 : mostWords;
      throw new FacewireError(
        'ERR_INPUT_UNREADABLE',
        `${path}:${line}: there is a line without letters, or more than ${mostWords} words`,
        {
          expected: `at most ${mostWords} lines, each with a word or phrase`,
        },
      );
    }
    return new SensitiveWords(words);
  }

  /** True when the text holds one of the words. */
  isIn(text: string): boolean {
    if (this.#words.length === 0) return false;
    const normal = normalText(text);
    return this.#words.some((word) => holds(normal, word));
  }
}
