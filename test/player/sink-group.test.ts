import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player, type PlayerOptions } from '../../src/player/player.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Sink, SinkReport, Span } from '../../src/sinks/sink.js';
import { FakeCard } from './fake-card.js';

const frameMs = 40;

/** When it was given each frame. */
class TimedSink extends NullSink {
  override readonly name: string;
  readonly times: { frame: number; atMs: number }[] = [];
  closed = 0;

  constructor(name: string) {
    super();
    this.name = name;
  }

  override write(span: Span): void {
    super.write(span);
    this.times.push({ frame: span.frameIndex, atMs: performance.now() });
  }

  override close(): Promise<SinkReport> {
    this.closed += 1;
    return super.close();
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

/** A sink with one fault. */
function faulty(fault: Partial<Sink>): TimedSink {
  return Object.assign(new TimedSink('faulty'), fault);
}

const players: { player: Player; session: MediaSession }[] = [];
let failures: string[] = [];

function make(sinks: readonly Sink[], options: Partial<PlayerOptions> = {}): Player {
  const session = new MediaSession({ sampleRate: 16_000 });
  const player = new Player({ session, sinks, openMs: 3000, closeMs: 3000, ...options });
  player.on('sinkFailed', ({ sink, error }) => failures.push(`${sink}: ${error.code}: ${error.message}`));
  players.push({ player, session });
  return player;
}

/** Resolves what takes virtual time. */
async function pass<T>(work: Promise<T>, most = 10_000): Promise<T> {
  let isOver = false;
  const end = (): void => void (isOver = true);
  work.then(end, end);
  for (let i = 0; i < most && !isOver; i += 10) await vi.advanceTimersByTimeAsync(10);
  return work;
}

/** Every frame from the first on, each when it was due. */
function expectInTime({ times }: TimedSink, least: number): void {
  expect(times.length).toBeGreaterThanOrEqual(least);
  const [{ frame: first, atMs }] = times;
  for (const [i, time] of times.entries()) {
    expect(time.frame).toBe(first + i);
    expect(Math.abs(time.atMs - atMs - i * frameMs)).toBeLessThanOrEqual(1);
  }
}

describe('a sink that fails beside others', () => {
  beforeEach(() => {
    failures = [];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(async () => {
    for (const { player, session } of players.splice(0)) {
      await pass(player.stop());
      session.close();
    }
    vi.useRealTimers();
  });

  it('by hanging in open() is waited for no longer than is set, and left alone', async () => {
    const [good, bad] = [new TimedSink('good'), faulty({ open: never })];
    const player = make([bad, good]);
    const before = performance.now();
    await pass(player.start());
    expect(performance.now() - before).toBeLessThanOrEqual(3010);
    await vi.advanceTimersByTimeAsync(2000);
    expectInTime(good, 50);
    expect(good.times[0].frame).toBe(0);
    expect(bad.times).toEqual([]);
    const reports = await pass(player.stop());
    expect(reports.find(({ name }) => name === 'good')?.videoFrames).toBe(good.times.length);
    expect([good.closed, bad.closed]).toEqual([1, 1]);
    expect(failures).toEqual([expect.stringMatching(/^faulty: ERR_TIMEOUT: .*was never open/)]);
  });

  it('by opening late joins with the frame of its moment', async () => {
    const good = new TimedSink('good');
    const late = faulty({ open: () => new Promise((resolve) => setTimeout(resolve, 5000)) });
    const player = make([late, good]);
    await pass(player.start());
    await vi.advanceTimersByTimeAsync(4000);
    expectInTime(good, 100);
    expectInTime(late, 40);
    expect(late.times[0].frame).toBeGreaterThan(40);
    expect(late.times.at(-1)).toEqual(good.times.at(-1));
    expect(failures).toEqual([]);
  });

  it('by failing to open when the others have begun is told', async () => {
    const good = new TimedSink('good');
    const open = (): Promise<void> =>
      new Promise((_, reject) => setTimeout(() => reject(new Error('no such place')), 4000));
    const player = make([faulty({ open }), good]);
    await pass(player.start());
    await vi.advanceTimersByTimeAsync(2000);
    expect(failures).toEqual(['faulty: ERR_INTERNAL: no such place']);
    expectInTime(good, 50);
  });

  it('by failing to open in time keeps the player from starting, and all are closed', async () => {
    const good = new TimedSink('good');
    const bad = faulty({ open: () => Promise.reject(new Error('no such place')) });
    const player = make([good, bad]);
    await expect(pass(player.start())).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
    expect([good.closed, bad.closed]).toEqual([1, 1]);
  });

  const unwritable = (): Promise<never> => Promise.reject(new Error('no such place'));

  it('by being a recording that cannot be opened is told, and the live one beside it is whole', async () => {
    const good = new TimedSink('good');
    const bad = faulty({ open: unwritable, isRecording: true });
    const player = make([bad, good]);
    await pass(player.start());
    expect(failures).toEqual(['faulty: ERR_INTERNAL: no such place']);
    await vi.advanceTimersByTimeAsync(2000);
    expectInTime(good, 50);
    expect(good.times[0].frame).toBe(0);
    expect(bad.times).toEqual([]);
    const reports = await pass(player.stop());
    expect(reports).toMatchObject([
      { name: 'faulty', failed: true },
      { name: 'good', videoFrames: good.times.length, failed: false },
    ]);
    expect([good.closed, bad.closed]).toEqual([1, 1]);
    expect(failures).toHaveLength(1);
  });

  it('by being a recording that cannot be opened begins nothing before a live one is open', async () => {
    const open = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5000));
    const live = Object.assign(new TimedSink('live'), { open });
    const player = make([faulty({ open: unwritable, isRecording: true }), live]);
    await pass(player.start());
    await vi.advanceTimersByTimeAsync(1000);
    expectInTime(live, 25);
    expect(live.times[0].frame).toBe(0);
    expect(failures).toEqual(['faulty: ERR_INTERNAL: no such place']);
  });

  it('by being a recording that cannot be opened keeps a player of recordings from starting', async () => {
    const good = Object.assign(new TimedSink('good'), { isRecording: true });
    const player = make([good, faulty({ open: unwritable, isRecording: true })]);
    await expect(pass(player.start())).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
    expect(failures).toEqual([]);
    expect(good.closed).toBe(1);
  });

  it('by being a clock that opens too late is left out', async () => {
    const good = new TimedSink('good');
    const card = new FakeCard(16_000);
    card.open = () => new Promise((resolve) => setTimeout(resolve, 4000));
    const player = make([card, good]);
    await pass(player.start());
    await vi.advanceTimersByTimeAsync(3000);
    expect(failures).toEqual([expect.stringMatching(/^card: ERR_TIMEOUT: .*not open in time/)]);
    expectInTime(good, 70);
  });

  it('by throwing from write() is left out alone', async () => {
    const good = new TimedSink('good');
    let writes = 0;
    const write = (): void => {
      writes += 1;
      if (writes === 10) throw new Error('a fault of its own');
    };
    const player = make([faulty({ write }), good]);
    await pass(player.start());
    await vi.advanceTimersByTimeAsync(2000);
    expectInTime(good, 50);
    expect(writes).toBe(10);
    expect(failures).toEqual(['faulty: ERR_INTERNAL: a fault of its own']);
  });

  it('by hanging in close() is told, and the others are whole', async () => {
    const good = new TimedSink('good');
    const player = make([faulty({ close: never }), good]);
    await pass(player.start());
    await vi.advanceTimersByTimeAsync(1000);
    const before = performance.now();
    const reports = await pass(player.stop());
    expect(performance.now() - before).toBeLessThanOrEqual(3010);
    // In the order in which they were given, whichever ended first.
    expect(reports).toMatchObject([
      { name: 'faulty', failed: true },
      { name: 'good', videoFrames: good.times.length, failed: false },
    ]);
    expect(failures).toEqual([expect.stringMatching(/^faulty: ERR_TIMEOUT: .*does not close/)]);
  });

  it('by never having room again is left out, and a file beside it is finished', async () => {
    const file = new TimedSink('file');
    const stuck = faulty({});
    Object.defineProperty(stuck, 'room', { get: () => (stuck.times.length < 10 ? 1e6 : 0) });
    const player = make([stuck, file], { pace: 'as-available', fullMs: 2000 });
    await pass(player.start());
    const { session } = players[0];
    const said = player.follow('a');
    session.begin();
    said.begin(0);
    const audio = Buffer.alloc(2 * 16 * 4000).toString('base64');
    session.pushParsed({ audio, sampleRate: 16_000, sentenceStart: true, final: true });
    said.end(16 * 4000);
    await pass(said.finished);
    const reports = await pass(player.stop());
    expect(failures).toEqual([expect.stringMatching(/^faulty: ERR_TIMEOUT: .*takes nothing/)]);
    expect(stuck.times).toHaveLength(10);
    expect(file.times.map(({ frame }) => frame)).toEqual(file.times.map((_, i) => i));
    expect(file.times.length).toBeGreaterThanOrEqual(100);
    expect(reports.find(({ name }) => name === 'file')).toMatchObject({ failed: false });
  });

  it('is not blamed for a standstill of our own process', async () => {
    const file = new TimedSink('file');
    let room = 1e6;
    Object.defineProperty(file, 'room', { get: () => room });
    const player = make([file], { pace: 'as-available', fullMs: 2000 });
    await pass(player.start());
    const { session } = players[0];
    const said = player.follow('a');
    session.begin();
    said.begin(0);
    session.pushParsed({
      audio: Buffer.alloc(2 * 16 * 400).toString('base64'),
      sampleRate: 16_000,
      sentenceStart: true,
      final: true,
    });
    said.end(16 * 400);
    room = 0;
    await vi.advanceTimersByTimeAsync(500);
    const now = performance.now.bind(performance);
    const asleep = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
    await vi.advanceTimersByTimeAsync(500);
    room = 1e6;
    await pass(said.finished);
    asleep.mockRestore();
    expect(failures).toEqual([]);
  });
});
