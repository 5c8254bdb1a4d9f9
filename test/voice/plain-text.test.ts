import { describe, expect, it } from 'vitest';
import { markdownToPlain, parseSsml } from '../../src/voice/plain-text.js';

describe('markdownToPlain', () => {
  it.each([
    ['plain text stays', 'plain text stays'],
    ['**bold** and *it* and `code` and ~~no~~', 'bold and it and code and no'],
    ['# Title', 'Title'],
    ['> - [x] done', 'done'],
    ['see [the *docs*](http://a.b/c(d)) now', 'see the docs now'],
    ['![a cat](cat.png)', 'a cat'],
    ['<https://a.b/c>', 'https://a.b/c'],
    ['fish &amp; chips &#x41;&#66; &unknown; AT&T', 'fish & chips AB &unknown; AT&T'],
    ['snake_case_name and _em_', 'snake_case_name and em'],
    ['2 * 3 = 6, 2*3', '2 * 3 = 6, 2*3'],
    ['\\*not\\* <b>bold</b> 3 < 5', '*not* bold 3 < 5'],
    ['one\n---\ntwo', 'one\n\ntwo'],
    ['```js\ncode\n```', '\ncode\n'],
    ['', ''],
  ])('%j', (marked, plain) => {
    expect(markdownToPlain(marked).text.replace(/ +/g, ' ').trimEnd()).toBe(plain.trimEnd());
  });

  it('knows the code point every character came from', () => {
    const display = '😀 **Bold** [a *link*](http://x.y) &amp; 你好';
    const shown = Array.from(display);
    const { text, sourceStart, sourceEnd } = markdownToPlain(display);
    expect(text).toBe('😀 Bold a link & 你好');
    Array.from(text).forEach((character, index) => {
      const from = shown.slice(sourceStart[index], sourceEnd[index]).join('');
      expect(from).toBe(character === '&' ? '&amp;' : character);
    });
  });
});

describe('parseSsml', () => {
  it('drops tags and keeps their content', () => {
    const { text } = parseSsml(
      '<?xml version="1.0"?><speak>Say <phoneme alphabet="py" ph="hao3">好</phoneme> &lt;now&gt;<!-- no --></speak>',
    );
    expect(text).toBe('Say 好 <now>');
  });

  it.each([
    ['time="500ms"', 500],
    ["time='2s'", 2000],
    ['strength="weak"', 250],
    ['', 500],
    ['time="99s"', 10_000],
  ])('reads <break %s/>', (attributes, ms) => {
    expect(parseSsml(`Hi<break ${attributes}/>there`).breaks).toEqual([{ at: 2, ms }]);
  });

  it('keeps actions with their place', () => {
    const { text, actions } = parseSsml('<speak>😀 a<insert-action type="wave"/>b</speak>');
    expect(text).toBe('😀 ab');
    expect(actions).toEqual([{ at: 3, name: 'wave' }]);
  });

  it('takes text without any markup, stray signs included', () => {
    expect(parseSsml('3 < 5 & 7 > 2').text).toBe('3 < 5 & 7 > 2');
  });
});
