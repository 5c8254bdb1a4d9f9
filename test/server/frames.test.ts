import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { standardFeatureOrder } from '../../src/wire/feature-order.js';
import { describeWith } from '../tools.js';
import { ends, TestClient, type Frame } from './client.js';

let cloud: LocalCloud;
let client: TestClient;
beforeAll(async () => {
  cloud = await startLocalCloud({ pace: 'asap' });
  client = await TestClient.connect(cloud.connection);
});
afterAll(() => cloud.close());

const replies = (frames: readonly Frame[]): Frame['Payload']['ReplyRsp'][] =>
  frames.filter((frame) => frame.Payload.DriverRspType === 'REPLY').map((frame) => frame.Payload.ReplyRsp);
const speeches = (frames: readonly Frame[]): Frame['Payload']['SpeechRsp'][] =>
  frames.filter((frame) => frame.Payload.DriverRspType === 'SPEECH').map((frame) => frame.Payload.SpeechRsp);

/** Field names and types of a value, arrays by their first item. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, shape(item)]),
  );
}

describe('the frames of a TEXT drive', () => {
  it('have the fields and types of the documented sample', async () => {
    const sample = JSON.parse(
      readFileSync(new URL('./fixtures/speech-frame-shape.json', import.meta.url), 'utf8'),
    ) as unknown;
    const frames = await client.text('Peter bought five blue boats. Then he left.');
    const first = frames.find((frame) => frame.Payload.SpeechRsp.SentenceStart);
    expect(shape(first)).toEqual(sample);
    for (const frame of frames) {
      expect(Object.keys(frame.Payload).sort()).toEqual(Object.keys(first?.Payload ?? {}).sort());
      expect(Object.keys(frame.Payload.SpeechRsp).sort()).toEqual(
        Object.keys(first?.Payload.SpeechRsp ?? {}).sort(),
      );
      expect(Object.keys(frame.Payload.ReplyRsp).sort()).toEqual(
        Object.keys(first?.Payload.ReplyRsp ?? {}).sort(),
      );
      expect(frame).toMatchObject({
        Header: { Code: 0, Message: '' },
        Payload: { ErrorCode: 0, ErrorMessage: '', StreamId: 'stream-1' },
      });
    }
  });

  it('announce each clause before its speech, and end once with an empty Final', async () => {
    const frames = await client.text('One **bold** word. Two *more* & a [link](http://x.y)! 🙂');
    expect(
      replies(frames).map((reply) => [
        reply.SeqNo,
        reply.ReplyDisplay,
        reply.ReplyType,
        reply.IsFinal,
        reply.TtsSupport,
      ]),
    ).toEqual([
      [1, 'One **bold** word.', 'input', false, true],
      [2, 'Two *more* & a [link](http://x.y)! 🙂', 'input', true, true],
    ]);
    expect(replies(frames)[1]?.ReplyPro).toBe('<speak>Two more &amp; a link! 🙂</speak>');
    let announced = 0;
    for (const frame of frames) {
      if (frame.Payload.DriverRspType === 'REPLY') {
        announced = frame.Payload.ReplyRsp.SeqNo;
        expect(frame.Payload.SpeechRsp).toMatchObject({
          Audio: '',
          Sampling: 0,
          ThDim: 0,
          ThFeat: [],
          Phn: [],
          SeqNo: 0,
          RealThType: '',
        });
      } else {
        expect(frame.Payload.SpeechRsp.SeqNo).toBe(announced);
        expect(frame.Payload.ReplyRsp).toMatchObject({
          ReplyDisplay: '',
          ReplyPro: '',
          ReplyType: '',
          SeqNo: 0,
          IsFinal: false,
        });
      }
    }
    const finals = speeches(frames).filter((speech) => speech.Final);
    expect(finals).toHaveLength(1);
    expect(finals[0]).toMatchObject({ Audio: '', ThFeat: [], Phn: [] });
    expect(frames.at(-1)?.Payload.SpeechRsp.Final).toBe(true);
  });

  it('say what kind of content a clause is', async () => {
    const frames = await client.text('# Title\n\n- one\n- two\n\n1. first\n\nText.');
    const kinds = frames
      .filter((frame) => frame.Payload.DriverRspType === 'REPLY')
      .map((frame) => frame.Payload.ReplyRsp);
    expect(kinds.map((reply) => [reply.ReplyDisplay, reply.ContentType])).toEqual([
      ['# Title', 8],
      ['- one', 3],
      ['- two', 3],
      ['1. first', 2],
      ['Text.', 1],
    ]);
  });

  it('cut audio and features at different places, which cover the clause all the same', async () => {
    const frames = speeches(
      await client.text('The audio and the features of this sentence are cut differently. So are these.'),
    );
    for (const number of [1, 2]) {
      const parts = frames.filter((speech) => speech.SeqNo === number && !speech.Final);
      expect(parts.map((part) => part.SentenceStart)).toEqual(parts.map((_, index) => index === 0));
      expect(parts.map((part) => part.SentenceFinal)).toEqual(
        parts.map((_, index) => index === parts.length - 1),
      );
      expect(parts.filter((part) => part.ThFeatFinal)).toHaveLength(1);
      const finalAt = parts.findIndex((part) => part.ThFeatFinal);
      expect(parts.slice(finalAt + 1).every((part) => part.ThFeat.length === 0)).toBe(true);
      let samples = 0;
      let rows = 0;
      let apart = 0;
      for (const part of parts) {
        const bytes = Buffer.from(part.Audio, 'base64').length;
        expect(bytes % 2).toBe(0);
        expect(bytes / 2).toBeLessThanOrEqual(4800);
        expect(part.Sampling).toBe(24000);
        expect(part.ThDim).toBe(part.ThFeat.length > 0 ? 52 : 0);
        expect(part.ThFeat.length % 52).toBe(0);
        expect(part.ThFeat.every((value) => value >= 0 && value <= 1)).toBe(true);
        samples += bytes / 2;
        rows += part.ThFeat.length / 52;
        if (rows !== samples / 960) apart++;
      }
      expect(apart).toBeGreaterThan(parts.length / 2);
      expect(rows).toBe(Math.ceil(samples / 960));
      const end = parts[0]?.Phn.at(-1)?.End;
      expect(Number(end)).toBe(Math.round((samples / 24000) * 1e7));
      expect(
        parts.slice(1).every((part) => part.Phn.length + part.Word.length + part.Subtitle.length === 0),
      ).toBe(true);
    }
  });

  it('time phones and words in ticks, and place words by code points of what is shown', async () => {
    const text = '😀 Say **hello** to &amp; fro.';
    const frames = await client.text(text);
    const first = speeches(frames).find((speech) => speech.SentenceStart);
    const shown = Array.from(replies(frames)[0]?.ReplyDisplay ?? '');
    let end = '0';
    for (const phone of first?.Phn ?? []) {
      expect(phone.Start).toBe(end);
      expect(phone.End).toMatch(/^\d+$/);
      end = phone.End;
    }
    expect(first?.Phn[0]?.Phn).toBe('sil0');
    expect(first?.Phn.at(-1)?.Phn).toBe('sil0');
    for (const item of first?.Subtitle ?? []) {
      expect(shown.slice(Number(item.PosStart), Number(item.PosEnd)).join('')).toBe(item.Word);
    }
    expect(first?.Subtitle.map((item) => item.Word)).toEqual(['😀 Say', 'hello', 'to &amp;', 'fro.']);
    const hello = first?.Subtitle[1];
    const inside = first?.Phn.filter(
      (p) => Number(p.Start) >= Number(hello?.Start) && Number(p.End) <= Number(hello?.End),
    );
    expect(inside?.map((p) => p.Phn)).toEqual(['hh', 'ax', 'l', 'ow']);
    expect(first?.Word[1]).toEqual({ Word: 'hello', Phn: 'hh-ax-l-ow' });
  });

  it('move the mouth with the sound: closed at m, open at ah, at rest in the end', async () => {
    const frames = speeches(await client.text('Mama.'));
    const rows = frames.flatMap((speech) =>
      Array.from({ length: speech.ThFeat.length / 52 }, (_, k) => speech.ThFeat.slice(k * 52, k * 52 + 52)),
    );
    const jaw = standardFeatureOrder.indexOf('jawOpen');
    const close = standardFeatureOrder.indexOf('mouthClose');
    const opening = rows.map((row) => (row[jaw] ?? 0) - (row[close] ?? 0));
    for (const phone of frames[0]?.Phn ?? []) {
      const inside = opening.filter(
        (_, k) => k * 400_000 >= Number(phone.Start) && k * 400_000 < Number(phone.End),
      );
      if (phone.Phn === 'm') expect(Math.max(...inside)).toBeLessThanOrEqual(0.03);
      if (phone.Phn === 'aa') expect(Math.max(...inside)).toBeGreaterThan(0.3);
    }
    expect(rows.at(-1)?.every((value) => value === 0)).toBe(true);
  });

  it('obey speed, volume, timbre and SSML', async () => {
    const seconds = (frames: readonly Frame[]): number =>
      speeches(frames).reduce((sum, s) => sum + Buffer.from(s.Audio, 'base64').length / 48_000, 0);
    const text = 'One two three four five.';
    const plain = seconds(await client.text(text));
    expect(seconds(await client.text(text, { SpeechParam: { Speed: 0.5 } }))).toBeGreaterThan(1.6 * plain);
    expect(seconds(await client.text(text, { SpeechParam: { TimbreKey: 'kal16' } }))).not.toBe(plain);
    const ssml = '<speak>One two<break time="2s"/> three <insert-action type="wave"/>four five.</speak>';
    const frames = await client.text(ssml, { InputTextType: 'SSML' });
    expect(seconds(frames)).toBeGreaterThan(plain + 1.8);
    expect(replies(frames).map((reply) => reply.ReplyDisplay)).toEqual(['One two', 'three four five.']);
    const second = speeches(frames).find((speech) => speech.SeqNo === 2);
    expect(second?.Action).toEqual([{ Pos: 'wave', Start: second?.Subtitle[1]?.Start }]);
  });

  it('can count times and places from the start of the drive', async () => {
    const other = await startLocalCloud({ pace: 'asap', voice: 'kal16', timeBase: 'drive' });
    try {
      const peer = await TestClient.connect(other.connection);
      const text = 'First 😀 one. Second. Third.';
      const starts = speeches(await peer.text(text)).filter((speech) => speech.SentenceStart);
      const ends = starts.map((speech) => speech.Phn.at(-1)?.End);
      expect(starts.map((speech) => speech.Phn[0]?.Start)).toEqual(['0', ...ends.slice(0, -1)]);
      const items = starts.flatMap((speech) => speech.Subtitle);
      expect(items.map((item) => item.Word)).toEqual(['First 😀', 'one.', 'Second.', 'Third.']);
      for (const item of items) {
        expect(Array.from(text).slice(Number(item.PosStart), Number(item.PosEnd)).join('')).toBe(item.Word);
      }
    } finally {
      await other.close();
    }
  });

  it('hold for 20 requests in a row on one socket', async () => {
    const before = client.frames.length;
    for (let i = 0; i < 20; i++) {
      const frames = await client.text(`Request number ${i}.`, { SpeechParam: { TimbreKey: 'kal16' } });
      expect(frames.filter(ends)).toHaveLength(1);
      expect(frames.at(-1)?.Header.Code).toBe(0);
    }
    expect(client.frames.slice(before).filter(ends)).toHaveLength(20);
  });
});

describeWith(['espeak-ng'], 'Chinese', () => {
  it('is timed by character, or by word when asked', async () => {
    const items = async (type: number): Promise<string[] | undefined> => {
      const frames = await client.text('人工智能产业，你好。', { SpeechParam: { SubtitleType: type } });
      return speeches(frames)
        .find((speech) => speech.SentenceStart)
        ?.Subtitle.map((item) => item.Word);
    };
    expect(await items(0)).toEqual(['人', '工', '智', '能', '产', '业，', '你', '好。']);
    const words = await items(1);
    expect(words?.join('')).toBe('人工智能产业，你好。');
    expect(words?.length).toBeLessThan(8);
  });
});
