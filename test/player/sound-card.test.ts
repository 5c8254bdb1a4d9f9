import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import { Random } from '../reference/random.js';
import { isAll } from '../tools.js';
import { FakeCard } from './fake-card.js';

const rate = 16_000;
const ms = rate / 1000;
const jaw = 17;

/** Keeps sound and jaw of the frames since it was last emptied, and what was heard when they went out. */
class FaceSink extends NullSink {
  frames: { sample: number; jaw: number; audio: Float32Array; heard: number }[] = [];

  constructor(readonly card: FakeCard) {
    super();
  }

  override write(span: Span): void {
    super.write(span);
    const { heard } = this.card;
    this.frames.push({ sample: span.sampleIndex, jaw: span.weights[jaw], audio: span.audio.slice(), heard });
  }
}

interface Stage {
  readonly card: FakeCard;
  readonly face: FaceSink;
  readonly session: MediaSession;
  readonly player: Player;
}

const stages: Stage[] = [];

async function stage(): Promise<Stage> {
  const card = new FakeCard(rate);
  const face = new FaceSink(card);
  const session = new MediaSession({ sampleRate: rate, idleSeed: -1, mouthLeadMs: 0 });
  const player = new Player({ session, sinks: [card, face], frameRate: 25 });
  const made = { card, face, session, player };
  stages.push(made);
  await player.start();
  return made;
}

/** Time passes for the card and for our timers. */
function run({ card }: Stage, milliseconds: number): void {
  for (let i = 0; i < milliseconds; i += 4) {
    vi.advanceTimersByTime(4);
    card.pass(4 * ms);
  }
}

/** Time passes for the card alone: our event loop is blocked. */
function block({ card }: Stage, milliseconds: number): void {
  card.pass(milliseconds * ms);
}

/** Sound that names its place, 1 to 20000 and again, with an open jaw. */
function speak(session: MediaSession, from: number, milliseconds: number, final = false): void {
  const pcm = Int16Array.from({ length: milliseconds * ms }, (_, i) => ((from * ms + i) % 20_000) + 1);
  const features = new Float32Array(52 * Math.ceil(milliseconds / 40));
  for (let row = 0; row * 52 < features.length; row++) features[row * 52 + 7] = 0.5;
  session.pushParsed({
    audio: Buffer.from(pcm.buffer).toString('base64'),
    features,
    sampleRate: rate,
    sentenceStart: from === 0,
    featuresFinal: final,
    final,
    arrivalTicks: Math.round(performance.now() * 10_000),
  });
}

const place = (sample: number): number => Math.round(sample * 32_768);

describe('a player that follows a sound card', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(async () => {
    for (const { player, session } of stages.splice(0)) {
      await player.stop();
      session.close();
    }
    vi.useRealTimers();
  });

  it('keeps speech ready as far as it has arrived, but little silence', async () => {
    const the = await stage();
    run(the, 200);
    expect(the.card.next - the.card.heard).toBeLessThanOrEqual(40 * ms);
    the.session.begin();
    speak(the.session, 0, 2000);
    run(the, 100);
    expect(the.card.next - the.card.heard).toBeGreaterThan(780 * ms);
    expect(the.session.committed()).toBeLessThan(the.card.heard + 100 * ms);
    expect(the.card.dry).toBe(0);
  });

  it('has no gap when the event loop is blocked for 500 ms with 600 ms of sound received', async () => {
    const the = await stage();
    run(the, 200);
    the.session.begin();
    speak(the.session, 0, 800);
    run(the, 200);
    block(the, 500);
    speak(the.session, 800, 1000, true);
    run(the, 1300);
    expect(the.card.dry).toBe(0);
    const start = the.card.audio.findIndex((sample) => place(sample) === 1);
    const heard = the.card.audio.slice(start, start + 1800 * ms).map(place);
    expect(heard).toEqual(heard.map((_, i) => (i % 20_000) + 1));
  });

  it('is silent for as long as it has too little, counts that, and goes on without a loss', async () => {
    const the = await stage();
    let starved = 0;
    the.player.on('starved', ({ samples }) => (starved += samples));
    const said = the.player.follow('a');
    run(the, 200);
    the.session.begin();
    said.begin(0);
    speak(the.session, 0, 300);
    run(the, 100);
    block(the, 500);
    // Sound of 300 ms had come, of which some 100 were heard; the rest lasts for less than the standstill.
    expect(the.card.dry).toBeGreaterThan(200 * ms);
    run(the, 40);
    expect(starved).toBeGreaterThan(0);
    speak(the.session, 300, 700, true);
    run(the, 1200);
    const heard = the.card.audio.map(place).filter((value) => value !== 0);
    expect(heard).toHaveLength(1000 * ms);
    expect(heard).toEqual(heard.map((_, i) => i + 1));
  });

  it('pauses between words when sound comes at 0.9 of its pace', async () => {
    const the = await stage();
    const word = 280;
    run(the, 200);
    the.session.begin();
    for (let sent = 0; sent < 140; sent++) {
      speak(the.session, 100 * sent, 100, sent === 139);
      // The words that end in this message.
      const ends: number[] = [];
      for (let end = word; end <= 100 * (sent + 1); end += word)
        if (end > 100 * sent) ends.push(end * 10_000);
      the.session.mayRest(ends);
      run(the, sent % 9 === 0 ? 112 : 111);
    }
    run(the, 2000);
    const heard = the.card.audio.map(place);
    const stops: number[] = [];
    let count = 0;
    for (const [i, value] of heard.entries()) {
      if (value === 0) continue;
      if (value !== (count % 20_000) + 1) expect.unreachable(`sample ${count} is ${value}`);
      if (count > 0 && heard[i - 1] === 0) stops.push(count);
      count += 1;
    }
    expect(count).toBe(14_000 * ms);
    expect(stops.length).toBeGreaterThan(4);
    // The first one tells that there will be more.
    const between = stops.filter((at) => at % (word * ms) === 0);
    expect(between.length).toBeGreaterThanOrEqual(stops.length - 1);
    expect(the.card.dry).toBe(0);
  });

  it('gives the other sinks every frame with the sound and the face of its time', async () => {
    const the = await stage();
    run(the, 100);
    the.session.begin();
    speak(the.session, 0, 600);
    run(the, 200);
    block(the, 300);
    speak(the.session, 600, 600, true);
    run(the, 1500);
    const { frames } = the.face;
    expect(frames.map(({ sample }) => sample)).toEqual(frames.map((_, i) => i * 40 * ms));
    const sound = frames.flatMap(({ audio }) => [...audio]);
    expect(sound.slice(0, the.card.heard)).toEqual(
      the.card.audio.slice(0, the.card.heard).slice(0, sound.length),
    );
    const ahead = frames.length * 40 * ms - the.card.heard;
    expect(ahead).toBeGreaterThanOrEqual(0);
    expect(ahead).toBeLessThanOrEqual(80 * ms);
  });

  it.each([0, 100, 600, 900])(
    'has picture and sound within 40 ms a second after it was blocked for 500 ms, with %i ms of sound received',
    async (received) => {
      const the = await stage();
      for (let phase = 0; phase < 40; phase += 8) {
        run(the, 200 + phase);
        the.session.begin();
        if (received > 0) speak(the.session, 0, received);
        run(the, 100);
        block(the, 500);
        const blocked = the.face.frames.length;
        speak(the.session, received, 3000 - received, true);
        run(the, 1000);
        const settled = the.face.frames.length;
        run(the, 2500);
        // Caught up with, none left out.
        expect(settled - blocked).toBeGreaterThanOrEqual(Math.floor(1000 / 40));
        for (const { sample, heard } of the.face.frames.slice(settled))
          expect(Math.abs(sample - heard)).toBeLessThanOrEqual(40 * ms);
        // Already with the frames of the first turns after it.
        for (const { sample, heard } of the.face.frames.slice(blocked + 16))
          expect(Math.abs(sample - heard)).toBeLessThanOrEqual(40 * ms);
        the.card.forget(the.card.heard);
      }
    },
  );

  it('shows the first picture of speech within one frame of its first sample', async () => {
    const random = new Random(11);
    const the = await stage();
    const apart: number[] = [];
    for (let utterance = 0; utterance < 200; utterance++) {
      run(the, 400 + 4 * random.integer(0, 20));
      the.face.frames = [];
      the.session.begin();
      const first = the.session.sourceCommitted() + the.session.readySamples();
      speak(the.session, 0, 400, true);
      run(the, 500);
      const shown = the.face.frames.find((frame) => frame.jaw > 0.001)!;
      const sample = the.session.outputOf(first);
      // Its face is that of speech, and not one that stood before it.
      expect(shown.sample).toBeGreaterThanOrEqual(sample - 1);
      expect(shown.sample).toBeLessThanOrEqual(sample + 40 * ms);
      // heard: by the card's DAC, when the picture went out.
      apart.push((shown.heard - sample) / ms);
    }
    console.log(
      `pictures went out ${Math.min(...apart)} to ${Math.max(...apart)} ms after the first sample was heard`,
    );
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(-40);
    expect(Math.max(...apart)).toBeLessThanOrEqual(40);
  });

  it('stops at the very sample that is told, in the card, in files and in the face, and only once', async () => {
    const the = await stage();
    const cuts: number[] = [];
    the.player.on('interrupted', ({ sample }) => cuts.push(sample));
    const said = the.player.follow('a');
    the.session.begin();
    said.begin(0);
    speak(the.session, 0, 5000);
    run(the, 1000);
    const { heard } = the.card;
    const at = the.player.interrupt();
    expect(at).toBe(heard);
    run(the, 20);
    expect(the.player.interrupt()).toBe(at);
    expect(the.player.interrupt()).toBe(at);
    expect(the.card.cuts).toBe(1);
    run(the, 500);
    expect(cuts).toEqual([at]);
    const start = the.card.audio.findIndex((sample) => place(sample) === 1);
    expect(place(the.card.sample(at - 1)!)).toBe(at - start);
    expect(the.card.audio.slice(at + 10 * ms).every((sample) => sample === 0)).toBe(true);
    // Files have been given one frame more than was heard, at most two.
    const loud = the.face.frames.filter(({ audio }) => audio.some((sample) => sample !== 0)).at(-1)!;
    expect(loud.sample).toBeLessThanOrEqual(at + 90 * ms);
    const open = the.face.frames.filter((frame) => frame.jaw > 0).at(-1)!;
    expect(open.sample).toBeLessThanOrEqual(at + 120 * ms + 40 * ms);
  });

  it('drops what comes late of an utterance that was interrupted', async () => {
    const the = await stage();
    const frame = (requestId: string): Buffer =>
      Buffer.from(
        JSON.stringify({
          Header: { Code: 0 },
          Payload: {
            ReqId: requestId,
            DriverRspType: 'SPEECH',
            SpeechRsp: {
              Audio: Buffer.alloc(ms * 400, 1).toString('base64'),
              Sampling: rate,
              ThDim: 52,
              ThFeat: [],
            },
          },
        }),
      );
    const old = 'd7aa08da33dd4a662ad5be508c5b77cf';
    the.session.begin(old);
    expect(the.session.push(frame(old)).audioFrames).toBe(200 * ms);
    run(the, 150);
    const at = the.player.interrupt();
    for (let packet = 0; packet < 5; packet++) {
      expect(the.session.push(frame(old)).audioFrames).toBe(0);
      run(the, 40);
    }
    the.session.begin('e7aa08da33dd4a662ad5be508c5b77cf');
    expect(the.session.push(frame(old)).audioFrames).toBe(0);
    run(the, 300);
    expect(the.card.audio.slice(at + 10 * ms).every((sample) => sample === 0)).toBe(true);
  });

  it('animates every utterance after an interrupt, whenever that came', { timeout: 900_000 }, async () => {
    const cycles = isAll ? 10_000 : 300;
    const random = new Random(7);
    const the = await stage();
    const { card, face, session, player } = the;
    let lastLoud = 0;
    let longest = 0;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const id = `${cycle}`;
      const said = player.follow(id);
      session.begin();
      const first = session.sourceCommitted() + session.readySamples();
      said.begin(first);
      // Before any sound, while it is buffered, while it is heard, or after all of it has arrived.
      const when = random.integer(0, 3);
      if (when > 0) speak(session, 0, when === 1 ? 40 : 400, when === 3);
      run(the, when === 0 ? random.integer(0, 40) : 80 + random.integer(0, 200));
      face.frames = [];
      const at = player.interrupt();
      if (random.integer(0, 1) === 0) {
        run(the, random.integer(0, 50));
        if (player.interrupt() !== at) expect.fail(`cycle ${cycle}: the second interrupt stops elsewhere`);
      }
      expect(await said.finished).toBe('interrupted');
      run(the, 240);
      lastLoud = card.audio.findLastIndex((sample) => sample !== 0) + card.first;
      if (lastLoud > at + 10 * ms) expect.fail(`cycle ${cycle}: sound at ${lastLoud}, stopped at ${at}`);
      const open = face.frames.findLast((frame) => frame.jaw > 0.01);
      if (open !== undefined) longest = Math.max(longest, open.sample - at);

      // The next one, said to its end.
      face.frames = [];
      const next = player.follow(`${id} next`);
      session.begin();
      next.begin(session.sourceCommitted() + session.readySamples());
      speak(session, 0, 120, true);
      next.end(session.sourceCommitted() + session.readySamples());
      run(the, 320);
      expect(await next.finished).toBe('finished');
      const heard = card.audio.slice(Math.max(0, lastLoud + 1 - card.first)).map(place);
      const count = heard.filter((value) => value !== 0).length;
      if (count !== 120 * ms)
        expect.fail(`cycle ${cycle}: ${count} samples of the next utterance were heard`);
      if (!face.frames.some((frame) => frame.jaw > 0.2))
        expect.fail(`cycle ${cycle}: the face did not move for the next utterance`);
      card.forget(card.heard);
    }
    // From the stop to the last frame with a mouth that is not at rest; one frame had been handed out before.
    expect(longest).toBeLessThanOrEqual(120 * ms);
    expect(card.dry).toBe(0);
  });
});
