import { describe, expect, it } from 'vitest';
import { arkitNames } from '../../src/frame.js';
import {
  codePointLength,
  codePointToUtf16,
  ExpressionTracker,
  isWellFormed,
  readFrame,
  SpeechJoiner,
  standardFeatureOrder,
  toTicks,
  utf16ToCodePoint,
  type ExpressionPart,
  type Speech,
} from '../../src/wire/index.js';

function speech(fields: object): Speech {
  const { frame } = readFrame(
    JSON.stringify({ Payload: { DriverRspType: 'SPEECH', ReqId: 'r', SpeechRsp: fields } }),
  );
  if (frame.kind !== 'speech') throw new Error(frame.kind);
  return frame.speech;
}
const audio = (bytes: number[]): string => Buffer.from(bytes).toString('base64');

describe('SpeechJoiner', () => {
  it('gives the same samples for every split of the bytes', () => {
    const bytes = Array.from({ length: 24 }, (_, i) => (i * 37) % 256);
    const whole = [...new SpeechJoiner().push(speech({ Audio: audio(bytes) })).pcm];
    for (let a = 0; a <= 24; a++) {
      for (let b = a; b <= 24; b++) {
        const joiner = new SpeechJoiner();
        const parts = [bytes.slice(0, a), bytes.slice(a, b), bytes.slice(b)];
        expect(parts.flatMap((part) => [...joiner.push(speech({ Audio: audio(part) })).pcm])).toEqual(whole);
      }
    }
  });
  it('keeps the rate that was stated last, and 24 kHz before', () => {
    const joiner = new SpeechJoiner();
    expect(joiner.push(speech({})).sampleRate).toBe(24_000);
    expect(joiner.push(speech({ Sampling: 16_000 })).sampleRate).toBe(16_000);
    expect(joiner.push(speech({ Sampling: 0 })).sampleRate).toBe(16_000);
    const odd = joiner.push(speech({ Sampling: 7 }));
    expect([odd.sampleRate, odd.warnings[0]?.code]).toEqual([16_000, 'audio-rate-unsupported']);
    expect(joiner.push(speech({ Sampling: 48_000 })).warnings[0]?.code).toBe('audio-rate-changed');
  });
  it('carries part of a row within a clause, not into the next', () => {
    const joiner = new SpeechJoiner();
    const first = joiner.push(speech({ SeqNo: 1, ThDim: 2, ThFeat: [0.5, 0.25, 1] }));
    expect([[...first.features], first.warnings.map((w) => w.code)]).toEqual([
      [0.5, 0.25],
      ['features-length'],
    ]);
    expect([...joiner.push(speech({ SeqNo: 1, ThFeat: [0.75, 0] })).features]).toEqual([1, 0.75]);
    expect([...joiner.push(speech({ SeqNo: 2, ThFeat: [0, 1] })).features]).toEqual([0, 1]);
  });
  it('repeats the row before one that is not finite and clamps the rest', () => {
    const joiner = new SpeechJoiner();
    const { features, warnings } = joiner.push(
      speech({ ThDim: 2, ThFeat: [null, 1, 0.5, 2, 'x', 0, -1, 0] }),
    );
    expect([...features]).toEqual([0, 0, 0.5, 1, 0.5, 1, 0, 0]);
    expect(warnings.map((w) => w.code)).toEqual(['features-not-finite', 'features-out-of-range']);
  });
  it('takes 52 as the width when none was stated', () => {
    expect(new SpeechJoiner().push(speech({ ThFeat: Array(104).fill(0) })).features).toHaveLength(104);
  });
  it('does not take rows of an absurd width', () => {
    const { features, warnings } = new SpeechJoiner().push(speech({ ThDim: 1e9, ThFeat: [0, 0] }));
    expect([features.length, warnings[0]?.code]).toEqual([0, 'features-length']);
  });
  it('says when the family is not known', () => {
    const { warnings } = new SpeechJoiner().push(speech({ ThDim: 1, ThFeat: [0], RealThType: '2D_x' }));
    expect(warnings[0]?.code).toBe('features-family-unknown');
  });
});

describe('standardFeatureOrder', () => {
  it('is a permutation of the 52 ARKit names', () => {
    expect([...standardFeatureOrder].sort()).toEqual([...arkitNames].sort());
  });
});

describe('ExpressionTracker', () => {
  const span = (part: ExpressionPart, start: number, end: number, name = 'joy') => ({
    name, part, start: toTicks(start), end: toTicks(end), position: start,
  }); // prettier-ignore

  it('joins the parts of an expression over messages', () => {
    const tracker = new ExpressionTracker();
    expect(tracker.push([span('begin', 10, 20)])).toMatchObject([{ start: 10, end: 20, open: true }]);
    expect(tracker.push([span('inside', 20, 30), span('whole', 25, 26, 'wink')])).toMatchObject([
      { start: 10, end: 30, open: true },
      { name: 'wink', start: 25, end: 26, open: false },
    ]);
    expect(tracker.push([span('end', 30, 40)])).toMatchObject([
      { start: 10, end: 40, position: 10, open: false },
    ]);
    expect(tracker.finish()).toEqual([]);
  });
  it('takes an end without a beginning as a whole', () => {
    expect(new ExpressionTracker().push([span('end', 5, 9)])).toMatchObject([
      { start: 5, end: 9, open: false },
    ]);
  });
  it('closes at the end of the drive what was left open', () => {
    const tracker = new ExpressionTracker();
    tracker.push([span('begin', 1, 2)]);
    expect(tracker.finish()).toMatchObject([{ name: 'joy', open: false }]);
  });
});

describe('text positions', () => {
  const text = 'a😀好b';
  it('counts code points', () => expect(codePointLength(text)).toBe(4));
  it('converts both ways', () => {
    expect([0, 1, 2, 3, 4, 9].map((n) => codePointToUtf16(text, n))).toEqual([0, 1, 3, 4, 5, 5]);
    expect([0, 1, 2, 3, 4, 5].map((n) => utf16ToCodePoint(text, n))).toEqual([0, 1, 1, 2, 3, 4]);
  });
  it('knows half a character', () => {
    expect(['a😀', '\ud83d', 'x\ude00', '\ud83d\ud83d\ude00'].map(isWellFormed)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
