import { writeSpeechFrame } from '../dist/wire/frames.js';
import { newRequestId } from '../dist/wire/ids.js';
import type { SpeechTiming } from '../dist/wire/response.js';
import { ticksPerMillisecond, toTicks } from '../dist/wire/ticks.js';

/** What the rows work on. All of it is made by formulas, so that every run works on the same. */

/** Something like speech: two tones whose loudness wanders, s16. */
export function speechLike(rate: number, seconds: number, voice = 0): Int16Array {
  const pcm = new Int16Array(Math.round(rate * seconds));
  const pitch = (2 * Math.PI * (120 + 17 * voice)) / rate;
  for (let i = 0; i < pcm.length; i++) {
    const loudness = Math.abs(Math.sin((i * 9.4) / rate + voice));
    pcm[i] = loudness * (9000 * Math.sin(pitch * i) + 3000 * Math.sin(9.7 * pitch * i + voice));
  }
  return pcm;
}

/**
 * Rows of 52 weights as a cloud sends them: two of five are zero, the others
 * have `digits` significant digits. Every seed gives other numbers.
 */
export function sparseFeatures(rows: number, digits: number, seed = 1): number[] {
  let state = (seed * 2654435761) >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: rows * 52 }, () => {
    // Two draws make a double of full length.
    const value = random() + random() / 2 ** 32;
    return random() < 0.4 ? 0 : Number(Math.min(1, value).toPrecision(digits));
  });
}

/** JSON arrays of sparse features, all different; `separator` stands between the numbers. */
export function numberTexts(count: number, rows: number, digits: number, separator: string): string[] {
  return Array.from({ length: count }, (_, seed) => {
    const numbers = sparseFeatures(rows, digits, seed + 1).map((value) => JSON.stringify(value));
    return `[${numbers.join(separator)}]`;
  });
}

export interface MessageSet {
  readonly requestId: string;
  /** Wire bytes, one after the other a stretch of one stream. */
  readonly messages: readonly Buffer[];
  /** The features of each message, as numbers. */
  readonly features: readonly (readonly number[])[];
  /** Source frames in each message. */
  readonly frames: number;
}

/**
 * SPEECH messages with everything filled in that a cloud fills in: 24 kHz s16,
 * 52 features a row of 40 ms with 9 digits, phones, words and Chinese
 * subtitles. So many different ones that no branch predictor learns their digits.
 */
export function speechMessages(milliseconds: number, count: number): MessageSet {
  const requestId = newRequestId();
  const frames = 24 * milliseconds;
  const pcm = speechLike(24_000, (milliseconds * count) / 1000);
  const features = Array.from({ length: count }, (_, i) => sparseFeatures(milliseconds / 40, 9, i + 1));
  const messages = features.map((row, i) => {
    const envelope = writeSpeechFrame(
      { requestId, streamId: 'bench', gatewayId: 'gz0123456789' },
      {
        clause: 1,
        pcm: pcm.subarray(i * frames, (i + 1) * frames),
        sampleRate: 24_000,
        featureDimension: 52,
        featureFamily: '3D_standard',
        ...timing(milliseconds),
      },
    );
    // Put in afterwards, because our own writer rounds features to six digits.
    return Buffer.from(envelope.replace('"ThFeat":[]', `"ThFeat":${JSON.stringify(row)}`));
  });
  return { requestId, messages, features, frames };
}

/** Four phones, a word and a subtitle for every 200 ms. */
function timing(milliseconds: number): Partial<SpeechTiming> {
  const syllables = Math.max(1, Math.round(milliseconds / 200));
  const spans = <Part>(count: number, part: (index: number) => Part) =>
    Array.from({ length: count }, (_, index) => {
      const edge = (at: number) => toTicks(Math.round((milliseconds * ticksPerMillisecond * at) / count));
      return { start: edge(index), end: edge(index + 1), ...part(index) };
    });
  return {
    phones: spans(4 * syllables, (index) => ({ phone: ['n', 'i3', 'h', 'ao3'][index % 4] })),
    words: Array.from({ length: syllables }, () => ({ word: '你好', phones: 'n-i3|h-ao3' })),
    subtitles: spans(syllables, (index) => ({
      text: '你好',
      positionStart: 2 * index,
      positionEnd: 2 * index + 2,
    })),
  };
}

/** One after the other, for ever. */
export function inTurn<Item>(items: readonly Item[]): () => Item {
  let index = 0;
  return () => {
    index = index + 1 === items.length ? 0 : index + 1;
    return items[index];
  };
}
