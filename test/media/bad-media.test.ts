import { describe, expect, it } from 'vitest';
import { frameWidth, MediaSession, weightCount, type PushReport } from '../../src/media/index.js';
import { Random } from '../reference/random.js';
import { sameBits } from './drive.js';

const rate = 24_000;

/** The wire message of one piece; `features` is JSON text, so that it may hold anything. */
function message(audio: Buffer, features: string, more: Record<string, unknown> = {}): Buffer {
  const speech = {
    Audio: audio.toString('base64'),
    Sampling: rate,
    ThDim: 52,
    RealThType: '3D_standard',
    SeqNo: 1,
    ...more,
  };
  const text = JSON.stringify({ Payload: { ReqId: 'r', DriverRspType: 'SPEECH', SpeechRsp: speech } });
  return Buffer.from(text.replace('"RealThType"', `"ThFeat":${features},"RealThType"`));
}

function noise(random: Random, frames: number): Buffer {
  const pcm = Buffer.alloc(2 * frames);
  for (let i = 0; i < frames; i++) pcm.writeInt16LE(random.integer(-20_000, 20_000), 2 * i);
  return pcm;
}

function heard(session: MediaSession): Float32Array {
  const from = session.committed();
  const out = new Float32Array(session.readySamples());
  session.commit(from + out.length);
  session.readAudio(from, out);
  return out;
}

describe('features that are wrong', () => {
  const numbers = (random: Random, count: number): string[] =>
    Array.from({ length: count }, () => random.next().toFixed(4));
  const wrong: Record<string, (random: Random) => [string, Record<string, unknown>?]> = {
    'a length that is no multiple': (random) => [`[${numbers(random, random.integer(1, 400)).join()}]`],
    'numbers that are none': (random) => {
      const values = numbers(random, 104);
      values[random.integer(0, 103)] = ['null', '1e999', '-1e999', '"0.5"', '{}', '[]'][random.integer(0, 5)];
      return [`[${values.join()}]`];
    },
    'numbers far outside [0, 1]': (random) => [
      `[${Array.from({ length: 104 }, () => String((random.next() - 0.5) * 10 ** random.integer(0, 38))).join()}]`,
    ],
    'another width': (random) => [
      `[${numbers(random, random.integer(0, 300)).join()}]`,
      { ThDim: random.integer(0, 200) },
    ],
    'a width that cannot be': (random) => [
      `[${numbers(random, 104).join()}]`,
      { ThDim: [-1, 1e9, 5000, 0.5, '52', null][random.integer(0, 5)] },
    ],
    'a family nobody knows': (random) => [`[${numbers(random, 104).join()}]`, { RealThType: '9D_other' }],
    'no array at all': (random) => [['{}', '"x"', 'null', '7', 'true'][random.integer(0, 4)]],
  };

  it.each(Object.entries(wrong))('keep the sound and stay in [0, 1]: %s', (_, make) => {
    const random = new Random(7);
    using good = new MediaSession({ idleSeed: -1 });
    using session = new MediaSession({ idleSeed: -1 });
    const row = new Float32Array(frameWidth);
    const found = new Set<string>();
    for (let utterance = 0; utterance < 40; utterance++) {
      good.begin('r');
      session.begin('r');
      for (let i = 0; i < 5; i++) {
        const audio = noise(random, random.integer(0, 4000));
        const [features, more] = make(random);
        good.push(message(audio, '[]', { Final: i === 4 }));
        const report = session.push(message(audio, features, { ...more, Final: i === 4 }));
        expect(report.kind).toBe('speech');
        for (const name of report.warningNames()) found.add(name);
        if (report.errorCode !== undefined) found.add(report.errorCode);
      }
      const from = session.committed();
      expect(sameBits(heard(session), heard(good))).toBe(true);
      for (let sample = from; sample < session.committed(); sample += 480) {
        session.frameAt(sample, row);
        for (let i = 0; i < weightCount; i++)
          if (!(row[i] >= 0 && row[i] <= 1)) expect.unreachable(`weight ${i} is ${row[i]}`);
      }
    }
    expect([...found]).not.toEqual([]);
  });

  it('of an array that somebody else parsed: NaN and the infinities', () => {
    using session = new MediaSession({ idleSeed: -1, featureOrder: ['jawOpen', 'mouthClose'] });
    session.begin();
    const row = new Float32Array(frameWidth);
    for (const bad of [Number.NaN, Infinity, -Infinity, 3e38, 1e300]) {
      const from = session.committed();
      const { featureFrames } = session.pushParsed({
        audio: Buffer.alloc(9600).toString('base64'),
        features: [0.3, 0.1, bad, 0.1, 0.3, bad, 0.4, 0.2],
        sentenceStart: true,
      });
      expect(featureFrames).toBe(4);
      session.commit(from + 9600);
      for (let sample = from; sample < from + 9600; sample += 96) {
        session.frameAt(sample, row);
        expect(row.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
      }
    }
  });
});

describe('sound that is wrong', () => {
  it('in odd bytes loses nothing: any cut gives the bits of the whole', () => {
    const random = new Random(3);
    for (let round = 0; round < 20; round++) {
      const pcm = noise(random, 6000);
      using whole = new MediaSession({ idleSeed: -1 });
      using cut = new MediaSession({ idleSeed: -1 });
      whole.begin('r');
      cut.begin('r');
      whole.push(message(pcm, '[]', { Final: true }));
      let warned = false;
      for (let at = 0; at < pcm.length;) {
        const end = Math.min(pcm.length, at + random.integer(0, 60) * 20 + 1);
        const report = cut.push(message(pcm.subarray(at, end), '[]', { Final: end === pcm.length }));
        warned ||= report.warningNames().includes('oddPcmByte');
        at = end;
      }
      expect(warned).toBe(true);
      expect(sameBits(heard(cut), heard(whole))).toBe(true);
    }
  });

  it('at a rate that is none is refused by name, and the next message is heard', () => {
    using session = new MediaSession({ idleSeed: -1 });
    const audio = noise(new Random(1), 1200);
    const send = (sampling: unknown): PushReport =>
      session.push(message(audio, '[]', { Sampling: sampling }));
    for (const sampling of [7, 1_000_000, 4_294_967_295, 12_345]) {
      session.begin('r');
      const ready = session.readySamples();
      const report = send(sampling);
      expect([sampling, report.kind, report.errorCode]).toEqual([
        sampling,
        'speech',
        'ERR_SAMPLE_RATE_UNSUPPORTED',
      ]);
      expect(session.readySamples()).toBe(ready);
      expect(send(rate).errorCode).toBeUndefined();
      session.end();
      expect(session.readySamples()).toBe(ready + 2400);
    }
    // 0 and what is not a number mean the rate before.
    session.begin('r');
    for (const sampling of [0, null, 'x', -24_000, 1e300]) {
      const report = send(sampling);
      if (report.errorCode === undefined) expect(report.sampleRate).toBe(rate);
    }
    expect(session.pushParsed({ audio: 'AAAA', sampleRate: 0 }).sampleRate).toBe(rate);
    expect(session.pushParsed({ audio: 'AAAA', sampleRate: 7 }).errorCode).toBe(
      'ERR_SAMPLE_RATE_UNSUPPORTED',
    );
    expect(session.pushParsed({ audio: 'AAAA', sampleRate: 1_000_000 }).errorCode).toBe(
      'ERR_SAMPLE_RATE_UNSUPPORTED',
    );
  });

  it('of any legal rate in any order: every sample is there', () => {
    const random = new Random(9);
    const legal = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
    for (const sampleRate of [48_000, 44_100, 16_000]) {
      using session = new MediaSession({ sampleRate, idleSeed: -1 });
      for (let utterance = 0; utterance < 30; utterance++) {
        session.begin('r');
        const before = session.readySamples();
        let expected = 0;
        let frames = 0;
        let last = 0;
        const close = (): void => {
          if (last > 0) expected += Math.ceil((frames * sampleRate) / last);
          frames = 0;
        };
        for (let i = 0; i < 8; i++) {
          const sampling = legal[random.integer(0, legal.length - 1)];
          const count = [0, 1, 2, 17, 300, 5000][random.integer(0, 5)];
          if (sampling !== last && count > 0) {
            close();
            last = sampling;
          }
          frames += count;
          const report = session.push(message(noise(random, count), '[]', { Sampling: sampling }));
          expect([report.errorCode, report.audioFrames]).toEqual([undefined, count]);
        }
        session.end();
        close();
        expect(session.readySamples()).toBe(before + expected);
        const out = heard(session);
        expect(out.every((sample) => Number.isFinite(sample) && Math.abs(sample) <= 1.5)).toBe(true);
      }
    }
  });
});
