import { frameWidth, weightCount } from '../frame.js';
import { MediaSession } from '../media/session.js';
import type { ParsedSpeech } from '../media/session-options.js';
import { sampleOfFrame, type FrameRate } from '../player/frame-clock.js';
import { defaultFeatureDimension, defaultSampleRate } from '../wire/endpoint.js';
import type { Take } from './corpus.js';
import { frameCount, weight, type Motion } from './motion.js';
import { Random } from './random.js';

const framesPerSecond = 60;
/** A mouth is at rest 120 ms after the end. */
const restFrames = Math.ceil(0.12 * framesPerSecond) + 1;
const rate: FrameRate = { numerator: framesPerSecond, denominator: 1 };

/** The largest difference of any weight. */
export function furthest(one: Motion, other: Motion): number {
  let most = Math.abs(one.rows.length - other.rows.length);
  one.rows.forEach((value, i) => (most = Math.max(most, Math.abs(value - (other.rows[i] ?? 0)))));
  return most;
}

/** A take as one message for each clause, everything in it: the reference that needs no stream. */
export function whole(take: Take): ParsedSpeech[] {
  return take.clauses.map((clause, index) => ({
    audio: base64(clause.pcm),
    features: clause.features,
    phones: clause.timing.phones.map(({ phone, start, end }) => ({ symbol: phone, start, end })),
    sampleRate: defaultSampleRate,
    featureDimension: defaultFeatureDimension,
    clause: index + 1,
    sentenceStart: true,
    sentenceFinal: true,
    featuresFinal: true,
    final: index === take.clauses.length - 1,
  }));
}

/** The same cut anywhere: between any two bytes of sound and any two values of a row, with empty messages between. */
export function cutAnywhere(take: Take, seed: number): ParsedSpeech[] {
  const random = new Random(seed);
  return whole(take).flatMap(({ audio = '', features = [], phones = [], ...about }) => {
    const bytes = Buffer.from(audio, 'base64');
    const values = Float32Array.from(features);
    const messages: ParsedSpeech[] = [];
    let [byte, value] = [0, 0];
    do {
      // Features run ahead of their sound, as on the wire.
      byte = Math.min(bytes.length, byte + random.integer(1, 9600));
      const due = Math.ceil((byte / 2 / (defaultSampleRate * 0.04) + 4) * defaultFeatureDimension);
      const until =
        byte === bytes.length
          ? values.length
          : Math.max(value, Math.min(values.length, due + random.integer(0, 60)));
      const from = messages.reduce((sum, message) => sum + bytesOf(message), 0);
      messages.push({
        ...about,
        audio: bytes.toString('base64', from, byte),
        features: values.slice(value, until),
        // A row's width is stated once; 0 is "as before", and so is a message with nothing in it.
        featureDimension: messages.length === 0 ? defaultFeatureDimension : 0,
        // The times of a clause come with its first message.
        ...(messages.length === 0 && { phones }),
        sentenceStart: messages.length === 0,
        sentenceFinal: byte === bytes.length,
        featuresFinal: until === values.length,
        final: about.final === true && byte === bytes.length,
      });
      value = until;
      if (byte < bytes.length && random.next() < 0.2)
        messages.push({
          ...about,
          sentenceStart: false,
          sentenceFinal: false,
          featuresFinal: false,
          final: false,
          featureDimension: 0,
        });
    } while (byte < bytes.length);
    return messages;
  });
}

function bytesOf({ audio = '' }: ParsedSpeech): number {
  return Buffer.byteLength(audio, 'base64');
}

/**
 * Shows pictures as soon as what came so far settles them, never waiting for
 * the end, and after it until the mouth has had the time to rest.
 */
export function playAsItComes(messages: readonly ParsedSpeech[]): Motion {
  using session = new MediaSession({ idleSeed: -1 });
  session.begin();
  const shown: Float32Array[] = [];
  const row = new Float32Array(frameWidth);
  const sampleOf = (frame: number): number => sampleOfFrame(frame, session.sampleRate, rate);
  const show = (): void => {
    const [from, to] = [sampleOf(shown.length), sampleOf(shown.length + 1)];
    session.commit(to);
    session.frameAt(from, row, to);
    shown.push(row.slice(0, weightCount));
  };
  for (const message of messages) {
    session.pushParsed(message);
    while (session.settledSamples() >= sampleOf(shown.length + 1) - session.committed()) show();
  }
  session.end();
  while (session.readySamples() > 0) show();
  for (let i = 0; i < restFrames; i++) show();
  const rows = new Float32Array(shown.length * weightCount);
  shown.forEach((weights, frame) => rows.set(weights, frame * weightCount));
  return { framesPerSecond, rows };
}

/** Things that a wire must not bring, by what is wrong with them. */
export const damages: Readonly<Record<string, (messages: readonly ParsedSpeech[]) => ParsedSpeech[]>> = {
  'values that are no numbers': (messages) =>
    messages.map((message) => ({
      ...message,
      features: Float32Array.from(message.features ?? [], noNumber),
    })),
  'values far out of range': (messages) =>
    messages.map((message) => ({
      ...message,
      features: Float32Array.from(message.features ?? [], (value, i) => (i % 7 === 0 ? value * 1e9 : -value)),
    })),
  'messages in another order': (messages) =>
    messages.flatMap((message, i) => {
      const next = messages[i + 1];
      if (i % 2 === 1 && i < messages.length - 1) return [];
      return next === undefined || next.final === true ? [message] : [next, message];
    }),
  'messages twice': (messages) =>
    messages.flatMap((message) => (message.final === true ? [message] : [message, message])),
  'no features at all': (messages) => messages.map((message) => ({ ...message, features: [] })),
  'rows of another width': (messages) =>
    messages.map((message, i) => ({ ...message, featureDimension: i % 3 === 1 ? 61 : 52 })),
};

function noNumber(value: number, index: number): number {
  return index % 5 === 0 ? Number.NaN : index % 11 === 0 ? Number.POSITIVE_INFINITY : value;
}

export interface Sanity {
  /** Values that are no weight. */
  readonly wrong: number;
  /** Largest change of jawOpen from one picture to the next, per second. */
  readonly fastest: number;
  /** The furthest that the lips are apart at the end. */
  readonly openAtEnd: number;
}

/** Whether a motion is one that a face can show, whatever it was made from. */
export function sanityOf(motion: Motion): Sanity {
  let fastest = 0;
  for (let frame = 1; frame < frameCount(motion); frame++) {
    const step = Math.abs(weight(motion, frame, 'jawOpen') - weight(motion, frame - 1, 'jawOpen'));
    fastest = Math.max(fastest, step * motion.framesPerSecond);
  }
  const last = frameCount(motion) - 1;
  return {
    wrong: motion.rows.filter((value) => !(value >= 0 && value <= 1)).length,
    fastest,
    openAtEnd: weight(motion, last, 'jawOpen') - weight(motion, last, 'mouthClose'),
  };
}

function base64(pcm: Int16Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}
