import type * as Canvas from '@napi-rs/canvas';
import { FacewireError } from '../errors.js';

export type CanvasModule = typeof Canvas;

export const canvasPackage = '@napi-rs/canvas';

/** Loads the drawing package, which is optional, when a face is really wanted. */
export async function loadCanvas(
  name: string = canvasPackage,
  load: (name: string) => Promise<unknown> = (wanted) => import(wanted),
): Promise<CanvasModule> {
  try {
    return (await load(name)) as CanvasModule;
  } catch (cause) {
    throw new FacewireError('ERR_CANVAS_MISSING', `the drawing package ${name} cannot be loaded`, {
      expected: `an installed ${name}`,
      received: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
