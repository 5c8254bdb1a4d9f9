import { toFacewireError, type ErrorCode } from '../errors.js';
import type { SpokenClause } from './voice.js';

/** One clause to speak, as it goes to a voice's child process. */
export interface SpeakRequest {
  readonly id: number;
  readonly text: string;
  /** Voice or language of the engine. */
  readonly voice: string;
  readonly speed: number;
}

export type SpeakAnswer =
  | { readonly id: number; readonly clause: SpokenClause }
  | { readonly id: number; readonly code: ErrorCode; readonly message: string; readonly remedy: string };

/**
 * Serves requests in a child process until the parent goes away. `open` loads
 * the engine at the first request; a failure to load is the answer to each.
 */
export function serveVoice(
  open: () => Promise<(request: SpeakRequest) => SpokenClause | Promise<SpokenClause>>,
): void {
  let engine: ReturnType<typeof open> | undefined;
  let queue: Promise<void> = Promise.resolve();
  const answer = async (request: SpeakRequest): Promise<SpeakAnswer> => {
    try {
      engine ??= open();
      const speak = await engine;
      return { id: request.id, clause: await speak(request) };
    } catch (thrown) {
      const error = toFacewireError(thrown, 'ERR_VOICE_FAILED');
      return { id: request.id, code: error.code, message: error.message, remedy: error.remedy };
    }
  };
  process.on('message', (request: SpeakRequest) => {
    queue = queue.then(async () => {
      const result = await answer(request);
      if (process.connected) process.send?.(result);
    });
  });
  // The parent closed the channel or died.
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group; the parent decides when this process ends.
  process.on('SIGINT', () => undefined);
}
