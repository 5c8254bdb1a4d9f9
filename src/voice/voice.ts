/** Ticks of 100 ns in one second, the wire's unit of time. */
export const ticksPerSecond = 10_000_000;

/** One speech sound. The phones of a clause are contiguous: the first starts at 0, the last ends with the audio. */
export interface PhoneTime {
  /** ARPAbet in lower case (`hh`, `ax`) or IPA without stress marks; silence is `sil`. */
  readonly symbol: string;
  readonly startTicks: number;
  readonly endTicks: number;
}

/** How the symbols of the phones are spelled. */
export type PhoneAlphabet = 'arpabet' | 'ipa';

/** One word as it stands in the text, punctuation included. */
export interface WordTime {
  readonly text: string;
  /** Half-open range of Unicode code points in the text given to `synthesize`. */
  readonly codePointStart: number;
  readonly codePointEnd: number;
  readonly startTicks: number;
  readonly endTicks: number;
  readonly phones: readonly PhoneTime[];
}

/** A spoken clause: mono 16-bit PCM with the times of its sounds and words. */
export interface SpokenClause {
  readonly pcm: Int16Array;
  /** Audio frames per second of `pcm`. */
  readonly sampleRate: number;
  readonly alphabet: PhoneAlphabet;
  readonly phones: readonly PhoneTime[];
  readonly words: readonly WordTime[];
  /**
   * The same sounds in another spelling, contiguous as `phones` are: Mandarin as initials and finals
   * with their tone, `zh4` `iii4`. Absent where the voice has none.
   */
  readonly syllables?: readonly PhoneTime[];
}

export interface SpeakOptions {
  /** 0.5 (slow) to 2 (fast); default 1. */
  readonly speed?: number;
  /** -10 to 10, one step is 1 dB; default 0. */
  readonly volume?: number;
  /** BCP 47 code of the text's language; default judged by its letters. */
  readonly language?: string;
  /** Gives up waiting; a clause that is being spoken is thrown away. */
  readonly signal?: AbortSignal;
}

/** A local text-to-speech engine. */
export interface Voice {
  readonly name: string;
  /** BCP 47 codes of the languages it can read. */
  readonly languages: readonly string[];
  /** False when `synthesize` would fail with ERR_VOICE_UNSPEAKABLE. */
  canSpeak(text: string, language?: string): boolean;
  /** Speaks plain text (no markup). Calls are queued and answered in order. */
  synthesize(text: string, options?: SpeakOptions): Promise<SpokenClause>;
  /** Ends the engine's process. Idempotent. */
  close(): Promise<void>;
}

/** Symbol of silence in `PhoneTime`. */
export const silence = 'sil';
