import { FacewireError } from '../errors.js';
import { weightCount } from '../frame.js';
import { renderFlag } from './binding.js';
import { loadAddon } from './load-addon.js';
import { coded } from './native-error.js';

/** A phone and when it sounds. */
export interface PhoneSpan {
  /**
   * ARPAbet (stress digits allowed), IPA, an espeak mnemonic, or an initial or final of pinyin as the wire's documents
   * print them (`zh4`, `iii4`). What is unknown counts as the longest beginning that is known, else as a neutral opening.
   */
  readonly symbol: string;
  /** First sample (or tick, as the call says), an integer. */
  readonly start: number;
  /** Sample past the last one. Phones come in order of time; gaps are silence. */
  readonly end: number;
}

// In the order of `Alphabet` in native/include/facewire/phones.h.
const alphabets: readonly (RenderPhonesOptions['alphabet'] | undefined)[] = [
  undefined,
  'arpabet',
  'pinyin',
  'ipa',
];

export interface RenderPhonesOptions {
  /** Samples per second of the times, 1000 to 192000. */
  readonly sampleRate: number;
  /** Frames per second are frameRateNum / frameRateDen. */
  readonly frameRateNum: number;
  readonly frameRateDen: number;
  /** How the symbols are written; `ipa` has espeak's mnemonics, too. Default told from them, as from the wire's. */
  readonly alphabet?: 'arpabet' | 'pinyin' | 'ipa';
  /** Rows wanted. Row i is the mouth at sample floor(i × sampleRate / frame rate). */
  readonly frames: number;
  /** Whether lips must meet for p b m, f v tuck the lower lip and vowels of 60 ms and more open. Default true. */
  readonly constraints?: boolean;
  /** How far the mouth runs ahead of the sound, in samples; may be negative. Default 0. */
  readonly mouthLeadSamples?: number;
  /** Loudness of the sound at each row, a root mean square in [0, 1]; 0.1 opens the mouth as without it. Default unknown. */
  readonly level?: Float32Array;
}

/**
 * Mouth shapes for phones, without a session: the same curve that a media
 * session shows where a stream has phones and no features. Returns
 * frames × 52 weights in [0, 1], in ARKit order. Throws ERR_OPTION_INVALID.
 */
export function renderPhones(phones: readonly PhoneSpan[], options: RenderPhonesOptions): Float32Array {
  const { frames, constraints = true, mouthLeadSamples = 0, level = new Float32Array(0) } = options;
  if (!Number.isInteger(frames) || frames < 0 || frames > 10_000_000) {
    throw new FacewireError('ERR_OPTION_INVALID', 'frames is out of range', {
      expected: 'an integer from 0 to 10000000',
      received: String(frames),
    });
  }
  const { symbols, times } = packPhones(phones);
  const out = new Float32Array(frames * weightCount);
  try {
    loadAddon().phones.render(
      symbols,
      times,
      options.sampleRate,
      options.frameRateNum,
      options.frameRateDen,
      mouthLeadSamples,
      constraints ? renderFlag.constraints : 0,
      level,
      out,
      alphabets.indexOf(options.alphabet),
    );
  } catch (thrown) {
    throw coded(thrown);
  }
  return out;
}

/** Phones as the addon takes them: symbols one to a line, and start and end of each. */
export function packPhones(phones: readonly PhoneSpan[]): { symbols: string; times: Float64Array } {
  const times = new Float64Array(2 * phones.length);
  phones.forEach(({ start, end }, i) => {
    times[2 * i] = start;
    times[2 * i + 1] = end;
  });
  return { symbols: phones.map(({ symbol }) => symbol.replaceAll('\n', ' ')).join('\n'), times };
}
