import { describe, expect, it } from 'vitest';

import { FacewireError } from '../../src/errors.js';
import { MediaSession } from '../../src/media/session.js';
import { Player, type PlayerOptions } from '../../src/player/player.js';
import type { Renderer } from '../../src/avatar/renderer.js';
import type { Picture, Sink, SinkReport, Span } from '../../src/sinks/sink.js';
import { FakeCard } from './fake-card.js';

/** Keeps everything that it is given; the sink that tests look into. */
class KeepingSink implements Sink {
  readonly name: string;
  readonly wantsPictures: boolean;
  onError: ((error: FacewireError) => void) | undefined;
  readonly frames: number[] = [];
  readonly samples: number[] = [];
  readonly audio: number[] = [];
  readonly jaw: number[] = [];
  readonly shown: number[] = [];
  closed = 0;

  constructor(name = 'keeping', wantsPictures = false) {
    this.name = name;
    this.wantsPictures = wantsPictures;
  }

  async open(): Promise<void> {}

  write(span: Span): void {
    this.frames.push(span.frameIndex);
    this.samples.push(span.sampleIndex);
    this.audio.push(...span.audio);
    this.jaw.push(span.weights[17]);
    if (span.picture !== undefined) this.shown.push(span.picture.pixels[0]);
  }

  async close(): Promise<SinkReport> {
    this.closed += 1;
    return {
      name: this.name,
      videoFrames: this.frames.length,
      audioFrames: this.audio.length,
      repeatedFrames: 0,
      bytes: 0,
    };
  }
}

/** A renderer that answers when it is told to. The picture's first byte counts the draws. */
class SlowRenderer implements Renderer {
  readonly width = 2;
  readonly height = 2;
  readonly waiting: (() => void)[] = [];
  drawn = 0;
  held = 0;

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  draw(): Promise<Picture> {
    const number = this.drawn++;
    return new Promise((resolve) => {
      this.waiting.push(() => {
        this.held += 1;
        let holders = 1;
        resolve({
          width: 2,
          height: 2,
          pixels: new Uint8Array([number, 0, 0, 0]),
          retain: () => void (holders += 1),
          release: () => {
            if (--holders === 0) this.held -= 1;
          },
        });
      });
    });
  }

  finishAll(): void {
    for (const answer of this.waiting.splice(0)) answer();
  }
}

const rate = 16_000;

/** One clause of 16 kHz sound, all samples at half of full scale, with an open jaw in every feature row. */
function speak(session: MediaSession, milliseconds: number, final = true): void {
  const pcm = new Int16Array((rate * milliseconds) / 1000).fill(16_384);
  const features = new Float32Array(52 * Math.ceil(milliseconds / 40));
  for (let row = 0; row * 52 < features.length; row++) features[row * 52 + 7] = 0.5;
  session.pushParsed({
    audio: Buffer.from(pcm.buffer).toString('base64'),
    features,
    sampleRate: rate,
    sentenceStart: true,
    featuresFinal: final,
    final,
  });
}

function filePlayer(
  sink: Sink,
  more: Partial<PlayerOptions> = {},
): { session: MediaSession; player: Player } {
  const session = new MediaSession({ sampleRate: rate, mouthLeadMs: 0, idleSeed: -1 });
  const player = new Player({ session, sinks: [sink], pace: 'as-available', ...more });
  return { session, player };
}

describe('a player that writes a file', () => {
  it('gives every sample once, in order, and one frame for each period', async () => {
    const sink = new KeepingSink();
    const { session, player } = filePlayer(sink, { frameRate: { numerator: 30_000, denominator: 1001 } });
    await player.start();
    const spoken = player.follow('a');
    session.begin();
    spoken.begin(0);
    for (let i = 0; i < 5; i++) speak(session, 200, i === 4);
    spoken.end(rate);
    await expect(spoken.finished).resolves.toBe('finished');
    await player.stop();
    expect(sink.frames).toEqual(sink.frames.map((_, i) => i));
    expect(sink.samples).toEqual(sink.frames.map((i) => Math.floor((i * rate * 1001) / 30_000)));
    expect(sink.audio.slice(0, rate).every((sample) => sample === 0.5)).toBe(true);
    expect(sink.audio.slice(rate).every((sample) => sample === 0)).toBe(true);
    expect(sink.jaw[15]).toBeCloseTo(0.5, 5);
    expect(sink.jaw.at(-1)).toBe(0);
    session.close();
  });

  it('waits for media instead of filling in silence', async () => {
    const sink = new KeepingSink();
    const { session, player } = filePlayer(sink);
    await player.start();
    const spoken = player.follow('a');
    session.begin();
    spoken.begin(0);
    speak(session, 400, false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = sink.audio.length;
    expect(before).toBeLessThanOrEqual(0.4 * rate);
    speak(session, 400);
    spoken.end(0.8 * rate);
    await spoken.finished;
    await player.stop();
    expect(sink.audio.slice(0, 0.8 * rate).every((sample) => sample === 0.5)).toBe(true);
    session.close();
  });

  it('announces start, cues and end once each, at their samples', async () => {
    const sink = new KeepingSink();
    const { session, player } = filePlayer(sink);
    const events: string[] = [];
    player.on('started', ({ id, sample }) => events.push(`started ${id} ${sample}`));
    player.on('cue', ({ cue, sample }) => events.push(`cue ${cue.name} ${sample}`));
    player.on('finished', ({ id }) => events.push(`finished ${id}`));
    await player.start();
    const ends: Promise<unknown>[] = [];
    for (const [id, from] of [
      ['a', 0],
      ['b', 0.4 * rate],
    ] as const) {
      const spoken = player.follow(id);
      session.begin(id);
      spoken.begin(from);
      spoken.addCue({ name: 'one', sourceSample: from, data: undefined });
      spoken.addCue({ name: 'two', sourceSample: from + 3200, data: undefined });
      speak(session, 400);
      spoken.end(from + 0.4 * rate);
      ends.push(spoken.finished);
    }
    await Promise.all(ends);
    await player.stop();
    expect(events).toEqual([
      'started a 0',
      'cue one 0',
      'cue two 3200',
      'finished a',
      'started b 6400',
      'cue one 6400',
      'cue two 9600',
      'finished b',
    ]);
    session.close();
  });
});

describe('a player in real time', () => {
  it('plays silence while nothing has come, then speech, and counts what starved', async () => {
    const sink = new KeepingSink();
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
    const player = new Player({ session, sinks: [sink], frameRate: 50 });
    let starved = 0;
    player.on('starved', ({ samples }) => (starved += samples));
    await player.start();
    const spoken = player.follow('a');
    session.begin();
    spoken.begin(0);
    speak(session, 100, false);
    await new Promise<void>((resolve) => player.once('starved', () => resolve()));
    speak(session, 100);
    spoken.end(0.2 * rate);
    await spoken.finished;
    await player.stop();
    expect(starved).toBeGreaterThan(0);
    const first = sink.audio.indexOf(0.5);
    const gap = sink.audio.indexOf(0, first);
    const second = sink.audio.indexOf(0.5, gap);
    expect(gap - first).toBe(0.1 * rate);
    expect(sink.audio.slice(second, second + 0.1 * rate).every((sample) => sample === 0.5)).toBe(true);
    session.close();
  });

  it('is silent within 10 ms of an interrupt, says so once, and speaks again afterwards', async () => {
    const sink = new KeepingSink();
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
    const player = new Player({ session, sinks: [sink], frameRate: 50 });
    const cuts: number[] = [];
    player.on('interrupted', ({ sample }) => cuts.push(sample));
    await player.start();
    const first = player.follow('a');
    session.begin('a');
    first.begin(0);
    speak(session, 5000, false);
    await new Promise<void>((resolve) => player.once('started', () => resolve()));
    const at = player.interrupt();
    player.interrupt();
    await expect(first.finished).resolves.toBe('interrupted');
    const second = player.follow('b');
    session.begin('b');
    const from = session.sourceCommitted() + session.readySamples();
    second.begin(from);
    speak(session, 100);
    second.end(session.sourceCommitted() + session.readySamples());
    await expect(second.finished).resolves.toBe('finished');
    await player.stop();
    expect(cuts).toEqual([at]);
    const ramp = rate / 100;
    const again = sink.audio.indexOf(0.5, at + ramp);
    expect(sink.audio.slice(at + ramp, again).every((sample) => sample === 0)).toBe(true);
    expect(again).toBeGreaterThan(0);
    session.close();
  });

  it('sends nothing of what was cut with pictures that were still being drawn', async () => {
    const sink = new KeepingSink('pictures', true);
    const renderer = new SlowRenderer();
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
    const player = new Player({ session, sinks: [sink], renderer, frameRate: 50 });
    await player.start();
    const said = player.follow('a');
    session.begin('a');
    said.begin(0);
    speak(session, 5000, false);
    while (!sink.audio.includes(0.5)) {
      renderer.finishAll();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // The next frames wait for their pictures and have their sound.
    while (renderer.waiting.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const at = player.interrupt();
    const frames = sink.frames.length;
    while (sink.frames.length < frames + 5) {
      renderer.finishAll();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(sink.audio.length).toBeGreaterThan(at + rate / 100);
    expect(sink.audio.slice(at + rate / 100).every((sample) => sample === 0)).toBe(true);
    const answering = setInterval(() => renderer.finishAll(), 5);
    await player.stop();
    clearInterval(answering);
    session.close();
  });

  it('repeats pictures when drawing is late, drops no frame, and gives every picture back', async () => {
    const sink = new KeepingSink('pictures', true);
    const renderer = new SlowRenderer();
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
    const player = new Player({ session, sinks: [sink], renderer, frameRate: 50 });
    await player.start();
    const answering = setInterval(() => renderer.finishAll(), 130);
    while (sink.frames.length < 60) await new Promise((resolve) => setTimeout(resolve, 20));
    const stopping = player.stop();
    await stopping;
    clearInterval(answering);
    expect(sink.frames).toEqual(sink.frames.map((_, i) => i));
    expect(sink.audio).toHaveLength((sink.frames.length * rate) / 50);
    expect(player.repeatedFrames).toBeGreaterThan(0);
    expect([...sink.shown].sort((a, b) => a - b)).toEqual(sink.shown);
    expect(renderer.held).toBe(0);
    session.close();
  });

  it('goes on without a sink that breaks, and says which and why', async () => {
    const good = new KeepingSink('good');
    const bad = new KeepingSink('bad');
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
    const player = new Player({ session, sinks: [bad, good], frameRate: 50 });
    const failures: string[] = [];
    player.on('sinkFailed', ({ sink, error }) => failures.push(`${sink} ${error.code}`));
    await player.start();
    bad.onError?.(new FacewireError('ERR_RTMP_LOST', 'gone'));
    bad.onError?.(new FacewireError('ERR_RTMP_LOST', 'gone'));
    while (good.frames.length < 10) await new Promise((resolve) => setTimeout(resolve, 10));
    await player.stop();
    expect(failures).toEqual(['bad ERR_RTMP_LOST']);
    expect(bad.closed).toBe(1);
    session.close();
  });

  it('follows a sound card, and the wall clock when the card is gone', async () => {
    const card = new FakeCard(rate);
    const other = new KeepingSink('other');
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
    const player = new Player({ session, sinks: [card, other], frameRate: 50 });
    await player.start();
    await new Promise((resolve) => setTimeout(resolve, 150));
    // The card stands still: one frame ahead of it, and no further.
    expect(other.frames).toEqual([0, 1]);
    // It has 640 samples of silence, two frames.
    card.pass(1000);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(other.frames).toEqual([0, 1, 2, 3]);
    card.onError?.(new FacewireError('ERR_DEVICE_FAILED', 'unplugged'));
    while (other.frames.length < 10) await new Promise((resolve) => setTimeout(resolve, 10));
    // Paced again: a runaway would have written thousands by now.
    expect(other.frames.length).toBeLessThan(100);
    await player.stop();
    expect(other.frames).toEqual(other.frames.map((_, i) => i));
    session.close();
  });

  it('refuses a sink that needs pictures when there is nothing to draw them', () => {
    const session = new MediaSession({ sampleRate: rate });
    expect(() => new Player({ session, sinks: [new KeepingSink('p', true)] })).toThrowError(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error,
    );
    session.close();
  });
});
