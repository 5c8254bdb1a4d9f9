import { ticksPerSecond, type SpokenClause, type Voice } from '../../src/voice/voice.js';

/**
 * A voice that costs nothing: every word is a tenth of a second of samples that
 * depend on the text alone, so that a lost, repeated or moved sample shows.
 */
export class ToneVoice implements Voice {
  readonly name = 'tone';
  readonly languages = ['en'];
  /** Everything that was spoken, in order. */
  readonly spoken: string[] = [];

  canSpeak(): boolean {
    return true;
  }

  async synthesize(text: string): Promise<SpokenClause> {
    this.spoken.push(text);
    const words = [...text.matchAll(/\S+/gu)];
    const sampleRate = 24_000;
    const length = sampleRate / 10;
    let state = 7;
    for (const character of text) state = (Math.imul(state, 31) + character.codePointAt(0)!) | 0;
    const pcm = Int16Array.from({ length: Math.max(1, words.length) * length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
      return (state >> 16) % 8000;
    });
    const step = ticksPerSecond / 10;
    const times = words.map((word, i) => {
      const phones = [{ symbol: 'ah', startTicks: i * step, endTicks: (i + 1) * step }];
      const codePointStart = Array.from(text.slice(0, word.index)).length;
      return {
        text: word[0],
        codePointStart,
        codePointEnd: codePointStart + Array.from(word[0]).length,
        startTicks: i * step,
        endTicks: (i + 1) * step,
        phones,
      };
    });
    return {
      pcm,
      sampleRate,
      alphabet: 'arpabet',
      phones: times.flatMap((word) => word.phones),
      words: times,
    };
  }

  async close(): Promise<void> {}
}
