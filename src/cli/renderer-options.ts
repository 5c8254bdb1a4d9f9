import { once } from 'node:events';
import { connect } from 'node:net';

import { FacewireError } from '../errors.js';
import type { PixelFormat } from '../pixel-format.js';
import type { Engine } from '../renderers/engine-link.js';
import type { RendererCounts, RendererEvent } from '../renderers/foreign-renderer.js';
import { PipeRenderer, type PipeRendererOptions } from '../renderers/pipe-renderer.js';
import type { Output } from './output.js';

/** Who draws in place of the built-in face, as the command line says it. */
export interface RendererOptions {
  /** A program, or `unix:PATH` for one that runs already. */
  readonly renderer?: string;
  /** Arguments of that program; no shell sees them. */
  readonly rendererArg?: readonly string[];
  readonly rendererFormat?: PixelFormat;
  readonly rendererSharedMemory?: true;
}

/** Options that are nothing without the first one. */
const belonging = {
  rendererArg: '--renderer-arg',
  rendererFormat: '--renderer-format',
  rendererSharedMemory: '--renderer-shared-memory',
} as const satisfies Partial<Record<keyof RendererOptions, string>>;

const socketPrefix = 'unix:';

/**
 * Makes renderers of the engine that was asked for; undefined when the built-in face is to be drawn. Throws
 * ERR_OPTION_INVALID for options that do not belong together.
 */
export function foreignRenderers(
  options: RendererOptions,
  output: Output,
): ((face: Pick<PipeRendererOptions, 'width' | 'height' | 'buffers'>) => PipeRenderer) | undefined {
  const engine = engineOf(options);
  if (engine === undefined) return undefined;
  const { rendererFormat: format, rendererSharedMemory: sharedMemory } = options;
  return (face) =>
    new PipeRenderer({
      ...face,
      engine,
      ...(format !== undefined && { format }),
      ...(sharedMemory !== undefined && { sharedMemory }),
      onEvent: (event) => tellOfEvent(event, output),
    });
}

/** Says how many pictures were shown again, if any were. */
export function tellOfRepeats(counts: RendererCounts | undefined, output: Output): void {
  if (counts === undefined) return;
  const { drawn, late, failed, busy } = counts;
  if (late + failed + busy === 0) return;
  output.warn(
    `the renderer drew ${drawn} pictures; of others the one before was shown: ${late} were late, ${failed} were lost, ${busy} had no free buffer`,
  );
}

function engineOf(options: RendererOptions): Engine | undefined {
  const { renderer, rendererArg: args, rendererSharedMemory: shared } = options;
  const needs = (expected: string, received: string): FacewireError =>
    new FacewireError('ERR_OPTION_INVALID', `${received} cannot be used`, { expected, received });
  if (renderer === undefined) {
    const lonely = Object.entries(belonging).find(([name]) => options[name as keyof typeof belonging]);
    if (lonely === undefined) return undefined;
    throw needs('--renderer PROGRAM with it', `${lonely[1]} without --renderer`);
  }
  if (renderer.trim() === '' || renderer === socketPrefix)
    throw needs('a program, or unix:PATH', `--renderer ${JSON.stringify(renderer)}`);
  if (!renderer.startsWith(socketPrefix)) return { command: renderer, args: args ?? [] };
  if (args !== undefined) throw needs('a program that is started here', '--renderer-arg with a socket');
  if (shared === true)
    throw needs('a program that is started here', '--renderer-shared-memory with a socket');
  const path = renderer.slice(socketPrefix.length);
  return async () => {
    const socket = connect(path);
    // One that is not there is an error with its reason; what comes later is seen by the renderer.
    await once(socket, 'connect');
    return { requests: socket, pictures: socket };
  };
}

function tellOfEvent(event: RendererEvent, output: Output): void {
  if (event.type === 'back') return output.warn('the renderer draws again');
  const { code, message } = event.error;
  output.warn(`the renderer failed and is started again: ${code}: ${message}`);
}
