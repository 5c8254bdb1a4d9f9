import { DrawnFace, type DrawnFaceOptions } from '../avatar/drawn-face.js';
import type { Renderer } from '../avatar/renderer.js';
import { Composition } from '../compose/composition.js';
import type { Transparency } from '../compose/transparency.js';
import type { MediaSession } from '../media/session.js';
import { Subtitles } from '../player/subtitles.js';
import type { Output } from './output.js';

/** What is seen besides the face, as the command line says it. */
export interface PictureOptions {
  readonly subtitles?: true;
  /** A file. */
  readonly logo?: string;
  readonly transparent?: Transparency;
}

/** The built-in face, with what was asked for over it and behind it. */
export interface Pictures {
  readonly renderer: Renderer;
  /** To be given to perform(). */
  readonly subtitles: Subtitles | undefined;
}

export function picturesOf(
  { subtitles: wanted, logo, transparent }: PictureOptions,
  face: Pick<DrawnFaceOptions, 'width' | 'height' | 'buffers'>,
  session: MediaSession,
  output: Output,
): Pictures {
  const drawn = new DrawnFace({ ...face, ...(transparent !== undefined && { background: 'transparent' }) });
  const subtitles = wanted === true ? new Subtitles(session) : undefined;
  if (subtitles === undefined && logo === undefined && transparent === undefined)
    return { renderer: drawn, subtitles };
  const renderer = new Composition(drawn, {
    ...(face.buffers !== undefined && { buffers: face.buffers }),
    ...(subtitles !== undefined && { subtitles }),
    ...(logo !== undefined && { logo: { file: logo } }),
    ...(transparent !== undefined && { transparency: transparent }),
    onWarning: (message) => output.warn(message),
  });
  return { renderer, subtitles };
}
