import { silence, ticksPerSecond, type PhoneTime, type SpokenClause } from './voice.js';

/** Length in ms that the audio of a clause is filled up to a multiple of, so that its times are whole samples at 16, 22.05 and 24 kHz. */
export const clauseGridMs = 20;

/**
 * Sets the pauses before and after a clause to these lengths (the tail up to
 * 20 ms longer, see `clauseGridMs`) by cutting or adding silence, and moves
 * all times with them.
 */
export function setPauses(clause: SpokenClause, leadMs: number, tailMs: number): SpokenClause {
  const { sampleRate, phones } = clause;
  const toFrames = (ticks: number): number => Math.round((ticks * sampleRate) / ticksPerSecond);
  const firstSound = phones.find((phone) => phone.symbol !== silence);
  const lastSound = phones.findLast((phone) => phone.symbol !== silence);
  if (firstSound === undefined || lastSound === undefined) return clause;

  const soundStart = toFrames(firstSound.startTicks);
  const soundEnd = toFrames(lastSound.endTicks);
  const lead = Math.round((leadMs * sampleRate) / 1000);
  const tail = Math.round((tailMs * sampleRate) / 1000);
  const grid = (clauseGridMs * sampleRate) / 1000;
  const length = Math.ceil((lead + (soundEnd - soundStart) + tail) / grid) * grid;
  const pcm = new Int16Array(length);
  const from = Math.max(0, soundStart - lead);
  const to = Math.min(clause.pcm.length, soundEnd + tail);
  const at = lead - (soundStart - from);
  pcm.set(clause.pcm.subarray(from, to), at);
  fade(pcm, at, to - from, Math.round(sampleRate / 500));

  const shift = Math.round(((lead - soundStart) * ticksPerSecond) / sampleRate);
  const end = Math.round((length * ticksPerSecond) / sampleRate);
  /** The sounds without the silence around them, moved, and with silence up to the new ends. */
  const move = (sounds: readonly PhoneTime[]): PhoneTime[] => {
    const from = sounds.findIndex((phone) => phone.symbol !== silence);
    const to = sounds.findLastIndex((phone) => phone.symbol !== silence);
    const moved = sounds
      .slice(from, to + 1)
      .map((phone) => ({ ...phone, startTicks: phone.startTicks + shift, endTicks: phone.endTicks + shift }));
    const start = moved[0]?.startTicks ?? 0;
    const stop = moved.at(-1)?.endTicks ?? 0;
    return [
      ...(start > 0 ? [{ symbol: silence, startTicks: 0, endTicks: start }] : []),
      ...moved,
      ...(end > stop ? [{ symbol: silence, startTicks: stop, endTicks: end }] : []),
    ];
  };
  const words = clause.words.map((word) => ({
    ...word,
    startTicks: Math.max(0, word.startTicks + shift),
    endTicks: Math.max(0, word.endTicks + shift),
    phones: word.phones.map((phone) => ({
      ...phone,
      startTicks: phone.startTicks + shift,
      endTicks: phone.endTicks + shift,
    })),
  }));
  return {
    pcm,
    sampleRate,
    alphabet: clause.alphabet,
    phones: move(phones),
    words,
    ...(clause.syllables === undefined ? {} : { syllables: move(clause.syllables) }),
  };
}

/** Ramps over `ramp` frames at both ends of the kept audio, so that a cut into breath noise does not click. */
function fade(pcm: Int16Array, at: number, length: number, ramp: number): void {
  for (let i = 0; i < Math.min(ramp, length); i++) {
    const gain = i / ramp;
    pcm[at + i] = Math.round((pcm[at + i] ?? 0) * gain);
    pcm[at + length - 1 - i] = Math.round((pcm[at + length - 1 - i] ?? 0) * gain);
  }
}
