import { defaultFeatureDimension, defaultSampleRate } from './endpoint.js';
import { standardFeatureFamily } from './feature-order.js';
import type { Speech, WireWarning, WireWarningCode } from './response.js';
import { Warnings } from './warnings.js';

/** Rates that the audio of a drive may have, in Hz. */
export const wireSampleRates: readonly number[] = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];

/** Widest feature row that is taken; bounds what a message can leave behind for the next. */
export const maxFeatureDimension = 1024;

/** Whole samples and whole feature rows, ready to use. */
export interface JoinedSpeech {
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array;
  /** In Hz. */
  readonly sampleRate: number;
  /** Rows of `featureDimension` values in wire order, in [0, 1]. */
  readonly features: Float32Array;
  readonly featureDimension: number;
  readonly warnings: readonly WireWarning[];
}

/**
 * Joins the messages of one drive: an odd byte or a part of a feature row goes
 * to the next message, a missing rate or width is the last known one, and
 * values are made finite and brought into [0, 1]. One joiner per drive.
 */
export class SpeechJoiner {
  #oddByte: number | undefined;
  #rate = 0;
  #dimension = 0;
  #partialRow = new Float32Array(0);
  #lastRow: Float32Array | undefined;
  #clause: number | undefined;

  push(speech: Speech): JoinedSpeech {
    const warnings = new Warnings();
    const sampleRate = this.#takeRate(speech, warnings);
    const pcm = this.#takeAudio(speech.audio, warnings);
    const features = this.#takeFeatures(speech, warnings);
    return { pcm, sampleRate, features, featureDimension: this.#dimension, warnings: warnings.list };
  }

  #takeRate(speech: Speech, warnings: Warnings): number {
    const stated = speech.sampleRate;
    if (stated > 0 && !wireSampleRates.includes(stated)) {
      warn(warnings, 'audio-rate-unsupported', 'Sampling', `${stated} Hz is not a rate of this API`);
    } else if (stated > 0) {
      if (this.#rate > 0 && stated !== this.#rate) {
        warn(warnings, 'audio-rate-changed', 'Sampling', `from ${this.#rate} to ${stated} Hz within a drive`);
      }
      this.#rate = stated;
    }
    return this.#rate > 0 ? this.#rate : defaultSampleRate;
  }

  #takeAudio(bytes: Uint8Array, warnings: Warnings): Int16Array {
    const carried = this.#oddByte === undefined ? 0 : 1;
    const total = carried + bytes.length;
    // A copy also gives the alignment that an Int16Array needs.
    const joined = new Uint8Array(total - (total % 2));
    if (this.#oddByte !== undefined && joined.length > 0) joined[0] = this.#oddByte;
    joined.set(bytes.subarray(0, Math.max(0, joined.length - carried)), joined.length > 0 ? carried : 0);
    if (bytes.length > 0) {
      this.#oddByte = total % 2 === 1 ? bytes[bytes.length - 1] : undefined;
      if (bytes.length % 2 === 1)
        warn(warnings, 'audio-odd-byte', 'Audio', 'half a sample is kept for the next message');
    }
    return new Int16Array(joined.buffer);
  }

  #takeFeatures(speech: Speech, warnings: Warnings): Float32Array {
    // Half a row never continues in another clause.
    if (speech.clauseStart || speech.clause !== this.#clause) this.#partialRow = new Float32Array(0);
    this.#clause = speech.clause;
    if (speech.features.length === 0) return new Float32Array(0);
    const stated =
      speech.featureDimension > 0 ? speech.featureDimension : this.#dimension || defaultFeatureDimension;
    if (this.#dimension > 0 && stated !== this.#dimension) {
      warn(
        warnings,
        'features-dimension-changed',
        'ThDim',
        `from ${this.#dimension} to ${stated} within a drive`,
      );
      this.#partialRow = new Float32Array(0);
      this.#lastRow = undefined;
    }
    if (stated > maxFeatureDimension) {
      warn(warnings, 'features-length', 'ThDim', `rows of ${stated} values are not taken`);
      return new Float32Array(0);
    }
    this.#dimension = stated;
    if (speech.featureFamily !== '' && speech.featureFamily !== standardFeatureFamily) {
      warn(warnings, 'features-family-unknown', 'RealThType', 'not a family whose column order is known');
    }
    const all = new Float32Array(this.#partialRow.length + speech.features.length);
    all.set(this.#partialRow);
    all.set(speech.features, this.#partialRow.length);
    const whole = all.length - (all.length % stated);
    if (whole < all.length) warn(warnings, 'features-length', 'ThFeat', 'the last row is not complete');
    this.#partialRow = all.slice(whole);
    const rows = all.slice(0, whole);
    this.#clean(rows, stated, warnings);
    return rows;
  }

  /** A row with something that is not a number repeats the row before; everything is clamped. */
  #clean(rows: Float32Array, width: number, warnings: Warnings): void {
    let bad = 0;
    let clamped = 0;
    for (let at = 0; at < rows.length; at += width) {
      const row = rows.subarray(at, at + width);
      if (row.some((value) => !Number.isFinite(value))) {
        bad++;
        if (this.#lastRow === undefined) row.fill(0);
        else row.set(this.#lastRow);
      }
      for (let i = 0; i < width; i++) {
        const value = row[i];
        if (value < 0 || value > 1) {
          clamped++;
          row[i] = value < 0 ? 0 : 1;
        }
      }
      this.#lastRow = row;
    }
    // The rows go to the caller, who may write into them.
    this.#lastRow = this.#lastRow?.slice();
    if (bad > 0)
      warn(warnings, 'features-not-finite', 'ThFeat', `${bad} rows hold something that is not a number`);
    if (clamped > 0) warn(warnings, 'features-out-of-range', 'ThFeat', `${clamped} values outside 0 to 1`);
  }
}

function warn(warnings: Warnings, code: WireWarningCode, name: string, message: string): void {
  warnings.add(code, `SpeechRsp.${name}`, message);
}
