import { FacewireError } from '../errors.js';
import { readWav, type MonoSound } from '../read-wav.js';
import type { FliteEngine } from './flite-engine.js';
import { silence, ticksPerSecond, type PhoneTime, type SpokenClause, type WordTime } from './voice.js';
import { spellToken, tokenize, type Token } from './tokens.js';
import { placeWords } from './place-words.js';
import { alignWords } from './word-alignment.js';

/** Words whose sounds are remembered, so that running text needs few second runs. */
const rememberedWords = 4000;

/**
 * Speaks one clause with flite and finds out which sounds belong to which
 * word. Flite prints the sounds of the clause with their times, but not their
 * words; therefore unknown words are also run once through its smallest voice,
 * set apart by commas, and the two sequences are aligned.
 */
export class FliteSpeech {
  readonly #engine: FliteEngine;
  readonly #sounds = new Map<string, readonly string[]>();

  constructor(engine: FliteEngine) {
    this.#engine = engine;
  }

  speak(text: string, voice: string, speed: number): SpokenClause {
    const tokens = tokenize(text);
    const spellings = tokens.map((token) => spellToken(token.text));
    const options = ['-voice', voice, '--setf', `duration_stretch=${(1 / speed).toFixed(4)}`, '-psdur'];
    const { printed, wave } = this.#engine.run(options, spellings.join(' '), true);
    if (wave === undefined) throw new FacewireError('ERR_VOICE_FAILED', 'the voice engine wrote no audio');
    const { pcm, sampleRate } = soundOf(wave);
    const phones = placePhones(parseDurations(printed), pcm.length, sampleRate);
    return { pcm, sampleRate, alphabet: 'arpabet', phones, words: this.#words(tokens, spellings, phones) };
  }

  #words(tokens: readonly Token[], spellings: readonly string[], phones: readonly PhoneTime[]): WordTime[] {
    const sounds = this.#soundsOf(spellings.map(withoutPunctuation));
    const voiced = phones.filter((phone) => phone.symbol !== silence);
    const wordOf = alignWords(
      sounds,
      voiced.map((phone) => phone.symbol),
    );
    return placeWords(
      tokens,
      tokens.map((_, index) => voiced.filter((_sound, sound) => wordOf[sound] === index)),
    );
  }

  #soundsOf(words: readonly string[]): readonly (readonly string[])[] {
    const unknown = [...new Set(words)].filter((word) => word !== '' && !this.#sounds.has(word));
    if (unknown.length > 0) {
      const groups = this.#runAlone(unknown.join(', '));
      // A word that brings its own pause shifts the groups; then each is run by itself.
      if (groups.length === unknown.length)
        unknown.forEach((word, index) => this.#remember(word, groups[index] ?? []));
      else for (const word of unknown) this.#remember(word, this.#runAlone(word).flat());
    }
    return words.map((word) => this.#sounds.get(word) ?? []);
  }

  #runAlone(text: string): string[][] {
    const groups: string[][] = [];
    let group: string[] = [];
    for (const { symbol } of parseDurations(
      this.#engine.run(['-voice', 'kal', '-psdur'], text, false).printed,
    )) {
      if (symbol !== silence) group.push(symbol);
      else if (group.length > 0) {
        groups.push(group);
        group = [];
      }
    }
    if (group.length > 0) groups.push(group);
    return groups;
  }

  #remember(word: string, sounds: readonly string[]): void {
    if (this.#sounds.size >= rememberedWords) {
      const oldest = this.#sounds.keys().next().value;
      if (oldest !== undefined) this.#sounds.delete(oldest);
    }
    this.#sounds.set(word, sounds);
  }
}

function withoutPunctuation(word: string): string {
  return word.replace(/^[^\p{L}\p{N}$-]+|[^\p{L}\p{N}%]+$/gu, '');
}

interface PhoneEnd {
  readonly symbol: string;
  /** End in seconds from the start of the clause. */
  readonly end: number;
}

/** Reads what flite prints with -psdur: `pau:0.164 hh:0.255 …`, end times in seconds. */
export function parseDurations(printed: string): PhoneEnd[] {
  return [...printed.matchAll(/([a-z]+):(\d+(?:\.\d+)?)/g)].map(([, symbol, end]) => ({
    symbol: symbol === 'pau' || symbol === 'brth' ? silence : (symbol ?? silence),
    end: Number(end),
  }));
}

function soundOf(wave: Uint8Array): MonoSound {
  try {
    return readWav(wave);
  } catch (cause) {
    throw new FacewireError('ERR_VOICE_FAILED', 'the voice engine wrote unusable audio', { cause });
  }
}

/** Fits the printed times to the audio there really is: the diphone voices stop before the end of their last pause. */
function placePhones(ends: readonly PhoneEnd[], frames: number, sampleRate: number): PhoneTime[] {
  const total = Math.round((frames * ticksPerSecond) / sampleRate);
  const phones: PhoneTime[] = [];
  let startTicks = 0;
  ends.forEach(({ symbol, end }, index) => {
    const wanted = index === ends.length - 1 ? total : Math.round(end * ticksPerSecond);
    const endTicks = Math.min(total, Math.max(startTicks, wanted));
    if (endTicks > startTicks) phones.push({ symbol, startTicks, endTicks });
    startTicks = endTicks;
  });
  return phones;
}
