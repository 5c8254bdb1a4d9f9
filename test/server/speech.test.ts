import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { standardFeatureOrder } from '../../src/wire/feature-order.js';
import { describeWith } from '../tools.js';
import { repliesOf, speechesOf, TestClient, type Frame } from './client.js';

let cloud: LocalCloud;
let client: TestClient;
beforeAll(async () => {
  cloud = await startLocalCloud({ voice: 'kal16', pace: 'asap' });
  client = await TestClient.connect(cloud.connection);
});
afterAll(() => cloud.close());

type Speech = Frame['Payload']['SpeechRsp'];
const ssml = (InputText: string, more = {}): Promise<Frame[]> =>
  client.text(InputText, { InputTextType: 'SSML', ...more });
const firstsOf = (frames: readonly Frame[]): Speech[] =>
  speechesOf(frames).filter((speech) => speech.SentenceStart);

function pcmOf(speeches: readonly Speech[]): Int16Array {
  const bytes = Buffer.concat(speeches.map((speech) => Buffer.from(speech.Audio, 'base64')));
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
function rowsOf(speeches: readonly Speech[]): (readonly number[])[] {
  const all = speeches.flatMap((speech) => speech.ThFeat);
  return Array.from({ length: all.length / 52 }, (_, row) => all.slice(row * 52, row * 52 + 52));
}
const column = (name: (typeof standardFeatureOrder)[number]): number => standardFeatureOrder.indexOf(name);
const loudest = (pcm: Int16Array): number =>
  pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
/** Ticks to samples at 24 kHz. */
const sampleAt = (ticks: number): number => Math.round((ticks * 24_000) / 1e7);

describe('a break', () => {
  it.each([300, 2000])('of %i ms is that much silence between the words around it', async (ms) => {
    const frames = await ssml(`<speak>One two<break time="${ms}ms"/>three.</speak>`);
    const [first, second] = firstsOf(frames);
    const pcm = pcmOf(speechesOf(frames));
    const clauseEnd = Number(first?.Phn.at(-1)?.End);
    const from = sampleAt(Number(first?.Subtitle.at(-1)?.End));
    const to = sampleAt(clauseEnd + Number(second?.Subtitle[0]?.Start));
    expect((to - from) / 24).toBeGreaterThanOrEqual(ms - 1);
    expect((to - from) / 24).toBeLessThanOrEqual(ms + 21);
    // The last sound dies away and the resampler rings for a moment.
    expect(loudest(pcm.subarray(from + 2400, to - 240))).toBeLessThan(200);
    expect(loudest(pcm.subarray(to, to + 4800))).toBeGreaterThan(3000);
    expect(repliesOf(frames)[0]?.ReplyPro).toBe(`<speak>One two<break time="${ms}ms"/></speak>`);
  });

  it('before the first word is heard, and so is one that stands alone', async () => {
    const [first] = firstsOf(await ssml('<speak><break time="1s"/>One.</speak>'));
    expect(first?.Subtitle[0]?.Start).toBe('10000000');
    const alone = await ssml('<speak><break time="1s"/></speak>');
    expect(pcmOf(speechesOf(alone)).length).toBe(24_000);
    expect(loudest(pcmOf(speechesOf(alone)))).toBe(0);
    expect(alone.at(-1)?.Header.Code).toBe(0);
  });
});

describe('an action', () => {
  it('starts with the word after it, over a break, and after the last word', async () => {
    const frames = await ssml(
      '<speak>Say <insert-action type="wave"/>hello <insert-action type="nod"/><break time="1s"/>to me<insert-action type="bow"/>.</speak>',
    );
    const [first, second] = firstsOf(frames);
    expect(first?.Action).toEqual([{ Pos: 'wave', Start: first?.Subtitle[1]?.Start }]);
    expect(second?.Action).toEqual([
      { Pos: 'nod', Start: second?.Subtitle[0]?.Start },
      { Pos: 'bow', Start: second?.Subtitle[1]?.End },
    ]);
  });

  it('is sent for a text that is nothing else', async () => {
    const frames = await ssml('<insert-action type="wave"/>');
    expect(firstsOf(frames).map((speech) => speech.Action)).toEqual([[{ Pos: 'wave', Start: '0' }]]);
    expect(repliesOf(frames)[0]).toMatchObject({ TtsSupport: true, IsFinal: true, ContentType: 9 });
  });

  it('is added by itself where the text has none, when it is asked for', async () => {
    const actions = async (text: string, more = {}): Promise<string[][]> =>
      firstsOf(await client.text(text, { SpeechParam: { SmartActionEnabled: true }, ...more })).map(
        (speech) =>
          speech.Action.map(
            (action) => `${action.Pos}@${speech.Subtitle.findIndex((word) => word.Start === action.Start)}`,
          ),
      );
    expect(await actions('And hello to you. First, this is very important. Is it? It rains.')).toEqual([
      ['wave@1'],
      ['count_one@0', 'emphasize@3'],
      ['ask@0'],
      [],
    ]);
    expect(await actions('Thank you, no.')).toEqual([['bow@0', 'shake_head@2']]);
    expect(
      await actions('<speak>Hello <insert-action type="mine"/>you.</speak>', { InputTextType: 'SSML' }),
    ).toEqual([['mine@1']]);
    // One of its own, and none is added in any clause.
    const tagged = '<speak>Hello. I <insert-action type="mine"/>thank you. Goodbye.</speak>';
    expect(await actions(tagged, { InputTextType: 'SSML' })).toEqual([[], ['mine@1'], []]);
    expect((await client.text('Hello.')).some((frame) => frame.Payload.SpeechRsp.Action.length > 0)).toBe(
      false,
    );
  });
});

describe('an emotion', () => {
  const smile = column('mouthSmileLeft');
  const happy = (EmotionIntensity: number) => ({
    SpeechParam: { EmotionCategory: 'happy', EmotionIntensity },
  });

  it('lasts from the first clause to the last', async () => {
    const frames = await client.text('One here. Two there. Three.', happy(100));
    expect(firstsOf(frames).map((speech) => speech.Expression)).toEqual(
      firstsOf(frames).map((speech, index) => [
        { Name: 'happy', Start: '0', End: speech.Phn.at(-1)?.End, Loc: '0', Flag: 'BIE'[index] },
      ]),
    );
    expect(firstsOf(await client.text('One.', happy(100)))[0]?.Expression[0]?.Flag).toBe('S');
    expect(firstsOf(await client.text('One.'))[0]?.Expression).toEqual([]);
  });

  it('is seen in the face as strongly as it is asked for, and is gone in the end', async () => {
    const text = 'Mama and papa.';
    const plain = rowsOf(speechesOf(await client.text(text)));
    const added = async (intensity: number): Promise<number[]> => {
      const rows = rowsOf(speechesOf(await client.text(text, happy(intensity))));
      expect(rows).toHaveLength(plain.length);
      expect(rows.flat().every((value) => value >= 0 && value <= 1)).toBe(true);
      return rows.map((row, index) => (row[smile] ?? 0) - (plain[index]?.[smile] ?? 0));
    };
    const [weak, strong] = [await added(50), await added(200)];
    const middle = Math.floor(plain.length / 2);
    expect(weak[middle]).toBeCloseTo(0.17, 2);
    expect(strong[middle]).toBeGreaterThan(0.5);
    expect(strong[0]).toBe(0);
    expect(strong.at(-1)).toBe(0);
  });

  it('leaves the lips free to close', async () => {
    const plain = rowsOf(speechesOf(await client.text('Mama.')));
    const frames = speechesOf(await client.text('Mama.', happy(200)));
    const opening = (row: readonly number[] | undefined): number =>
      (row?.[column('jawOpen')] ?? 0) - (row?.[column('mouthClose')] ?? 0);
    const closures = (frames[0]?.Phn ?? []).filter(({ Phn }) => Phn === 'm');
    expect(closures).toHaveLength(2);
    const openings = rowsOf(frames).map(opening);
    for (const { Start, End } of closures) {
      const inside = openings.slice(Math.ceil(Number(Start) / 400_000), Math.ceil(Number(End) / 400_000));
      expect(Math.min(...inside)).toBeLessThanOrEqual(0.03);
    }
    openings.forEach((opened, k) => expect(opened).toBeCloseTo(opening(plain[k]), 6));
  });

  it('that the face does not know is refused with those it knows', async () => {
    const frames = await client.text('One.', { SpeechParam: { EmotionCategory: 'hungry' } });
    expect(frames[0]?.Header).toMatchObject({ Code: 100001 });
    expect(frames[0]?.Header.Message).toContain('happy');
  });

  it('is placed in the whole text when times count from the drive', async () => {
    const other = await startLocalCloud({ pace: 'asap', voice: 'kal16', timeBase: 'drive' });
    try {
      const peer = await TestClient.connect(other.connection);
      const firsts = firstsOf(await peer.text('One 😀. Two.', { SpeechParam: { EmotionCategory: 'sad' } }));
      expect(firsts.map((speech) => speech.Expression[0]?.Loc)).toEqual(['0', '7']);
      expect(firsts[1]?.Expression[0]?.Start).toBe(firsts[0]?.Phn.at(-1)?.End);
    } finally {
      await other.close();
    }
  });
});

describe('Markdown', () => {
  it('shows tables, pictures and addresses, and speaks the rest', async () => {
    const text = '# Prices\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n![cup](c.png)\n\nSee https://a.b/c for more.';
    const frames = await client.text(text);
    const replies = repliesOf(frames);
    expect(replies.map((reply) => [reply.SeqNo, reply.ContentType, reply.TtsSupport, reply.IsFinal])).toEqual(
      [
        [1, 8, true, false],
        [2, 6, false, false],
        [3, 4, false, false],
        [4, 1, true, false],
        [5, 5, false, false],
        [6, 1, true, true],
      ],
    );
    expect(replies[1]?.ReplyDisplay).toContain('| 1 | 2 |');
    expect(replies[1]?.ReplyPro).toBe('<speak></speak>');
    expect([...new Set(speechesOf(frames).map((speech) => speech.SeqNo))]).toEqual([1, 4, 6]);
  });

  it('shows words without the marks around them', async () => {
    const frames = await client.text('We count *to* **ten**. See [our page](http://a.b/c).');
    const words = speechesOf(frames).flatMap(({ Subtitle }) => Subtitle.map(({ Word }) => Word));
    expect(words).toEqual(['We', 'count', 'to', 'ten', 'See', 'our', 'page']);
  });

  it('with nothing to say ends well', async () => {
    const frames = await client.text('![cup](c.png)');
    expect(repliesOf(frames)).toMatchObject([{ TtsSupport: false, IsFinal: true, ContentType: 4 }]);
    expect(frames.at(-1)?.Payload.SpeechRsp).toMatchObject({ Final: true, Audio: '' });
  });

  it('is streamed a clause at a time, whatever the fragments', async () => {
    const send = (InputText: string, Seq: number, IsFinal = false): string =>
      client.send({ ReqId: 'a'.repeat(31) + '1', DriverType: 'STREAM_TEXT', Seq, InputText, IsFinal });
    const id = send('- The **fir', 1);
    send('st** item. It', 2);
    await client.until(() => client.of(id).some((frame) => frame.Payload.SpeechRsp.SentenceFinal));
    send(' goes on.\n- [li', 3);
    send('nk](http://a.b)\n\n| a |\n', 4);
    send('|--|\n| 1. 2. |\n', 5, true);
    const frames = await client.finished(id);
    expect(repliesOf(frames).map((reply) => [reply.ReplyDisplay, reply.ContentType, reply.ReplyPro])).toEqual(
      [
        ['- The **first** item.', 3, '<speak>The first item.</speak>'],
        ['It goes on.', 3, '<speak>It goes on.</speak>'],
        ['- [link](http://a.b)', 5, '<speak></speak>'],
        ['| a |\n|--|\n| 1. 2. |', 6, '<speak></speak>'],
      ],
    );
  });
});

describe('SSML that is wrong', () => {
  it('is refused with the tag and its place, before anything is said', async () => {
    const frames = await ssml('<speak>Fine.\nThen <blink>not</blink></speak>');
    expect(frames).toHaveLength(1);
    expect(frames[0]?.Header.Code).toBe(100001);
    expect(frames[0]?.Header.Message).toContain('SSML at 2:6 (code point 18): the tag <blink> is not known');
  });

  it('is spoken when it is plain text, as clients of the vendor send it', async () => {
    const frames = await ssml('Fish & chips < 5 dollars.', { Seq: 0, IsFinal: false });
    expect(repliesOf(frames)).toMatchObject([{ ContentType: 1, ReplyDisplay: 'Fish & chips < 5 dollars.' }]);
  });
});

describe('subtitles of SSML', () => {
  it('show a substitute’s text once, over all its words', async () => {
    const frames = await ssml('<speak>The <sub alias="World Wide Web">WWW</sub> grew.</speak>');
    const [first] = firstsOf(frames);
    expect(first?.Subtitle.map((item) => [item.Word, item.PosStart, item.PosEnd])).toEqual([
      ['The', '0', '3'],
      ['WWW', '4', '7'],
      ['grew.', '8', '13'],
    ]);
    expect(first?.Word.map((word) => word.Word)).toEqual(['The', 'World', 'Wide', 'Web', 'grew.']);
    for (const [index, item] of (first?.Subtitle ?? []).entries()) {
      expect(Number(item.Start)).toBeGreaterThanOrEqual(Number(first?.Subtitle[index - 1]?.End ?? 0));
    }
  });

  it('join what is marked as a word when they go by word', async () => {
    const words = async (SubtitleType: number): Promise<string[] | undefined> =>
      firstsOf(
        await ssml('<speak>In <word>New York</word> now.</speak>', { SpeechParam: { SubtitleType } }),
      )[0]?.Subtitle.map((item) => item.Word);
    expect(await words(0)).toEqual(['In', 'New', 'York', 'now.']);
    expect(await words(1)).toEqual(['In', 'New York', 'now.']);
  });
});

describe('a language that the voice does not have', () => {
  it.each(['xx', '../etc', 'tlh-Latn'])('%s is refused', async (TimbreLanguage) => {
    const frames = await client.text('Hello.', { SpeechParam: { TimbreLanguage } });
    expect(frames[0]?.Header.Code).toBe(100001);
  });
});

describeWith(['espeak-ng'], 'Mandarin', () => {
  it('has the documents’ phones and words', async () => {
    const [first] = firstsOf(await client.text('在人工智能产业中，'));
    expect(first?.Phn.map((phone) => phone.Phn).join(' ')).toBe(
      'sil0 z4 ai4 r2 en2 g1 ong1 zh4 iii4 n2 eng2 ch3 an3 ie4 zh1 ong1 sil0',
    );
    expect(first?.Word).toEqual([
      { Word: '在', Phn: 'z-ai4' },
      { Word: '人工', Phn: 'r-en2|g-ong1' },
      { Word: '智能', Phn: 'zh-iii4|n-eng2' },
      { Word: '产业', Phn: 'ch-an3|ie4' },
      { Word: '中', Phn: 'zh-ong1' },
    ]);
    let end = '0';
    for (const phone of first?.Phn ?? []) {
      expect(phone.Start).toBe(end);
      end = phone.End;
    }
    expect(first?.Subtitle.map((item) => [item.Word, item.PosStart, item.PosEnd]).at(-1)).toEqual([
      '中，',
      '7',
      '9',
    ]);
  });

  it('reads a character as its phoneme says', async () => {
    const phones = async (text: string): Promise<string[] | undefined> =>
      firstsOf(await ssml(text))[0]?.Phn.map((phone) => phone.Phn);
    expect(await phones('<speak><phoneme alphabet="py" ph="chuan2">传</phoneme></speak>')).toEqual([
      'sil0',
      'ch2',
      'uan2',
      'sil0',
    ]);
    const frames = await ssml('<speak>他<phoneme alphabet="py" ph="zhuan4">传</phoneme>很长</speak>');
    const [first] = firstsOf(frames);
    expect(first?.Phn.map((phone) => phone.Phn).slice(1, 5)).toEqual(['t1', 'a1', 'zh4', 'uan4']);
    expect(first?.Subtitle.map((item) => item.Word)).toEqual(['他', '传', '很', '长']);
  });

  it('reads syllables that its engine lacks', async () => {
    const [first] = firstsOf(await client.text('英雄和穷人的花儿。'));
    expect(first?.Phn.map((phone) => phone.Phn).join(' ')).toContain('ing1 x2 iong2');
    expect(first?.Phn.map((phone) => phone.Phn).join(' ')).toContain('q2 iong2 r2 en2');
    expect(first?.Phn.map((phone) => phone.Phn).join(' ')).toContain('h1 ua1 er2');
  });

  it('says numbers and dates in Chinese', async () => {
    const frames = await ssml('<speak>今天是<say-as interpret-as="date">10月21日</say-as>。</speak>');
    expect(repliesOf(frames)[0]).toMatchObject({
      ReplyDisplay: '今天是10月21日。',
      ReplyPro: '<speak>今天是十月二十一日。</speak>',
    });
  });

  it('is spoken by an English timbre when the language is chosen', async () => {
    const [first] = firstsOf(await client.text('123', { SpeechParam: { TimbreLanguage: 'zh-CN' } }));
    expect(first?.Phn.map((phone) => phone.Phn).join(' ')).toContain('b3 ai3');
  });
});
