import { describe, expect, it } from 'vitest';
import type { FacewireError } from '../../src/media/index.js';
import {
  frameWidth,
  loadAddon,
  MediaSession,
  sessionCounterLength,
  type ErrorCode,
  type MediaSessionOptions,
} from '../../src/media/index.js';
import { firstThatLoads } from '../../src/media/load-addon.js';
import { typedCodeOf } from '../code-of.js';
import { randomClauses, whole, wireMessage } from '../reference/utterance.js';

const pieces = whole(randomClauses(1, 24000));
const first = wireMessage(pieces[0], 'r', 24000);

function opened(options: MediaSessionOptions = {}): MediaSession {
  const session = new MediaSession({ idleSeed: -1, ...options });
  session.begin('r');
  return session;
}

describe('options', () => {
  it.each([
    { sampleRate: 12345 },
    { sampleRate: Number.NaN },
    { featureHopMs: 0 },
    { featureHopMs: '40' as unknown as number },
    { mouthLeadMs: 501 },
    { maxBufferedSeconds: 0 },
    { maxMessageBytes: 1.5 },
    { idleSeed: -2 },
    { featureOrder: [] },
    { featureOrder: 'apple' as 'arkit' },
    { featureOrder: ['jawOpen', 'jawOpen'] as const },
    { featureOrder: ['jaw'] as unknown as ['jawOpen'] },
  ])('are refused when wrong: %o', (options) => {
    expect(typedCodeOf(() => new MediaSession(options))).toBe('ERR_OPTION_INVALID');
  });

  it.each([16000, 24000, 44100, 48000])('take %i Hz', (sampleRate) => {
    using session = new MediaSession({ sampleRate });
    expect(session.sampleRate).toBe(sampleRate);
  });
});

describe('arguments', () => {
  it('of another type are refused, never converted', () => {
    using session = opened();
    const anything = session as unknown as Record<string, (...values: unknown[]) => unknown>;
    const wrong: [string, unknown[]][] = [
      ['push', ['text']],
      ['push', [new Uint16Array(4)]],
      ['push', [new Float32Array(4)]],
      ['push', [new ArrayBuffer(4)]],
      ['push', [null]],
      ['begin', [5]],
      ['commit', ['5']],
      ['commit', [1.5]],
      ['commit', [Number.NaN]],
      ['commit', [2 ** 53]],
      ['readAudio', [0, new Float64Array(4)]],
      ['readAudio', [0, new Uint8Array(4)]],
      ['readAudio', [0, [0, 0]]],
      ['readAudio', [undefined, new Float32Array(4)]],
      ['readReady', [new Float64Array(4)]],
      ['readReady', []],
      ['frameAt', [0, new Float32Array(frameWidth - 1)]],
      ['frameAt', [0, new Int32Array(frameWidth)]],
      ['interrupt', [{}]],
      ['commit', [1, 0.5]],
      ['commit', [1, Number.NaN]],
      ['push', [first, 'now']],
      ['pushParsed', [{ arrivalTicks: 1.5 }]],
      ['frameAt', [0, new Float64Array(frameWidth)]],
      ['frameAt', [0, new Float32Array(frameWidth), 0.5]],
      ['readCounters', [new Float64Array(sessionCounterLength - 1)]],
      ['readCounters', [new Float32Array(sessionCounterLength)]],
      ['outputOf', [Symbol.iterator]],
      ['pushParsed', [{ audio: 5 }]],
      ['pushParsed', [{ features: new Float64Array(52) }]],
      ['pushParsed', [{ features: 'x' }]],
      ['pushParsed', [{ sampleRate: -1 }]],
      ['pushParsed', [{ clause: 0.5 }]],
    ];
    for (const [method, values] of wrong)
      expect(
        typedCodeOf(() => anything[method](...values)),
        `${method} ${String(values.length)}`,
      ).toBe('ERR_OPTION_INVALID');
  });

  it('in a detached buffer are refused', () => {
    using session = opened();
    const bytes = new Uint8Array(first);
    const out = new Float32Array(100);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    structuredClone(out.buffer, { transfer: [out.buffer] });
    expect(typedCodeOf(() => session.push(bytes))).toBe('ERR_OPTION_INVALID');
    expect(typedCodeOf(() => session.readAudio(0, out))).toBe('ERR_OPTION_INVALID');
  });

  it('may be views into shared memory and parts of larger buffers', () => {
    using session = opened();
    const bytes = new Uint8Array(new SharedArrayBuffer(first.length + 7), 7);
    bytes.set(first);
    expect(session.push(bytes).kind).toBe('speech');
    session.commit(4800);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 4800));
    const large = new Float32Array(5000);
    expect(session.readAudio(0, shared)).toBe(4800);
    expect(session.readAudio(0, large.subarray(100, 4900))).toBe(4800);
    expect(Float32Array.from(shared)).toEqual(large.slice(100, 4900));
    expect([...large.subarray(4900), ...large.subarray(0, 100)].every((sample) => sample === 0)).toBe(true);
    const row = new Float32Array(new SharedArrayBuffer(4 * frameWidth));
    expect(session.frameAt(2400, row)).toBe(1);
    expect(row.some((weight) => weight > 0)).toBe(true);
  });

  it('that close the session while they are read find it closed', () => {
    const session = opened();
    const features = [0.5, 0.5];
    Object.defineProperty(features, 0, { get: () => (session.close(), 1) });
    expect(typedCodeOf(() => session.pushParsed({ features }))).toBe('ERR_STATE');
  });
});

describe('after close()', () => {
  it('every call says so, and close() may be repeated', () => {
    const session = opened();
    session.push(first);
    session.close();
    session.close();
    const out = new Float32Array(frameWidth);
    const calls = [
      () => session.begin(),
      () => session.push(first),
      () => session.pushParsed({}),
      () => session.end(),
      () => session.commit(1),
      () => session.readySamples(),
      () => session.settledSamples(),
      () => session.committed(),
      () => session.readAudio(0, out),
      () => session.readReady(out),
      () => session.frameAt(0, out),
      () => session.interrupt(0),
      () => session.outputOf(0),
      () => session.sourceCommitted(),
      () => session.readCounters(new Float64Array(sessionCounterLength)),
    ];
    for (const call of calls) expect(typedCodeOf(call)).toBe('ERR_STATE');
  });
});

describe('bad messages', () => {
  it('leave the session as it was, with code, position and remedy', () => {
    using session = opened({ maxBufferedSeconds: 1, maxMessageBytes: 300_000 });
    const text = first.toString('utf8');
    const cases: [Buffer, string, ErrorCode][] = [
      [Buffer.from('{"a":1,}'), 'refused', 'ERR_WIRE_MALFORMED'],
      [Buffer.from('// note\n{}'), 'refused', 'ERR_WIRE_MALFORMED'],
      [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'refused', 'ERR_WIRE_MALFORMED'],
      [first.subarray(0, 500), 'refused', 'ERR_WIRE_MALFORMED'],
      [Buffer.alloc(0), 'refused', 'ERR_WIRE_MALFORMED'],
      [Buffer.alloc(300_001, 0x20), 'refused', 'ERR_MESSAGE_TOO_LARGE'],
      [Buffer.from(text.replace('"Audio":"', '"Audio":"*')), 'speech', 'ERR_BASE64_INVALID'],
      [
        Buffer.from(text.replace('"Sampling":24000', '"Sampling":23999')),
        'speech',
        'ERR_SAMPLE_RATE_UNSUPPORTED',
      ],
    ];
    for (const [bytes, kind, code] of cases) {
      const report = session.push(bytes);
      expect([report.kind, report.errorCode], bytes.toString('latin1', 0, 40)).toEqual([kind, code]);
      const error = report.toError();
      expect(error?.code).toBe(code);
      expect(error?.expected).toBeDefined();
      expect(error?.received).toBeDefined();
      expect(session.readySamples()).toBe(0);
    }
    expect(session.push(first).errorCode).toBeUndefined();
    let report = session.push(first);
    for (let i = 0; i < 8 && report.kind === 'speech'; i++) report = session.push(first);
    expect([report.kind, report.errorCode]).toEqual(['refused', 'ERR_BUFFER_FULL']);
    session.commit(48000);
    expect(session.push(first).kind).toBe('speech');
  });

  it('keep sound when only the features are wrong', () => {
    using session = opened();
    const text = first.toString('utf8');
    const unknown = session.push(Buffer.from(text.replace('3D_standard', '2D_flat')));
    expect([unknown.audioFrames > 0, unknown.featureFrames, unknown.warningNames()]).toEqual([
      true,
      0,
      ['featureFamilyUnknown'],
    ]);
    const wide = session.push(Buffer.from(text.replace('"ThDim":52', '"ThDim":5000')));
    expect([wide.audioFrames > 0, wide.errorCode]).toEqual([true, 'ERR_FEATURES_INVALID']);
    const missing = session.push(Buffer.from(text.replace(/"ThFeat":\[[\d.-]+,/, '"ThFeat":[null,')));
    expect(missing.warningNames()).toContain('featureNotFinite');
    expect(missing.featureFrames).toBeGreaterThan(0);
  });
});

describe('positions', () => {
  it('tell where a source sample is heard, and that it was cut', () => {
    using session = opened();
    session.commit(1000);
    session.push(first);
    const { sourceEnd } = session.push(first);
    session.commit(11_000);
    expect([session.outputOf(0), session.outputOf(9_999), session.outputOf(10_000)]).toEqual([
      1000, 10_999, -1,
    ]);
    expect(session.sourceCommitted()).toBe(10_000);
    expect(session.interrupt(6000)).toBe(5000);
    expect([session.outputOf(4_999), session.outputOf(5_000), session.outputOf(sourceEnd - 1)]).toEqual([
      5_999, -2, -2,
    ]);
    expect([session.readySamples(), session.sourceCommitted()]).toEqual([0, sourceEnd]);
    const out = new Float32Array(5000);
    session.readAudio(6000 + 480, out);
    expect(out.every((sample) => sample === 0)).toBe(true);
    expect(session.push(first).kind).toBe('stale');
  });

  it('move on with what is read as soon as it is ready', () => {
    using session = opened();
    using other = opened();
    const { sourceEnd } = session.push(first);
    other.push(first);
    other.commit(other.readySamples());
    const out = new Float32Array(2 * sourceEnd);
    const ready = session.readReady(out);
    expect(ready).toBeGreaterThan(0);
    expect(ready).toBe(other.committed());
    const expected = new Float32Array(out.length);
    other.readAudio(0, expected);
    expect(out).toEqual(expected);
    expect([session.committed(), session.readySamples(), session.readReady(out)]).toEqual([ready, 0, 0]);
  });

  it('count as starved only the silence inside an utterance', () => {
    using session = new MediaSession();
    expect(session.commit(100)).toBe(0);
    session.begin('r');
    expect(session.commit(300)).toBe(200);
    session.end();
    expect(session.commit(1000)).toBe(0);
  });
});

describe('memory', () => {
  // Resident memory, because V8 does not show what addons report to it.
  it('is used as audio arrives, and given back by close()', () => {
    const second = Buffer.alloc(48_000).toString('base64');
    const megabytes = (): number => process.memoryUsage.rss() / 2 ** 20;
    const start = megabytes();
    const sessions = Array.from({ length: 8 }, () => opened({ maxBufferedSeconds: 600 }));
    const empty = megabytes();
    // 8 sessions of 110 s at 192 kB a second are 161 MiB; ready to hold 600 s they would be 880.
    for (const session of sessions) for (let i = 0; i < 110; i++) session.pushParsed({ audio: second });
    const full = megabytes();
    for (const session of sessions) session.close();
    const closed = megabytes();
    expect(empty - start).toBeLessThan(60);
    expect(full - empty).toBeGreaterThan(130);
    expect(full - closed).toBeGreaterThan(130);
  });
});

describe('loadAddon', () => {
  it('says what it tried and what to do, in numbered steps', () => {
    try {
      firstThatLoads(['../../build/Nowhere/facewire.node', './orders.ts']);
      expect.unreachable();
    } catch (thrown) {
      const error = thrown as FacewireError;
      expect(error.code).toBe('ERR_ADDON_MISSING');
      expect(error.message).toContain('Nowhere');
      expect(error.message).toContain('orders.ts');
      expect(error.remedy).toMatch(/1\. .*\n2\. .*\n3\. /);
    }
  });

  it('has the version of the package', async () => {
    const { default: manifest } = (await import('../../package.json', { with: { type: 'json' } })) as {
      default: { version: string };
    };
    expect(loadAddon().version).toBe(manifest.version);
  });
});
