import { describe, expect, it } from 'vitest';
import { kind, report as column, reportLength, type NativeSession } from '../../src/media/binding.js';
import { MediaSession, PushReport } from '../../src/media/index.js';
import { loadAddon } from '../../src/media/load-addon.js';
import { featureOrders } from '../../src/media/orders.js';
import { codeOf } from '../code-of.js';

const { session: calls } = loadAddon();
const options = {
  sampleRate: 48000,
  featureHopTicks: 400_000,
  featureOrder: [...featureOrders.arkit],
  mouthLeadTicks: 0,
  maxBufferedSeconds: 1,
  maxMessageBytes: 4096,
  idleSeed: -1,
};

function sharedReport(): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * reportLength));
}

describe('the report of a session', () => {
  it('must be in memory that cannot be taken away', () => {
    expect(codeOf(() => calls.create(options, new Float64Array(reportLength)))).toBe('ERR_OPTION_INVALID');
    expect(
      codeOf(() => calls.create(options, new Float64Array(new SharedArrayBuffer(8 * (reportLength - 1))))),
    ).toBe('ERR_OPTION_INVALID');
    const { columns } = new PushReport();
    const transfer = [columns.buffer] as unknown as ArrayBuffer[];
    expect(() => structuredClone(columns, { transfer })).toThrow(/transfer/i);
  });

  it('belongs to one session alone', () => {
    const [one, other] = [sharedReport(), sharedReport()];
    const sessions = [calls.create(options, one), calls.create(options, other)];
    calls.push(sessions[0], Buffer.from('{"a":'));
    expect([one[column.kind], other[column.kind]]).toEqual([kind.refused, 0]);
    for (const session of sessions) calls.close(session);
  });
});

describe('a native session', () => {
  it.each([undefined, null, 5, {}, 'x'])('is never taken for another thing: %s', (value) => {
    const wrong = value as NativeSession;
    expect(codeOf(() => calls.push(wrong, new Uint8Array(4)))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => calls.close(wrong))).toBe('ERR_OPTION_INVALID');
  });

  it('passes on what its options throw', () => {
    const hostile = Object.defineProperty({ ...options }, 'idleSeed', {
      get: () => {
        throw new RangeError('mine');
      },
    });
    expect(() => calls.create(hostile, sharedReport())).toThrow(new RangeError('mine'));
  });
});

describe('audio as text', () => {
  it.each([
    ['of two-byte characters that end in the bits of a letter', 'AAAAŁŁŁŁ'],
    ['of characters that take two bytes', 'AéAA'],
    ['with a character past its whole groups', 'AAAA€'],
    ['that starts with one', '€AAA'],
    ['with a lone surrogate', 'AAA\ud800'],
  ])('%s is not base64', (_, audio) => {
    using session = new MediaSession({ idleSeed: -1 });
    session.begin();
    const report = session.pushParsed({ audio });
    expect([report.errorCode, report.audioFrames, session.readySamples()]).toEqual([
      'ERR_BASE64_INVALID',
      0,
      0,
    ]);
  });

  it('may be longer than the session takes, in one byte or two a character', () => {
    using session = new MediaSession({ idleSeed: -1, maxMessageBytes: 1024 });
    session.begin();
    const long = 'A'.repeat(1028);
    expect(session.pushParsed({ audio: long }).errorCode).toBe('ERR_MESSAGE_TOO_LARGE');
    expect(session.pushParsed({ audio: `${'A'.repeat(1024)}` }).errorCode).toBeUndefined();
    expect(session.pushParsed({ audio: `${long}€` }).errorCode).toBe('ERR_MESSAGE_TOO_LARGE');
  });
});

describe('features as an array', () => {
  it('are read as on the wire: what is no number repeats the row before', () => {
    using session = new MediaSession({ idleSeed: -1, featureOrder: ['jawOpen'], mouthLeadMs: 0 });
    session.begin();
    const features = [0.25, null, 'x', 0.5] as number[];
    const audio = Buffer.alloc(4 * 1920).toString('base64');
    const report = session.pushParsed({ audio, features, final: true });
    expect([report.featureFrames, report.warningNames()]).toEqual([4, ['featureNotFinite']]);
    const row = new Float32Array(55);
    session.frameAt(2 * 1920, row);
    expect(row[17]).toBe(0.25);
    session.frameAt(3 * 1920, row);
    expect(row[17]).toBe(0.5);
  });

  it('may push to another session while they are read', () => {
    using outer = new MediaSession({ idleSeed: -1, featureOrder: ['jawOpen'], mouthLeadMs: 0 });
    using inner = new MediaSession({ idleSeed: -1, featureOrder: ['jawOpen'] });
    outer.begin();
    inner.begin();
    const features = [0.25, 0.25, 0.25];
    Object.defineProperty(features, 2, { get: () => (inner.pushParsed({ features: [1, 1, 1] }), 0.25) });
    outer.pushParsed({ audio: Buffer.alloc(3 * 1920).toString('base64'), features, final: true });
    const row = new Float32Array(55);
    for (const at of [1920, 2880, 3840]) {
      outer.frameAt(at, row);
      expect(row[17]).toBeCloseTo(0.25, 6);
    }
  });
});
