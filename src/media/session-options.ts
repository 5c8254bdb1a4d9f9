import type { ArkitName } from '../frame.js';
import type { sourcePolicy } from './binding.js';
import type { ExpressionShape } from './expressions.js';
import type { FeatureOrderName } from './orders.js';
import type { PhoneSpan } from './render-phones.js';

export interface MediaSessionOptions {
  /** Output audio frames per second: 16000, 24000, 44100 or 48000. Default 48000. */
  readonly sampleRate?: number;
  /** Order of the wire's feature columns: a known name, or ARKit names in wire order. Default 'tencent-3d-standard'. */
  readonly featureOrder?: FeatureOrderName | readonly ArkitName[];
  /** Milliseconds that one feature frame stands for, 5 to 1000. Default 40. */
  readonly featureHopMs?: number;
  /**
   * Milliseconds that the mouth runs ahead of the sound, -500 to 500. Default 40:
   * the mouths of speakers lead their voices by 20 to 80 ms, viewers notice a
   * late mouth at 45 ms and an early one only at 125 ms (ITU-R BT.1359), and a
   * picture at 25 frames per second takes back 20 ms on average by being held.
   */
  readonly mouthLeadMs?: number;
  /** Seconds of audio that may wait to be committed, 1 to 3600. Memory is used as audio arrives, 192 kB a second at 48 kHz. Default 120. */
  readonly maxBufferedSeconds?: number;
  /** Largest wire message, in bytes, 1 KiB to 1 GiB. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * Where the mouth comes from. `auto` (default): features; phones where features are missing or late; the loudness of
   * the sound where neither came. `features`: nothing else. `phones`: phones, else loudness.
   */
  readonly mouthSource?: keyof typeof sourcePolicy;
  /** Whether lips close in p b m where the features leave them open. Default true. */
  readonly closureOverlay?: boolean;
  /**
   * Whether a mouth from phones closes its lips in p b m, and every mouth tucks its lower lip in f v and opens in
   * vowels of 60 ms and more; what features do right already is left alone. Default true.
   */
  readonly constraints?: boolean;
  /** Seed of blinks, glances, breath, sway, accents of the brows and nods; the same seed lives the same life. -1 for none. Default 1. */
  readonly idleSeed?: number;
  /**
   * Shapes of expressions by lower-case name, besides `expressionShapes`; false wears none that the
   * cloud sends. Default none besides.
   */
  readonly expressions?: Readonly<Record<string, ExpressionShape>> | false;
}

/** A speech message that somebody else took apart. */
export interface ParsedSpeech {
  /** Signed 16-bit little-endian mono PCM in standard base64; may be empty. */
  readonly audio?: string;
  /** Rows of weights, one after the other, in the order of the session's `featureOrder`. */
  readonly features?: Float32Array | number[];
  /** Rate of the audio in Hz; 0 (default) means that of the message before, or 24000. */
  readonly sampleRate?: number;
  /** Values in a row; 0 (default) means that of the message before, or the length of the order. */
  readonly featureDimension?: number;
  /** Clause number; another number than before begins a new clause. Default 0. */
  readonly clause?: number;
  /** First message of a clause. Default false. */
  readonly sentenceStart?: boolean;
  /** Last message of a clause. Default false. */
  readonly sentenceFinal?: boolean;
  /** Last features of a clause. Default false. */
  readonly featuresFinal?: boolean;
  /** Last message of the utterance. Default false. */
  readonly final?: boolean;
  /** When the message came, in ticks of 100 ns of the clock of commit(). Default unknown. */
  readonly arrivalTicks?: number;
  /** Phones of this clause, times in ticks of 100 ns from its start, or from the start of the utterance. At most 4096. */
  readonly phones?: readonly PhoneSpan[];
}
