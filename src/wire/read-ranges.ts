import { parseJson } from './fields.js';
import { readTiming, type RawTiming } from './read-timing.js';
import type { SpeechTiming, WireWarning } from './response.js';
import { Warnings } from './warnings.js';

/** The JSON text of each small array of a speech frame; undefined or empty where absent. */
export type TimingRanges = { readonly [name in keyof RawTiming]: Uint8Array | string | undefined };

/** Reads the timed texts from the byte ranges that the native reader found, without touching the rest of the frame. */
export function readTimingRanges(ranges: TimingRanges): {
  readonly timing: SpeechTiming;
  readonly warnings: readonly WireWarning[];
} {
  const warnings = new Warnings();
  const parse = (bytes: Uint8Array | string | undefined): unknown => {
    if (bytes === undefined || bytes.length === 0) return undefined;
    const parsed = parseJson(bytes);
    if ('value' in parsed) return parsed.value;
    warnings.add('frame-malformed', 'SpeechRsp', `a timed text is ${parsed.fault}`);
    return undefined;
  };
  const timing = readTiming(
    {
      phones: parse(ranges.phones),
      words: parse(ranges.words),
      subtitles: parse(ranges.subtitles),
      actions: parse(ranges.actions),
      expressions: parse(ranges.expressions),
    },
    warnings,
  );
  return { timing, warnings: warnings.list };
}
