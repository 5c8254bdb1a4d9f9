import type { Renderer } from '../avatar/renderer.js';
import { composed } from '../compose/composed.js';
import type { Subtitles } from '../player/subtitles.js';
import type { KioskPicture } from './config.js';

/**
 * The face with what the file wants behind and over it.
 *
 * @param warn told, for example, of letters that no font has.
 */
export function dressedFace(
  face: Renderer,
  { logo, transparent }: KioskPicture,
  subtitles: Subtitles | undefined,
  warn: (message: string) => void,
): Renderer {
  return composed(face, {
    ...(subtitles !== undefined && { subtitles }),
    ...(logo !== undefined && { logo: { file: logo } }),
    ...(transparent !== undefined && { transparency: transparent }),
    onWarning: warn,
  });
}
