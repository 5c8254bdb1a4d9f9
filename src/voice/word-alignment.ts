/** A speech sound of a word as the engine says it alone. */
interface Expected {
  readonly symbol: string;
  readonly word: number;
}

const vowel = /^[aeiou]/;

function cost(expected: string, spoken: string): number {
  if (expected === spoken) return 0;
  // A word is often reduced in running speech, mostly in its vowels.
  return vowel.test(expected) === vowel.test(spoken) ? 0.6 : 1.4;
}

/**
 * Finds the word of every spoken sound, given how each word sounds alone:
 * the cheapest alignment of the two sequences (insertion and deletion cost 1).
 *
 * @param words sounds of each word, in order.
 * @param spoken sounds of the whole clause, without silence.
 * @returns for every spoken sound the index of its word; never decreasing.
 */
export function alignWords(words: readonly (readonly string[])[], spoken: readonly string[]): number[] {
  const expected: Expected[] = words.flatMap((sounds, word) => sounds.map((symbol) => ({ symbol, word })));
  const columns = spoken.length + 1;
  const best = new Float64Array((expected.length + 1) * columns);
  for (let j = 1; j < columns; j++) best[j] = j;
  for (let i = 1; i <= expected.length; i++) {
    best[i * columns] = i;
    for (let j = 1; j < columns; j++) {
      const replace =
        at(best, (i - 1) * columns + j - 1) + cost(expected[i - 1]?.symbol ?? '', spoken[j - 1] ?? '');
      best[i * columns + j] = Math.min(
        replace,
        at(best, (i - 1) * columns + j) + 1,
        at(best, i * columns + j - 1) + 1,
      );
    }
  }
  const wordOf = new Array<number>(spoken.length).fill(-1);
  for (let i = expected.length, j = spoken.length; i > 0 && j > 0;) {
    const here = at(best, i * columns + j);
    if (
      here ===
      at(best, (i - 1) * columns + j - 1) + cost(expected[i - 1]?.symbol ?? '', spoken[j - 1] ?? '')
    ) {
      wordOf[j - 1] = expected[i - 1]?.word ?? 0;
      i--;
      j--;
    } else if (here === at(best, (i - 1) * columns + j) + 1) i--;
    else j--;
  }
  // Sounds without a partner belong to the word before them.
  let word = wordOf.find((value) => value >= 0) ?? 0;
  return wordOf.map((value) => (value < 0 ? word : (word = value)));
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
