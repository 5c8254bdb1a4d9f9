import { describe, expect, it } from 'vitest';
import { FacewireError } from '../../../src/errors.js';
import { planSsml } from '../../../src/server/text/plan-ssml.js';
import { ssmlOf } from '../../../src/server/text/ssml-of.js';

const said = (ssml: string, language?: string): string =>
  planSsml(ssml, language)
    .map((plan) => plan.spoken.text.replace(/\s+/g, ' ').trim())
    .join(' / ');
const fault = (ssml: string): FacewireError => {
  try {
    planSsml(ssml);
  } catch (error) {
    if (error instanceof FacewireError) return error;
    throw error;
  }
  throw new Error('it was taken');
};

describe('planSsml', () => {
  it('turns breaks into pauses, before the first words too', () => {
    const plans = planSsml(
      '<speak><break time="1s"/>One.<break time="300ms"/><break strength="weak"/>Two three</speak>',
    );
    expect(plans.map((plan) => [plan.display, plan.pauseBeforeMs, plan.pauseAfterMs])).toEqual([
      ['One.', 1000, 550],
      ['Two three', undefined, undefined],
    ]);
  });

  it.each([
    ['time="1s"', 1000],
    ["time='9s'", 9000],
    ['time="50ms"', 50],
    ['time="9000ms"', 9000],
    ['', 500],
    ['strength="x-weak"', 100],
    ['strength="x-strong"', 2000],
  ])('reads <break %s/>', (attributes, ms) => {
    expect(planSsml(`Hi<break ${attributes}/>there`)[0]?.pauseAfterMs).toBe(ms);
  });

  it('says a substitute and shows the text, places included', () => {
    const [plan] = planSsml('<speak>The <sub alias="World Wide Web">WWW</sub> is big.</speak>');
    expect(plan?.display).toBe('The WWW is big.');
    expect(plan?.spoken.text).toBe('The World Wide Web is big.');
    expect(plan?.spoken.sourceStart[8]).toBe(4);
    expect(plan?.spoken.sourceEnd[8]).toBe(7);
    expect(plan?.contentType).toBe('ssml');
  });

  it('keeps substituted text in one clause', () => {
    expect(
      planSsml('<speak><sub alias="Saint John. Of course.">St. J. Yes</sub> and more.</speak>'),
    ).toHaveLength(1);
  });

  it('puts pinyin in the place of a character and asks for Mandarin', () => {
    const [plan] = planSsml(
      '<speak>他<phoneme alphabet="py" ph="chuan2">传</phoneme><phoneme alphabet="py" ph="nü3">女</phoneme>了</speak>',
    );
    expect(plan?.display).toBe('他传女了');
    expect(plan?.spoken.text.replace(/\s+/g, ' ')).toBe('他 chuan2 nv3 了');
    expect(plan?.language).toBe('zh');
  });

  it.each([
    [
      'cardinal',
      '1234567',
      'one million two hundred thirty-four thousand five hundred sixty-seven',
      '一百二十三万四千五百六十七',
    ],
    ['cardinal', '-3.05', 'minus three point zero five', '负三点零五'],
    ['cardinal', '10,010', 'ten thousand ten', '一万零一十'],
    ['digits', '2024', 'two zero two four', '二零二四'],
    ['telephone', '+86 10-1234', 'plus eight six, one zero, one two three four', '加八六，幺零，幺二三四'],
    ['address', '221 Baker St', 'two two one Baker Street', '二二一 Baker St'],
    ['id', 'A-12b', 'A one two B', 'A 一 二 B'],
    ['date', '2024-10-01', 'October first, twenty twenty-four', '二零二四年十月一日'],
    ['date', '10/21', 'October twenty-first', '十月二十一日'],
    ['time', '14:05', 'fourteen oh five', '十四点零五分'],
    ['time', '9:00', "nine o'clock", '九点整'],
    ['punctuation', 'a,b', 'a comma b', 'a 逗号 b'],
    ['characters', 'AB1!', 'A B one exclamation mark', 'A B 一 感叹号'],
    ['measure', '5.5kg', 'five point five kilograms', '五点五千克'],
    ['measure', '30%', 'thirty percent', '百分之三十'],
    ['currency', '$12.50', 'twelve dollars and fifty cents', '十二点五零美元'],
    ['currency', '100元', 'one hundred yuan', '一百元'],
  ])('say-as %s reads %s', (kind, text, english, chinese) => {
    const ssml = `<speak><say-as interpret-as="${kind}">${text}</say-as></speak>`;
    expect(said(ssml, 'en')).toBe(english);
    expect(said(ssml, 'zh-CN')).toBe(chinese);
  });

  it('judges the language of numbers by the letters of the whole text', () => {
    expect(said('<speak>有<say-as interpret-as="digits">12</say-as>个</speak>')).toBe('有一二个');
  });

  it('gives an action to the next word, over a break, and to the end after the last', () => {
    const plans = planSsml(
      '<speak>😀 a <insert-action type="wave"/><break time="1s"/>b <word>c<insert-action type="nod"/></word>.<insert-action type="bow"/></speak>',
    );
    expect(plans.map((plan) => [plan.display, plan.actions])).toEqual(
      [
        ['😀 a', []],
        [
          'b c.',
          [
            { at: 0, name: 'wave' },
            { at: 4, name: 'nod' },
            { at: 4, name: 'bow' },
          ].map((a) => a),
        ],
      ].map(([display, actions], index) =>
        index === 1
          ? [
              display,
              [
                { at: 0, name: 'wave' },
                { at: 3, name: 'nod' },
                { at: 4, name: 'bow' },
              ],
            ]
          : [display, actions],
      ),
    );
  });

  it('keeps actions and pauses of a text without words', () => {
    expect(planSsml('<speak><insert-action type="wave"/><break time="2s"/></speak>')).toMatchObject([
      { display: '', pauseAfterMs: 2000, actions: [{ at: 0, name: 'wave' }] },
    ]);
  });

  it.each([
    ['plain words, no root', 'plain words, no root'],
    ['3 < 5 & 7 > 2 &amp; AT&T', '3 < 5 & 7 > 2 & AT&T'],
    ['no root <break time="1s"/>but a tag', 'no root / but a tag'],
    [
      '<?xml version="1.0"?>\n<speak version="1.1" xml:lang="en">Said &lt;now&gt;<!-- no --></speak>',
      'Said <now>',
    ],
    ['<speak><p>One</p><p><s>Two</s> <s>three</s></p></speak>', 'One / Two / three'],
    ['<speak><![CDATA[a < b]]></speak>', 'a < b'],
  ])('reads %j', (ssml, text) => {
    expect(said(ssml)).toBe(text);
  });

  it('writes a clause out as SSML again', () => {
    const [plan] = planSsml('<speak>A &amp; <insert-action type="x"/>b<break time="1s"/>c</speak>');
    expect(plan && ssmlOf(plan)).toBe(
      '<speak>A &amp; <insert-action type="x"/>b<break time="1000ms"/></speak>',
    );
  });

  it.each([
    ['<speak>a\nb<blink>c</blink></speak>', '<blink>', '2:2 (code point 10)'],
    ['<speak>😀<break time="10s"/></speak>', '<break>', '1:9 (code point 8)'],
    ['<speak><break time="1.5s"/></speak>', '<break>', '1:8'],
    ['<speak><break time="1"/></speak>', '<break>', '1:8'],
    ['<speak><break strength="none"/></speak>', '<break>', 'x-weak'],
    ['<speak><break>x</break></speak>', '<break> must be empty', '1:8'],
    ['<speak>x <say-as interpret-as="spell">x</say-as></speak>', 'interpret-as', '1:10'],
    ['<speak><say-as interpret-as="date">soon</say-as></speak>', 'holds no date', '"soon"'],
    [
      '<speak><say-as interpret-as="id"><break/></say-as></speak>',
      '<break> is not allowed inside <say-as>',
      '1:34',
    ],
    ['<speak><sub>x</sub></speak>', 'alias', '1:8'],
    ['<speak><phoneme alphabet="ipa" ph="x">x</phoneme></speak>', 'alphabet="py"', '"ipa"'],
    ['<speak><phoneme alphabet="py" ph="chuan9">传</phoneme></speak>', 'tone 1 to 5', '"chuan9"'],
    ['<speak><phoneme alphabet="py" ph="chuan2">传说</phoneme></speak>', 'one Chinese character', '1:8'],
    ['<speak><word>中文word</word></speak>', 'all Chinese or all English', '1:8'],
    ['<speak><insert-action/></speak>', 'needs type', '1:8'],
    ['<speak>a <speak>b</speak></speak>', '<speak> is allowed once', '1:10'],
    ['<speak>a</speak>b', 'after </speak>', '1:'],
    ['<speak>a', 'unclosed tag: speak', '1:'],
    ['<speak>a</p></speak>', 'unexpected close', '1:'],
    ['<speak>a & b</speak>', '(in <speak>)', '1:'],
    ['<speak>&evil;</speak>', 'entity', '1:'],
    ['<!DOCTYPE speak [<!ENTITY a "aa">]><speak>&a;</speak>', 'DOCTYPE', '1:'],
    ['<?run me?><speak>a</speak>', '<?run?>', '1:'],
    ['<speak onload="x">a</speak>', 'no attribute "onload"', '1:1 '],
    [`${'<p>'.repeat(3)}`, '<p> is not allowed inside <p>', '1:4'],
    [`<speak>${'<break/>'.repeat(2001)}</speak>`, 'more than 2000 tags', '1:'],
  ])('refuses what is wrong, case %#', (ssml, what, where) => {
    const error = fault(ssml);
    expect(error.code).toBe('ERR_TEXT_INVALID');
    expect(`${error.message} ${error.expected ?? ''}`).toContain(what);
    expect(`${error.message} ${error.expected ?? ''}`).toContain(where);
    expect(error.message).toMatch(/SSML at \d+:\d+ \(code point \d+\)/);
  });
});
