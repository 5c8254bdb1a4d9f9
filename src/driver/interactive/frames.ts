import { writeCommand, type TextCommand } from '../../wire/index.js';
import type { AudioParts } from './audio-drive.js';
import type { StreamParts } from './stream-drive.js';
import type { PlayOptions, SpeakOptions, StreamOptions } from './session-types.js';

interface Ids {
  readonly requestId: string;
  readonly sessionId: string;
}

/** The command of a text. Throws ERR_WIRE_LIMIT. */
export function textFrame(
  ids: Ids,
  text: string,
  more: Partial<TextCommand>,
  { force, smartActions, seiInfo }: SpeakOptions,
): string {
  return writeCommand({
    kind: 'text',
    ...ids,
    text,
    ...more,
    ...(force === true && { interrupt: true }),
    ...(smartActions !== undefined && { smartActions }),
    ...(seiInfo !== undefined && { seiInfo }),
  });
}

/** Makes the packets of a stream. */
export function streamFrames(
  ids: Ids,
  { smartActions, clauses = false }: StreamOptions,
): StreamParts['build'] {
  return (packet) =>
    writeCommand({
      kind: 'stream',
      ...ids,
      ...packet,
      ...(smartActions !== undefined && { smartActions }),
      ...(clauses && { clause: true }),
    });
}

/** Makes the packets of a sound. */
export function audioFrames(ids: Ids, { seiInfo }: PlayOptions): AudioParts['build'] {
  return (packet) =>
    writeCommand({ kind: 'audio', ...ids, ...packet, ...(seiInfo !== undefined && { seiInfo }) });
}
