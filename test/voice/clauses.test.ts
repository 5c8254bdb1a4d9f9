import { describe, expect, it } from 'vitest';
import { ClauseCutter, cutClauses } from '../../src/voice/clauses.js';
import { seededRandom, sentence } from './random.js';

const texts = (text: string): string[] => cutClauses(text).map((clause) => clause.text);

describe('cutClauses', () => {
  it.each([
    ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
    ['Pi is 3.14 today. Good.', ['Pi is 3.14 today.', 'Good.']],
    [
      'Dr. Smith met J. R. Miller, e.g. at St. Pancras. Bye.',
      ['Dr. Smith met J. R. Miller, e.g. at St. Pancras.', 'Bye.'],
    ],
    ['See https://example.com/a.b?c=d. Then call.', ['See https://example.com/a.b?c=d.', 'Then call.']],
    [
      'Bread, milk etc. are here. Eggs etc. And more.',
      ['Bread, milk etc. are here.', 'Eggs etc.', 'And more.'],
    ],
    ['Room No. 5 is free. No. It is not.', ['Room No. 5 is free.', 'No.', 'It is not.']],
    ['Really?! Yes... "Sure." (Ok.) Done', ['Really?!', 'Yes...', '"Sure."', '(Ok.)', 'Done']],
    ['你好。今天怎么样？很好！', ['你好。', '今天怎么样？', '很好！']],
    ['他说：“好。”然后走了。', ['他说：“好。”', '然后走了。']],
    [
      '# Title\nSome wrapped\ntext here.\n\n- one\n- two',
      ['# Title', 'Some wrapped\ntext here.', '- one', '- two'],
    ],
    ['1. First thing\n2. Second thing', ['1. First thing', '2. Second thing']],
    ['Hello! 🙂', ['Hello! 🙂']],
    ['... Well', ['... Well']],
    ['', []],
    ['  \n ', []],
  ])('cuts %j', (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it('cuts at a comma only when the clause is long', () => {
    const long = 'a word '.repeat(14).trim();
    expect(texts(`Yes, no. ${long}, and so on.`)).toEqual(['Yes, no.', `${long},`, 'and so on.']);
  });

  it('never makes a clause longer than the limit', () => {
    for (const text of ['x'.repeat(1000), 'word '.repeat(200), '好'.repeat(999), '😀好'.repeat(300)]) {
      const clauses = cutClauses(text, { longest: 100 });
      expect(Math.max(...clauses.map((clause) => Array.from(clause.text).length))).toBeLessThanOrEqual(100);
      expect(
        clauses
          .map((clause) => clause.text)
          .join('')
          .replace(/\s/g, ''),
      ).toBe(text.replace(/\s/g, ''));
    }
  });

  it('says where each clause begins, in code points', () => {
    const text = '😀 Hi. 你好。 Bye now.';
    for (const clause of cutClauses(text)) {
      expect(Array.from(text).slice(clause.start).join('').startsWith(clause.text)).toBe(true);
    }
  });
});

describe('ClauseCutter', () => {
  it('gives the same clauses however the text is split', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 60; round++) {
      const text =
        Array.from({ length: 6 }, () => sentence(random)).join(random() < 0.5 ? ' ' : '\n\n') +
        'Room No. 5? No. Bread etc. And 他说：“好。”然后😀走了。';
      const cutter = new ClauseCutter();
      const pieces = [];
      for (let at = 0; at < text.length;) {
        const length = 1 + Math.floor(random() * 9);
        pieces.push(...cutter.push(text.slice(at, at + length)));
        at += length;
      }
      pieces.push(...cutter.end());
      expect(pieces).toEqual(cutClauses(text));
    }
  });

  it('gives a sentence out as soon as the next one has begun', () => {
    const cutter = new ClauseCutter();
    expect(cutter.push('It costs 3.')).toEqual([]);
    expect(cutter.push('50 now.')).toEqual([]);
    expect(cutter.push(' And').map((clause) => clause.text)).toEqual(['It costs 3.50 now.']);
    expect(cutter.end().map((clause) => clause.text)).toEqual(['And']);
  });
});
