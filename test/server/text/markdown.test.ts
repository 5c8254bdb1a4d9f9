import { describe, expect, it } from 'vitest';
import type { ClausePlan } from '../../../src/server/clause-plan.js';
import { seededRandom } from '../../voice/random.js';
import { MarkdownCutter, planMarkdown } from '../../../src/server/text/markdown-cutter.js';

const kinds = (text: string): [string, string, string][] =>
  planMarkdown(text).map((plan) => [plan.contentType, plan.display, plan.spoken.text]);

/** Pushes the text in pieces of `size` UTF-16 units, as a stream brings it. */
function streamed(text: string, size: number): ClausePlan[] {
  const cutter = new MarkdownCutter();
  const plans: ClausePlan[] = [];
  for (let at = 0; at < text.length; at += size) plans.push(...cutter.push(text.slice(at, at + size)));
  return [...plans, ...cutter.end()];
}

const page = `# The plan 🙂

We have **three. Really three** things to [look at. Here](https://example.com/a.b?c=1) today, see https://example.com/x.y for more.

1. The *first* one. It has two sentences.
2. The second &amp; last.
   - inside it
> Quoted words.

| Name | Price |
|------|-------|
| Tea  | 3.50  |

![a cup](cup.png)

\`\`\`js
const a = 1. + b;
\`\`\`

The end.`;

describe('planMarkdown', () => {
  it('finds titles, lists, tables, images, links and text', () => {
    expect(kinds(page)).toEqual([
      ['title', '# The plan 🙂', 'The plan 🙂'],
      ['text', 'We have **three.', 'We have three.'],
      [
        'text',
        'Really three** things to [look at. Here](https://example.com/a.b?c=1) today, see',
        'Really three things to look at. Here today, see',
      ],
      ['link', 'https://example.com/x.y', ''],
      ['text', 'for more.', 'for more.'],
      ['orderedList', '1. The *first* one.', 'The first one.'],
      ['orderedList', 'It has two sentences.', 'It has two sentences.'],
      ['orderedList', '2. The second &amp; last.', 'The second & last.'],
      ['list', '- inside it', 'inside it'],
      ['text', '> Quoted words.', 'Quoted words.'],
      ['table', '| Name | Price |\n|------|-------|\n| Tea  | 3.50  |', ''],
      ['image', '![a cup](cup.png)', ''],
      ['text', '```js\nconst a = 1. + b;\n```', ''],
      ['text', 'The end.', 'The end.'],
    ]);
  });

  it.each<[string, [string, string, string][]]>([
    ['plain text stays', [['text', 'plain text stays', 'plain text stays']]],
    [
      '**bold** and *it* and `code` and ~~no~~',
      [['text', '**bold** and *it* and `code` and ~~no~~', 'bold and it and code and no']],
    ],
    ['- [x] done', [['list', '- [x] done', 'done']]],
    ['[Our shop](https://shop.example)', [['link', '[Our shop](https://shop.example)', '']]],
    [
      'Go to https://a.b.',
      [
        ['text', 'Go to', 'Go to'],
        ['link', 'https://a.b.', ''],
      ],
    ],
    [
      'fish &amp; chips &#x41;&#66; &unknown; AT&T',
      [['text', 'fish &amp; chips &#x41;&#66; &unknown; AT&T', 'fish & chips AB &unknown; AT&T']],
    ],
    [
      '2 * 3 = 6, 2*3, snake_case_name',
      [['text', '2 * 3 = 6, 2*3, snake_case_name', '2 * 3 = 6, 2*3, snake_case_name']],
    ],
    ['\\*not\\* <b>bold</b> 3 < 5', [['text', '\\*not\\* <b>bold</b> 3 < 5', 'not bold 3 < 5']]],
    [
      'one\n\n---\n\ntwo',
      [
        ['text', 'one', 'one'],
        ['text', 'two', 'two'],
      ],
    ],
    [
      '**一。**二。',
      [
        ['text', '**一。**', '一。'],
        ['text', '二。', '二。'],
      ],
    ],
    [
      '一。**二**。三',
      [
        ['text', '一。', '一。'],
        ['text', '**二**。', '二。'],
        ['text', '三', '三'],
      ],
    ],
    ['Write to a@b.example now', [['text', 'Write to a@b.example now', 'Write to a@b.example now']]],
    ['<div>Some <i>words</i></div>', [['text', '<div>Some <i>words</i></div>', 'Some words']]],
    ['Hm? 🙂', [['text', 'Hm? 🙂', 'Hm? 🙂']]],
    ['', []],
  ])('%j', (text, expected) => {
    expect(kinds(text).map(([kind, display, spoken]) => [kind, display, spoken.replace(/ +/g, ' ')])).toEqual(
      expected,
    );
  });

  it('knows the place of every clause and of every code point that is said', () => {
    const all = Array.from(page);
    for (const plan of planMarkdown(page)) {
      const shown = Array.from(plan.display);
      expect(all.slice(plan.start, plan.start + shown.length).join('')).toBe(plan.display);
      Array.from(plan.spoken.text).forEach((character, index) => {
        const from = shown.slice(plan.spoken.sourceStart[index], plan.spoken.sourceEnd[index]).join('');
        expect([character, '&amp;']).toContain(from);
      });
    }
  });
});

describe('MarkdownCutter', () => {
  it.each([1, 2, 3, 7, 20, 1000])('gives the same clauses for pieces of %i', (size) => {
    const whole = planMarkdown(page).map((plan) => [
      plan.contentType,
      plan.display,
      plan.start,
      plan.spoken.text,
    ]);
    expect(
      streamed(page, size).map((plan) => [plan.contentType, plan.display, plan.start, plan.spoken.text]),
    ).toEqual(whole);
  });

  it('gives a sentence out as soon as the next one begins, in any block', () => {
    const cutter = new MarkdownCutter();
    expect(cutter.push('It costs 3.')).toEqual([]);
    expect(cutter.push('50 now.')).toEqual([]);
    expect(cutter.push(' And').map((plan) => plan.display)).toEqual(['It costs 3.50 now.']);
    expect(cutter.push(' so on.\n- An item. Mo').map((plan) => plan.display)).toEqual([
      'And so on.',
      '- An item.',
    ]);
    expect(cutter.push('re\n- Next').map((plan) => plan.display)).toEqual(['More']);
    expect(cutter.end().map((plan) => [plan.display, plan.contentType])).toEqual([['- Next', 'list']]);
  });

  it('holds a table and code until they are whole', () => {
    const cutter = new MarkdownCutter();
    expect(cutter.push('| a. | b. |\n')).toEqual([]);
    expect(cutter.push('|--|--|\n| One. Two. | 2 |\n')).toEqual([]);
    expect(cutter.push('\n').map((plan) => plan.contentType)).toEqual(['table']);
    expect(cutter.push('```\nfirst. second.\n\nthird\n')).toEqual([]);
    expect(cutter.push('```\n\nDone.').map((plan) => plan.spoken.text)).toEqual(['']);
    expect(cutter.end().map((plan) => plan.display)).toEqual(['Done.']);
  });

  it('keeps surrogate pairs together', () => {
    const text = 'One 😀. Two 😀😀. Three.';
    expect(streamed(text, 1).map((plan) => [plan.display, plan.start])).toEqual([
      ['One 😀.', 0],
      ['Two 😀😀.', 7],
      ['Three.', 15],
    ]);
  });

  it('loses nothing of a text without end marks, and never makes a clause too long', () => {
    const text = 'word '.repeat(4000);
    const plans = streamed(text, 50);
    expect(plans.map((plan) => plan.display).join(' ')).toBe(text.trim());
    expect(Math.max(...plans.map((plan) => plan.display.length))).toBeLessThanOrEqual(240);
  });

  it.each([
    ['quotations', '>'.repeat(4000) + 'a'],
    ['brackets', '['.repeat(2000) + ']'.repeat(2000)],
    ['stars', '*a'.repeat(2000)],
    ['cells', `${'|a'.repeat(1000)}\n${'|-'.repeat(1000)}`],
    ['lists', Array.from({ length: 60 }, (_, i) => `${' '.repeat(2 * i)}- a`).join('\n')],
    ['an open fence', `\`\`\`\n${'x. y\n'.repeat(3000)}`],
    ['references', '&amp;'.repeat(800)],
  ])('comes through %s without end', (_, text) => {
    const shown = streamed(text, 40)
      .map((plan) => plan.display)
      .join('');
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length).toBeLessThanOrEqual(text.length);
  });
});

describe('Markdown in pieces of any size', () => {
  const blocks = [
    '# Title here\n\n', '- item one. More of it.\n', '1. first\n', '> quoted words.\n\n', '| a | b |\n|--|--|\n| 1 | 2 |\n\n',
    '![cup](c.png)\n\n', 'See [the docs](http://a.b) now. ', 'Go to https://e.com/p today. ', '**Bold words.** ', 'Plain *text* here, ',
    '你好，世界。', 'code. x\n\n', 'Wrapped\nline. ', '\n\n', '<b>', '_ ', '😀',
  ]; // prettier-ignore

  it('loses no letter, and every clause stands where it says', () => {
    const random = seededRandom(4);
    const pick = (below: number): number => Math.floor(random() * below);
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: 1 + pick(8) }, () => blocks[pick(blocks.length)]).join('');
      const size = 1 + pick(9);
      const plans = streamed(text, size);
      const letters = (shown: string): string => shown.replace(/[^\p{L}\p{N}]/gu, '').replace(/^\d+/, '');
      const shown = plans.map((plan) => plan.display).join('');
      expect(letters(shown), `${size}: ${JSON.stringify(text)}`).toBe(letters(text));
      for (const plan of plans) {
        const place = Array.from(text).slice(plan.start, plan.start + Array.from(plan.display).length);
        expect(place.join('')).toBe(plan.display);
      }
    }
  });

  it('does not tear a picture or an opening mark off', () => {
    expect(streamed('你好。![cup](c.png)', 1).map((plan) => plan.display)).toEqual([
      '你好。',
      '![cup](c.png)',
    ]);
    expect(streamed('你好。**世界。** 好', 1).map((plan) => plan.display)).toEqual([
      '你好。',
      '**世界。**',
      '好',
    ]);
  });
});
