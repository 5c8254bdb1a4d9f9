import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'docs/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.split(' | '));

/** A title, or the beginning of one, as it stands in a test file: over the joints of its strings. */
const plain = (text: string): string => text.replace(/['"`]\s*\+\s*['"`]|[’']/g, '');

describe('docs/faults.md', () => {
  it('has the faults of the link, of the sound card and of the push', () => {
    expect(rows.map(([number]) => Number(number.slice(2)))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
      31, 32, 33, 34, 35, 36, 39, 40,
    ]);
  });

  it.each(rows)('%s: %s', (_number, _fault, _holds, tests) => {
    const files = tests.replace(/ \|$/, '').split(' · ');
    expect(files.length).toBeGreaterThan(0);
    for (const named of files) {
      const [, file, titles] = /^`([^`]+)`: (.*)$/.exec(named)!;
      const path = join(root, file);
      expect(existsSync(path), file).toBe(true);
      const source = plain(readFileSync(path, 'utf8'));
      for (const title of titles.split('; ')) expect(source, `${file}: ${title}`).toContain(plain(title));
    }
  });
});
