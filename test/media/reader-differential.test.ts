import { describe, expect, it } from 'vitest';
import { kind, warning, type NativeMessage } from '../../src/media/binding.js';
import { loadAddon } from '../../src/media/index.js';
import { FrameWriter } from './frame-writer.js';

// Thousands of frames, well-formed and broken, read by the native reader and by
// JSON.parse. The oracle knows only what JSON.parse gives it.
const { bench } = loadAddon();

type Json = null | boolean | number | string | Json[] | { readonly [name: string]: Json };

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field whose name differs at most in the case of its first letter. */
function field(from: Json | undefined, name: string): Json | undefined {
  if (!isObject(from)) return undefined;
  const same = (key: string): boolean =>
    key.slice(1) === name.slice(1) && key.charAt(0).toLowerCase() === name.charAt(0).toLowerCase();
  return Object.entries(from).find(([key]) => same(key))?.[1];
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function integer(value: Json | undefined, low: number, high: number): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  const good = typeof number === 'number' && Number.isSafeInteger(number) && number >= low && number <= high;
  return good ? number + 0 : 0; // No -0.
}

function boolean(value: Json | undefined): boolean {
  if (typeof value === 'string') return value === '1' || /^ *t *r *u *e *$/i.test(value);
  return value === true || (typeof value === 'number' && value !== 0 && Number.isFinite(value));
}

function feature(value: Json): number {
  const rounded = typeof value === 'number' ? Math.fround(value) : NaN;
  return Number.isFinite(rounded) ? rounded : NaN;
}

/** The bytes of strict base64, or undefined. */
function base64(value: string): Buffer | undefined {
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}

/** What `native` should say, from what JSON.parse says. */
function compare(native: NativeMessage, json: Json): void {
  if (!isObject(json)) {
    expect(native).toMatchObject({ error: 0, kind: kind.other });
    return;
  }
  const header = field(json, 'Header');
  const payload = field(json, 'Payload');
  const reply = field(payload, 'ReplyRsp');
  const safe = Number.MAX_SAFE_INTEGER;
  const headerCode = integer(field(header, 'Code'), -safe, safe);
  const payloadErrorCode = integer(field(payload, 'ErrorCode'), -safe, safe);
  const type = text(field(payload, 'DriverRspType')).toLowerCase();
  const pong = text(field(header, 'Message')) === 'pong frame';
  const failed = headerCode !== 0 || payloadErrorCode !== 0;
  const said = type === 'speech' ? kind.speech : type === 'reply' ? kind.reply : kind.other;
  const expected = pong ? kind.pong : failed ? kind.error : said;
  expect(native).toMatchObject({ kind: expected, headerCode, payloadErrorCode });
  const unescaped = (inside: string): unknown => JSON.parse(`"${inside}"`);
  const ids = [field(payload, 'ReqId'), field(reply, 'UninterrId'), field(header, 'RequestID')].map(text);
  expect(unescaped(native.requestId)).toBe(ids.find((id) => id !== '') ?? '');
  expect(unescaped(native.headerMessage)).toBe(text(field(header, 'Message')));
  expect(unescaped(native.errorMessage)).toBe(text(field(payload, 'ErrorMessage')));
  if (expected !== kind.speech) {
    expect(native.error).toBe(0);
    return;
  }

  const direct = field(payload, 'SpeechRsp');
  const speech = isObject(direct) ? direct : field(reply, 'SpeechRsp');
  const audio = text(field(speech, 'Audio'));
  const pcm = base64(audio);
  expect(native.error === 0).toBe(pcm !== undefined);
  expect(Buffer.from(native.pcm).equals(pcm ?? Buffer.alloc(0))).toBe(true);
  const wire = field(speech, 'ThFeat');
  const features = Float32Array.from(Array.isArray(wire) ? wire.map(feature) : []);
  expect(native.features.length).toBe(features.length);
  for (let i = 0; i < features.length; i++) {
    if (!Object.is(native.features[i], features[i]))
      expect([i, native.features[i]]).toEqual([i, features[i]]);
  }
  expect((native.warnings & warning.featureNotFinite) !== 0).toBe(features.some(Number.isNaN));
  const family = text(field(speech, 'RealThType'));
  expect(native).toMatchObject({
    sampleRate: integer(field(speech, 'Sampling'), 0, 2 ** 32 - 1),
    featureDimension: integer(field(speech, 'ThDim'), 0, 2 ** 32 - 1),
    clause: integer(field(speech, 'SeqNo'), -(2 ** 31), 2 ** 31 - 1),
    familyKnown: family === '' || family === '3D_standard',
    final: boolean(field(speech, 'Final')),
    sentenceStart: boolean(field(speech, 'SentenceStart')),
    sentenceFinal: boolean(field(speech, 'SentenceFinal')),
    featuresFinal: boolean(field(speech, 'ThFeatFinal')),
  });
  const lists = {
    Phn: 'phones',
    Word: 'words',
    Subtitle: 'subtitles',
    Action: 'actions',
    Expression: 'expressions',
  } as const;
  for (const [name, part] of Object.entries(lists)) {
    const list = field(speech, name);
    if (Array.isArray(list)) expect(JSON.parse(native[part])).toEqual(list);
    else expect(native[part]).toBe('');
  }
}

/** JSON.parse as strict about UTF-8 as the reader is; undefined when the frame is malformed. */
function parse(bytes: Uint8Array): { readonly json: Json } | undefined {
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json };
  } catch {
    return undefined;
  }
}

describe('the message reader against JSON.parse', () => {
  it('reads thousands of well-formed frames alike', () => {
    const writer = new FrameWriter(11);
    let speeches = 0;
    let floats = 0;
    for (let i = 0; i < 4000; i++) {
      const frame = writer.frame();
      const native = bench.readMessage(Buffer.from(frame));
      compare(native, JSON.parse(frame) as Json);
      if (native.kind === kind.speech) speeches++;
      floats += native.features.length;
    }
    expect(speeches).toBeGreaterThan(1000);
    expect(floats).toBeGreaterThan(50_000);
  });

  it('refuses the same frames, and reads those alike that are still well-formed', () => {
    const writer = new FrameWriter(12);
    const count = { fine: 0, refused: 0 };
    for (let i = 0; i < 6000; i++) {
      const bytes = writer.broken(writer.frame());
      const native = bench.readMessage(bytes);
      const parsed = parse(bytes);
      if (parsed === undefined) {
        count.refused++;
        expect([1, 2]).toContain(native.error);
        expect(native.errorPosition).toBeLessThanOrEqual(bytes.length);
      } else {
        count.fine++;
        compare(native, parsed.json);
      }
    }
    expect(count.fine).toBeGreaterThan(500);
    expect(count.refused).toBeGreaterThan(2000);
  });

  it('rounds a hundred thousand numbers as Math.fround does', () => {
    const writer = new FrameWriter(13);
    for (let i = 0; i < 50; i++) {
      const numbers = Array.from({ length: 2000 }, () => writer.number());
      const native = bench.readMessage(
        Buffer.from(
          `{"Payload":{"DriverRspType":"SPEECH","SpeechRsp":{"ThFeat":[${numbers.join(i % 2 === 0 ? ',' : ', ')}]}}}`,
        ),
      );
      const wrong = numbers.filter(
        (number, at) => !Object.is(native.features[at], feature(JSON.parse(number) as number)),
      );
      expect(wrong).toEqual([]);
    }
  });
});
