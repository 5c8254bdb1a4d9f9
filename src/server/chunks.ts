import { defaultFeatureDimension, defaultSampleRate } from '../wire/endpoint.js';
import type { SpeechInput } from '../wire/frames.js';
import type { SpeechTiming } from '../wire/response.js';
import { toTicks } from '../wire/ticks.js';
import type { RenderedClause } from './render-clause.js';

/** Audio in one message, in ms. */
export const chunkMs = 200;
// Audio and features are cut at different places, as the real cloud does: the
// features run this many frames ahead of the audio, in turn.
const featureLead = [3, 1, 4, 2] as const;
const hopMs = 40;

export interface SpeechChunk {
  readonly speech: SpeechInput;
  /** Start of the chunk's audio in the clause, in ms. */
  readonly atMs: number;
}

export interface Offset {
  readonly ticks: number;
  readonly codePoints: number;
}

/**
 * Cuts a clause into SPEECH messages. The first one carries the times of the
 * whole clause.
 *
 * @param offset added to all times (ticks) and places (code points): none when they count from the clause.
 */
export function* cutChunks(
  clause: RenderedClause,
  number: number,
  offset: Offset = { ticks: 0, codePoints: 0 },
): Generator<SpeechChunk> {
  const { pcm, features } = clause;
  const step = (defaultSampleRate * chunkMs) / 1000;
  const messages = Math.max(1, Math.ceil(pcm.length / step));
  const frames = features.length / defaultFeatureDimension;
  let sent = 0;
  for (let i = 0; i < messages; i++) {
    const last = i === messages - 1;
    const due = Math.floor(((i + 1) * chunkMs) / hopMs) + (featureLead[i % featureLead.length] ?? 0);
    const until = last ? frames : Math.min(frames, due);
    const rows = features.subarray(sent * defaultFeatureDimension, until * defaultFeatureDimension);
    const featuresFinal = until === frames && (i === 0 || sent < frames);
    yield {
      atMs: i * chunkMs,
      speech: {
        clause: number,
        clauseStart: i === 0,
        clauseEnd: last,
        featuresFinal,
        pcm: pcm.subarray(i * step, (i + 1) * step),
        sampleRate: defaultSampleRate,
        features: rows,
        featureDimension: rows.length > 0 ? defaultFeatureDimension : 0,
        ...(i === 0 ? shift(clause.timing, offset) : {}),
      },
    };
    sent = until;
  }
}

function shift(timing: SpeechTiming, { ticks, codePoints }: Offset): SpeechTiming {
  const span = <T extends { readonly start: number; readonly end: number }>(item: T): T => ({
    ...item,
    start: toTicks(item.start + ticks),
    end: toTicks(item.end + ticks),
  });
  return {
    phones: timing.phones.map(span),
    words: timing.words,
    subtitles: timing.subtitles.map((item) => ({
      ...span(item),
      positionStart: item.positionStart + codePoints,
      positionEnd: item.positionEnd + codePoints,
    })),
    actions: timing.actions.map((cue) => ({ ...cue, start: toTicks(cue.start + ticks) })),
    expressions: timing.expressions.map((item) => ({ ...span(item), position: item.position + codePoints })),
  };
}
