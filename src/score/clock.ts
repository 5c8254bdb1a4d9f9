import { arkitIndex, frameWidth } from '../frame.js';
import { counter, counterLength } from '../media/binding.js';
import { MediaSession } from '../media/session.js';
import type { ParsedSpeech } from '../media/session-options.js';
import { sampleOfFrame, type FrameRate } from '../player/frame-clock.js';
import { percentile } from './motion.js';
import { Random } from './random.js';

export interface ClockRun {
  /** Minutes of conversation on a clock that is only counted. Default 10. */
  readonly minutes?: number;
  /** How much faster the sound card plays than its rate says, in millionths. */
  readonly devicePpm: number;
  /** Messages come up to this many ms late, in order. Default 300. */
  readonly jitterMs?: number;
  /** How far the pictures run behind the sound, for the control that must fail. Default 0. */
  readonly pictureLateMs?: number;
  readonly seed?: number;
}

export interface ClockResult {
  /** 95th percentile of |time stamp of the shown picture − place in the sound being heard|, in ms. */
  readonly apartP95: number;
  /** The mean of that difference in the last minute minus that in the first, in ms. */
  readonly drift: number;
  /** How much later than it was sent an utterance begins to be heard: the last third of the run minus the second. */
  readonly latencyGrowth: number;
  /** Instants that were compared, one every ms. */
  readonly instants: number;
  readonly starvations: number;
}

const rate = 16_000;
const perMs = rate / 1000;
const pictures: FrameRate = { numerator: 60, denominator: 1 };
const refreshMs = 1000 / 60;
const hop = 40 * perMs;
const chunk = 160 * perMs;
/** Sound that waits in front of the card. */
const bufferSamples = 120 * perMs;
/** The card takes sound in blocks. */
const block = 10 * perMs;
/** A sample of sound says its place in the source, modulo this. */
const cycle = 32_000;
/** A row says its place in its utterance as a share of this. */
const longest = 20 * rate;

/**
 * Test 11. Utterances come over a network with jitter. A card whose rate is off pulls the sound, as a
 * sink that is the clock does. At every refresh of a screen on the wall clock the face is asked for
 * the place in the sound that is being heard in the middle of that refresh, and stays until the next.
 * The sound's place in the source is read from its samples and the picture's from its weights, so
 * every hold, gap and rounding between the wire and the ear counts.
 */
export function runClock(run: ClockRun): ClockResult {
  const { minutes = 10, devicePpm, jitterMs = 300, pictureLateMs = 0, seed = 1 } = run;
  const random = new Random(seed);
  using session = new MediaSession({
    sampleRate: rate,
    featureOrder: ['jawOpen'],
    mouthLeadMs: 0,
    idleSeed: -1,
  });
  const apart: { readonly atMs: number; readonly ms: number }[] = [];
  const latencies: { readonly atMs: number; readonly ms: number }[] = [];
  const devicePerMs = perMs * (1 + devicePpm * 1e-6);
  const row = new Float32Array(frameWidth);
  const one = new Float32Array(1);
  let queue: Message[] = [];
  let next = 0;
  let start = 0;
  let sent = 0;
  let beginMs = 0;
  let sentMs = 0;
  let isWaiting = false;
  let frame = 0;
  let given = 0;
  let refresh = 0;
  for (let nowMs = 0; nowMs < minutes * 60_000; nowMs++) {
    if (next === queue.length && nowMs >= beginMs) {
      start = sent;
      sentMs = nowMs;
      isWaiting = true;
      queue = utterance(random, start, nowMs, jitterMs);
      next = 0;
      sent += queue.length * chunk;
      session.begin();
    }
    for (let message = queue[next]; message !== undefined && message.atMs <= nowMs; message = queue[++next]) {
      session.pushParsed({ ...message.speech, arrivalTicks: message.atMs * 10_000 });
      // The next one is asked for when this one was heard.
      if (message.speech.final === true) beginMs = nowMs + random.integer(1500, 4000);
    }
    const heardTo = nowMs * devicePerMs;
    const taken = Math.floor(heardTo / block) * block;
    // As the player steps: while the card has room for a picture's sound.
    for (;;) {
      const to = sampleOfFrame(frame + 1, rate, pictures);
      if (to - taken > bufferSamples) break;
      session.commit(Math.max(to, session.committed()), nowMs * 10_000);
      given = to;
      frame++;
    }
    const position = Math.min(given - 1, Math.floor(heardTo));
    if (nowMs >= refresh * refreshMs) {
      refresh++;
      const middle = position + Math.round((refreshMs / 2 - pictureLateMs) * perMs);
      session.frameAt(Math.max(0, middle), row);
    }
    session.readAudio(position, one);
    const said = Math.round((one[0] ?? 0) * 32_768);
    if (said === 0) continue;
    if (isWaiting) {
      isWaiting = false;
      latencies.push({ atMs: nowMs, ms: nowMs - sentMs });
    }
    const saidPlace = modulo(said - 1 - start, cycle);
    const seenPlace = ((row[arkitIndex.jawOpen] ?? 0) - faceOffset) * longest;
    // At the beginning and the end the mouth is on its way from and to rest.
    if (seenPlace < hop || seenPlace > sent - start - 3 * hop) continue;
    const difference = modulo(seenPlace - saidPlace + cycle / 2, cycle) - cycle / 2;
    apart.push({ atMs: nowMs, ms: difference / perMs });
  }
  const counts = new Float64Array(counterLength);
  session.readCounters(counts);
  const end = minutes * 60_000;
  const edge = Math.min(60_000, end / 2);
  return {
    apartP95: percentile(
      apart.map(({ ms }) => Math.abs(ms)),
      0.95,
    ),
    drift: mean(apart, end - edge, end) - mean(apart, 0, edge),
    // In the first third the session learns how late messages come.
    latencyGrowth: mean(latencies, (2 * end) / 3, end) - mean(latencies, end / 3, (2 * end) / 3),
    instants: apart.length,
    starvations: counts[counter.starvations] ?? 0,
  };
}

interface Message {
  readonly atMs: number;
  readonly speech: ParsedSpeech;
}

const faceOffset = 0.02;

/** One utterance of 2 to 18 s in messages of 160 ms, sent as fast as it is spoken. */
function utterance(random: Random, start: number, beginMs: number, jitterMs: number): Message[] {
  const count = random.integer(12, 112);
  const messages: Message[] = [];
  const rowsIn = chunk / hop;
  let latest = beginMs;
  for (let i = 0; i < count; i++) {
    latest = Math.max(latest, beginMs + (i * chunk) / perMs + random.integer(0, jitterMs));
    const audio = Buffer.alloc(2 * chunk);
    for (let k = 0; k < chunk; k++) audio.writeInt16LE(((start + i * chunk + k) % cycle) + 1, 2 * k);
    // Features run two rows ahead of their sound, which the curve at its end needs.
    const from = i === 0 ? 0 : i * rowsIn + 2;
    const features: number[] = [];
    for (let k = from; k < (i + 1) * rowsIn + 2; k++) features.push(faceOffset + (k * hop) / longest);
    messages.push({
      atMs: latest,
      speech: {
        audio: audio.toString('base64'),
        features,
        sampleRate: rate,
        featureDimension: 1,
        clause: 1,
        sentenceStart: i === 0,
        final: i === count - 1,
      },
    });
  }
  return messages;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function mean(
  values: readonly { readonly atMs: number; readonly ms: number }[],
  from: number,
  to: number,
): number {
  const inside = values.filter(({ atMs }) => atMs >= from && atMs < to);
  return inside.reduce((sum, { ms }) => sum + ms, 0) / inside.length;
}
