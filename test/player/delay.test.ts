import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Renderer } from '../../src/avatar/renderer.js';
import { MediaSession } from '../../src/media/session.js';
import { Player, type PlayerOptions } from '../../src/player/player.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Picture, Sink, Span } from '../../src/sinks/sink.js';
import { FakeCard } from './fake-card.js';

const rate = 16_000;
const ms = rate / 1000;
const frameMs = 40;
const jaw = 17;

/** Keeps what it was given, and when. */
class TimedSink extends NullSink {
  readonly spans: {
    atMs: number;
    frame: number;
    sample: number;
    audio: Float32Array;
    jaw: number;
    shown: number;
  }[] = [];

  override write(span: Span): void {
    super.write(span);
    const { frameIndex: frame, sampleIndex: sample, audio, weights, picture } = span;
    const shown = picture?.pixels[0] ?? -1;
    this.spans.push({
      atMs: performance.now(),
      frame,
      sample,
      audio: audio.slice(),
      jaw: weights[jaw],
      shown,
    });
  }

  get sound(): number[] {
    return this.spans.flatMap(({ audio }) => [...audio]);
  }
}

/** Draws the jaw as a brightness, at once, and counts its pictures. */
class JawRenderer implements Renderer {
  readonly width = 2;
  readonly height = 2;
  held = 0;
  most = 0;

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  draw(weights: Float32Array): Promise<Picture> {
    let holders = 1;
    this.held += 1;
    this.most = Math.max(this.most, this.held);
    return Promise.resolve({
      width: 2,
      height: 2,
      pixels: new Uint8Array(16).fill(Math.round(weights[jaw] * 200)),
      retain: () => void (holders += 1),
      release: () => {
        holders -= 1;
        if (holders === 0) this.held -= 1;
        if (holders < 0) throw new Error('released too often');
      },
    });
  }
}

interface Stage {
  readonly session: MediaSession;
  readonly player: Player;
}

const stages: Stage[] = [];

async function stage(
  delays: readonly (readonly [Sink, number])[],
  more: Partial<PlayerOptions> = {},
): Promise<Stage> {
  const session = new MediaSession({ sampleRate: rate, idleSeed: -1, mouthLeadMs: 0 });
  const sinks = delays.map(([sink]) => sink);
  const player = new Player({ session, sinks, delaysMs: new Map(delays), ...more });
  stages.push({ session, player });
  await player.start();
  return { session, player };
}

function speak(session: MediaSession, milliseconds: number): void {
  const pcm = new Int16Array(milliseconds * ms).fill(16_384);
  const features = new Float32Array(52 * Math.ceil(milliseconds / 40));
  for (let row = 0; row * 52 < features.length; row++) features[row * 52 + 7] = 0.5;
  session.begin();
  session.pushParsed({
    audio: Buffer.from(pcm.buffer).toString('base64'),
    features,
    sampleRate: rate,
    sentenceStart: true,
    featuresFinal: true,
    final: true,
    arrivalTicks: Math.round(performance.now() * 10_000),
  });
}

/** Time passes, for a card too; what was drawn meanwhile arrives. */
async function run(milliseconds: number, card?: FakeCard): Promise<void> {
  for (let i = 0; i < milliseconds; i += 4) {
    await vi.advanceTimersByTimeAsync(4);
    card?.pass(4 * ms);
  }
}

describe('sinks with delays of their own', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(async () => {
    for (const { player, session } of stages.splice(0)) {
      await Promise.all([player.stop(), run(1000)]);
      session.close();
    }
    vi.useRealTimers();
  });

  it('get the same spans, each so much later', async () => {
    const delays = [0, 33, 80, 1000].map((delayMs) => [new TimedSink(), delayMs] as const);
    const startMs = performance.now();
    const { session } = await stage(delays);
    speak(session, 600);
    await run(3000);
    const [[prompt]] = delays;
    for (const [sink, delayMs] of delays) {
      expect(sink.spans.length).toBeGreaterThanOrEqual((3000 - delayMs) / frameMs);
      for (const [frame, { atMs }] of sink.spans.entries()) {
        const lateMs = atMs - startMs - frame * frameMs - delayMs;
        expect(lateMs).toBeGreaterThanOrEqual(0);
        expect(lateMs).toBeLessThanOrEqual(1);
      }
      expect(sink.sound).toEqual(prompt.sound.slice(0, sink.sound.length));
      expect(sink.spans.map((span) => span.jaw)).toEqual(
        prompt.spans.slice(0, sink.spans.length).map((span) => span.jaw),
      );
    }
    expect(prompt.sound.some((sample) => sample === 0.5)).toBe(true);
  });

  it('are delayed against what is heard, where a card is the clock, also when frames were late themselves', async () => {
    const card = new FakeCard(rate);
    const late = new TimedSink();
    const heardAt: number[] = [];
    const write = late.write.bind(late);
    late.write = (span) => {
      heardAt.push(card.heard);
      write(span);
    };
    const { session } = await stage([
      [card, 0],
      [late, 120],
    ]);
    speak(session, 2000);
    await run(400, card);
    // The event loop is blocked for less than the delay: the sink does not notice.
    card.pass(80 * ms);
    await run(600, card);
    for (const [frame, { sample }] of late.spans.entries()) {
      expect(sample).toBe(frame * frameMs * ms);
      if (frame < 15) continue;
      // 20 ms is the lead that frames have over the card; its block here 4 ms.
      expect(Math.abs(heardAt[frame] - (sample + 100 * ms))).toBeLessThanOrEqual(8 * ms);
    }
    expect(late.spans.length).toBeGreaterThan(20);
  });

  it('get their frames ahead of a card that is heard late', async () => {
    const card = new FakeCard(rate);
    const projector = new TimedSink();
    const aheadMs: number[] = [];
    const write = projector.write.bind(projector);
    projector.write = (span) => {
      aheadMs.push((span.sampleIndex - card.heard) / ms);
      write(span);
    };
    const { session } = await stage([
      [card, 80],
      [projector, 0],
    ]);
    await run(300, card);
    speak(session, 1500);
    await run(1500, card);
    for (const each of aheadMs.slice(10)) {
      expect(each).toBeGreaterThan(80);
      expect(each).toBeLessThanOrEqual(100);
    }
    expect(aheadMs.length).toBeGreaterThan(40);
    expect(card.dry).toBe(0);
    // What the card played is what the projector showed.
    expect(card.audio.slice(0, projector.sound.length)).toEqual(projector.sound.slice(0, card.audio.length));
    expect(projector.sound.filter((sample) => sample === 0.5).length).toBeGreaterThan(1400 * ms);
  });

  it('are silenced behind what was heard anywhere, and show a mouth that closes there', async () => {
    const card = new FakeCard(rate);
    const late = new TimedSink({ pictures: true });
    const later = new TimedSink({ pictures: true });
    const renderer = new JawRenderer();
    const { session, player } = await stage(
      [
        [card, 0],
        [late, 200],
        [later, 500],
      ],
      { renderer },
    );
    speak(session, 3000);
    await run(1200, card);
    const at = player.interrupt();
    expect(at).toBe(card.heard);
    await run(1500, card);
    for (const { sound, spans } of [late, later]) {
      expect(sound.slice(at - 400 * ms, at).every((sample) => sample === 0.5)).toBe(true);
      expect(sound.slice(at + 10 * ms).every((sample) => sample === 0)).toBe(true);
      expect(spans.map(({ frame }) => frame)).toEqual(spans.map((_, i) => i));
      for (const { sample, jaw: open, shown } of spans) {
        if (sample >= at + 120 * ms) expect([open, shown]).toEqual([0, 0]);
        else if (sample < at && sample > at - 400 * ms) expect(shown).toBe(100);
      }
    }
    expect(later.sound).toEqual(late.sound.slice(0, later.sound.length));
  });

  it('stop where the one stops that has no delay, and cannot be cut', async () => {
    const prompt = new TimedSink();
    const late = new TimedSink();
    const { session, player } = await stage([
      [prompt, 0],
      [late, 400],
    ]);
    speak(session, 3000);
    await run(1010);
    const at = player.interrupt();
    expect(at).toBe(prompt.spans.length * frameMs * ms);
    await run(1500);
    expect(late.sound).toEqual(prompt.sound.slice(0, late.sound.length));
    expect(late.sound[at - 1]).toBe(0.5);
    expect(late.sound.slice(at + 10 * ms).every((sample) => sample === 0)).toBe(true);
  });

  it('stop at once when all of them are late', async () => {
    const sinks = [new TimedSink(), new TimedSink()];
    const { session, player } = await stage([
      [sinks[0], 300],
      [sinks[1], 400],
    ]);
    speak(session, 3000);
    await run(1010);
    const given = sinks[0].spans.length;
    const at = player.interrupt();
    expect(at).toBe(given * frameMs * ms);
    await run(1000);
    expect(sinks[0].sound.slice(at + 10 * ms).every((sample) => sample === 0)).toBe(true);
    expect(sinks[1].sound).toEqual(sinks[0].sound.slice(0, sinks[1].sound.length));
    // The next utterance is whole.
    speak(session, 400);
    await run(1200);
    expect(sinks[0].sound.slice(at + 10 * ms).filter((sample) => sample === 0.5)).toHaveLength(400 * ms);
  });

  it('are given the tail in its time when the player stops, and give every picture back', async () => {
    const sinks = [0, 120, 600].map((delayMs) => [new TimedSink({ pictures: true }), delayMs] as const);
    const renderer = new JawRenderer();
    const startMs = performance.now();
    const { session, player } = await stage(sinks, { renderer });
    speak(session, 1000);
    await run(1000);
    expect(renderer.held).toBeGreaterThan(14);
    let isOver = false;
    const stopped = player.stop().then((reports) => {
      isOver = true;
      return reports;
    });
    await run(500);
    expect(isOver).toBe(false);
    await run(200);
    const frames = sinks[0][0].spans.length;
    expect((await stopped).map(({ videoFrames }) => videoFrames)).toEqual([frames, frames, frames]);
    const last = sinks[2][0].spans.at(-1)!;
    expect(last.atMs - startMs - last.frame * frameMs).toBeCloseTo(600, -1);
    expect(renderer.held).toBe(0);
    // The longest delay, what is being drawn, and the last one.
    expect(renderer.most).toBeLessThanOrEqual(600 / frameMs + 4);
  });

  it('are left alone when another one breaks while spans are held for it', async () => {
    const bad = new TimedSink();
    const good = new TimedSink();
    const failed: string[] = [];
    const { player } = await stage([
      [bad, 100],
      [good, 300],
    ]);
    player.on('sinkFailed', ({ error }) => failed.push(error.message));
    bad.write = () => {
      throw new Error('not so');
    };
    await run(1000);
    expect(failed).toEqual(['not so']);
    expect(good.spans.map(({ frame }) => frame)).toEqual(good.spans.map((_, i) => i));
    expect(good.spans.length).toBeGreaterThanOrEqual(17);
  });

  it('hold nothing at the pace of a file', async () => {
    const file = new TimedSink();
    const { session, player } = await stage([[file, 1000]], { pace: 'as-available' });
    const said = player.follow('a');
    said.begin(0);
    speak(session, 4000);
    said.end(4000 * ms);
    await run(400);
    expect(file.sound.filter((sample) => sample === 0.5)).toHaveLength(4000 * ms);
  });

  it.each([
    ['too long', [new NullSink(), 1001] as const],
    ['negative', [new NullSink(), -1] as const],
    ['no number', [new NullSink(), NaN] as const],
  ])('refuse a delay that is %s', (_, delay) => {
    const session = new MediaSession();
    expect(() => new Player({ session, sinks: [delay[0]], delaysMs: new Map([delay]) })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    );
    expect(() => new Player({ session, sinks: [], delaysMs: new Map([[delay[0], 1]]) })).toThrow(
      /cannot be used/,
    );
    session.close();
  });
});
