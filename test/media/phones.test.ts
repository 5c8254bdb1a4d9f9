import { describe, expect, it } from 'vitest';
import { arkitIndex, weightCount } from '../../src/frame.js';
import {
  MediaSession,
  renderPhones,
  sessionCounter,
  sessionCounterLength,
  type MediaSessionOptions,
  type PhoneSpan,
  type RenderPhonesOptions,
} from '../../src/media/index.js';
import { codeOf } from '../code-of.js';

const rate = 48_000;

/** Phones of 80 ms each, one after the other, from 0.1 s on. */
function phonesOf(text: string, ms = 80): PhoneSpan[] {
  const samples = (ms * rate) / 1000;
  return text
    .split(' ')
    .map((symbol, i) => ({ symbol, start: 4800 + i * samples, end: 4800 + (i + 1) * samples }));
}

function render(phones: readonly PhoneSpan[], options: Partial<RenderPhonesOptions> = {}): Float32Array {
  const fixed = { sampleRate: rate, frameRateNum: 60, frameRateDen: 1 };
  return renderPhones(phones, { ...fixed, frames: 60, ...options });
}

/** Smallest opening of the lips in rows [from, to). */
function apart(rows: Float32Array, from: number, to: number): number {
  let least = Infinity;
  for (let row = from; row < to; row++) {
    const at = row * weightCount;
    least = Math.min(least, rows[at + arkitIndex.jawOpen] - rows[at + arkitIndex.mouthClose]);
  }
  return least;
}

describe('renderPhones', () => {
  it('closes the lips for a bilabial, and leaves them open without the constraints', () => {
    const phones = phonesOf('AA1 M AA1');
    expect(apart(render(phones), 11, 16)).toBeLessThanOrEqual(0.03);
    expect(apart(render(phones, { constraints: false }), 11, 16)).toBeGreaterThan(0.03);
  });

  it('reads every alphabet alike', () => {
    const shapes = ['AA1', 'aa', 'a1', 'ɑ', 'A:'].map((symbol) => render([{ symbol, start: 0, end: 9600 }]));
    const usual = shapes[1];
    for (const rows of shapes.slice(2)) expect(rows).toEqual(usual);
    expect(Math.max(...shapes[0])).toBeGreaterThan(Math.max(...usual));
  });

  it('takes misprints for what they begin with, and opens a little for the rest', () => {
    for (const symbol of ['Sta', 'g-ng1', '???', '好', '']) {
      const rows = render(phonesOf(`aa ${symbol} aa`));
      expect([...rows].every((weight) => weight >= 0 && weight <= 1)).toBe(true);
    }
    expect(render(phonesOf('aa Sta aa'))).toEqual(render(phonesOf('aa s aa')));
    expect(render(phonesOf('aa g-ng1 aa'))).toEqual(render(phonesOf('aa g aa')));
  });

  it('runs ahead of the sound by the lead', () => {
    const phones = phonesOf('p aa t iy m uw');
    const late = render(phones, { mouthLeadSamples: 0 });
    const early = render(phones, { mouthLeadSamples: 1600 });
    expect(early.subarray(0, 50 * weightCount)).toEqual(late.subarray(2 * weightCount, 52 * weightCount));
  });

  it('opens further when it is loud', () => {
    const phones = phonesOf('aa', 300);
    const widest = (level: number): number =>
      Math.max(...render(phones, { level: new Float32Array(60).fill(level) }));
    expect(widest(0.3)).toBeGreaterThan(widest(0.1));
    expect(widest(0.1)).toBeCloseTo(Math.max(...render(phones)), 6);
    expect(widest(0.02)).toBeLessThan(widest(0.1));
  });

  it('refuses what it cannot draw', () => {
    const phones = phonesOf('aa');
    for (const wrong of [{ frames: -1 }, { frames: 0.5 }, { sampleRate: 0 }, { frameRateDen: 0 }]) {
      expect(codeOf(() => render(phones, wrong))).toBe('ERR_OPTION_INVALID');
    }
    const broken = [{ symbol: 'a', start: Number.NaN, end: 5 }];
    expect(codeOf(() => render(broken))).toBe('ERR_OPTION_INVALID');
  });
});

const ms = 10_000;
/** aa from 0 to 400 ms, m to 500, aa to 1000; in ticks. */
const ama: readonly PhoneSpan[] = [
  { symbol: 'aa', start: 0, end: 400 * ms },
  { symbol: 'm', start: 400 * ms, end: 500 * ms },
  { symbol: 'aa', start: 500 * ms, end: 1000 * ms },
];
const second = Buffer.alloc(48_000, 1).toString('base64');

function speak(
  options: MediaSessionOptions,
  speech: { features?: Float32Array; phones?: readonly PhoneSpan[] },
): MediaSession {
  const session = new MediaSession({
    idleSeed: -1,
    mouthLeadMs: 0,
    featureOrder: ['jawOpen', 'mouthClose'],
    ...options,
  });
  session.begin();
  const report = session.pushParsed({
    audio: second,
    sampleRate: 24_000,
    featureDimension: 2,
    final: true,
    ...speech,
  });
  expect(report.toError()).toBeUndefined();
  session.commit(rate);
  return session;
}

function opening(session: MediaSession, atMs: number): number {
  const row = new Float32Array(55);
  session.frameAt((atMs * rate) / 1000, row);
  return row[arkitIndex.jawOpen] - row[arkitIndex.mouthClose];
}

function counts(session: MediaSession): Float64Array {
  const counters = new Float64Array(sessionCounterLength);
  session.readCounters(counters);
  return counters;
}

describe('a session with phones', () => {
  const wide = new Float32Array(50).map((_, i) => (i % 2 === 0 ? 0.5 : 0));

  it('speaks by phones when there are no features', () => {
    using session = speak({}, { phones: ama });
    expect(opening(session, 250)).toBeGreaterThan(0.2);
    expect(opening(session, 450)).toBeLessThanOrEqual(0.03);
    expect(counts(session)[sessionCounter.phones]).toBe(3);
    expect(counts(session)[sessionCounter.phonePictures]).toBe(2);
    expect(counts(session)[sessionCounter.featurePictures]).toBe(0);
  });

  it('closes lips that features leave open, unless it is told not to', () => {
    using session = speak({}, { phones: ama, features: wide });
    using without = speak({ closureOverlay: false }, { phones: ama, features: wide });
    expect(opening(session, 450)).toBeLessThanOrEqual(0.03);
    expect(counts(session)[sessionCounter.closuresAdded]).toBe(1);
    expect(opening(session, 250)).toBe(0.5);
    expect(opening(without, 450)).toBe(0.5);
    expect(counts(without)[sessionCounter.closuresAdded]).toBe(0);
  });

  it('keeps the lips open where the constraints are off', () => {
    using session = speak({ constraints: false }, { phones: ama });
    expect(opening(session, 450)).toBeGreaterThan(0.03);
  });

  it('takes the mouth from where it is told to', () => {
    using features = speak({ mouthSource: 'features' }, { phones: ama, features: wide });
    using phones = speak({ mouthSource: 'phones' }, { phones: ama, features: wide });
    using nothing = speak({ mouthSource: 'features' }, { phones: ama });
    using loudness = speak({}, {});
    expect(opening(features, 250)).toBe(0.5);
    expect(opening(phones, 250)).not.toBe(0.5);
    expect(opening(nothing, 250)).toBe(0);
    expect(opening(loudness, 250)).toBeGreaterThan(0);
    expect(counts(loudness)[sessionCounter.loudnessPictures]).toBe(1);
  });

  it('reads the phones of wire messages alike', () => {
    const items = ama.map(({ symbol, start, end }) => ({
      End: String(end),
      Phn: symbol,
      Start: String(start),
    }));
    const speech = { Audio: second, Sampling: 24_000, Final: true, SentenceStart: true, Phn: items };
    const payload = { ReqId: 'r', DriverRspType: 'SPEECH', SpeechRsp: speech };
    using session = new MediaSession({ idleSeed: -1, mouthLeadMs: 0 });
    session.begin('r');
    session.push(Buffer.from(JSON.stringify({ Header: { Code: 0 }, Payload: payload })));
    session.commit(rate);
    using parsed = speak({}, { phones: ama });
    for (let at = 0; at < 1000; at += 7) expect(opening(session, at)).toBe(opening(parsed, at));
  });

  it('refuses what it does not know', () => {
    const mouthSource = 'lips' as 'auto';
    expect(codeOf(() => new MediaSession({ mouthSource }))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => new MediaSession({ constraints: 1 as unknown as boolean }))).toBe(
      'ERR_OPTION_INVALID',
    );
  });
});
