import { DrawnFace, type DrawnFaceOptions } from '../avatar/drawn-face.js';
import type { Renderer } from '../avatar/renderer.js';
import { composed } from '../compose/composed.js';
import type { Transparency } from '../compose/transparency.js';
import type { MediaSession } from '../media/session.js';
import { Subtitles } from '../player/subtitles.js';
import type { RendererCounts } from '../renderers/foreign-renderer.js';
import type { PictureOptions as StagePicture } from '../server/interactive/face-stage.js';
import type { Output } from './output.js';
import { foreignRenderers, type RendererOptions } from './renderer-options.js';

/** What is seen besides the face, and who draws it, as the command line says it. */
export interface PictureOptions extends RendererOptions {
  readonly subtitles?: true;
  /** A file. */
  readonly logo?: string;
  readonly transparent?: Transparency;
}

/** The face, with what was asked for over it and behind it. */
export interface Pictures {
  readonly renderer: Renderer;
  /** To be given to perform(). */
  readonly subtitles: Subtitles | undefined;
  /** How the renderer that was brought along fares; undefined for the built-in face. */
  readonly counts: () => RendererCounts | undefined;
}

export function picturesOf(
  options: PictureOptions,
  face: { readonly width: number; readonly height: number; readonly buffers?: number },
  session: MediaSession,
  output: Output,
): Pictures {
  const { subtitles: wanted, logo, transparent } = options;
  const foreign = foreignRenderers(options, output)?.(face);
  const hidden: Pick<DrawnFaceOptions, 'background'> =
    transparent === undefined ? {} : { background: 'transparent' };
  const subtitles = wanted === true ? new Subtitles(session) : undefined;
  const renderer = composed(foreign ?? new DrawnFace({ ...face, ...hidden }), {
    ...(face.buffers !== undefined && { buffers: face.buffers }),
    ...(subtitles !== undefined && { subtitles }),
    ...(logo !== undefined && { logo: { file: logo } }),
    ...(transparent !== undefined && { transparency: transparent }),
    onWarning: (message) => output.warn(message),
  });
  return { renderer, subtitles, counts: () => foreign?.counts };
}

type Extras = Pick<StagePicture, 'subtitles' | 'logo' | 'transparency' | 'renderer'>;

/** The same for sessions, whose pictures a cloud of our own makes. Throws ERR_OPTION_INVALID. */
export function stagePicture(options: PictureOptions, output: Output): Extras {
  const { subtitles, logo, transparent } = options;
  const renderer = foreignRenderers(options, output);
  return {
    ...(subtitles !== undefined && { subtitles }),
    ...(logo !== undefined && { logo: { file: logo } }),
    ...(transparent !== undefined && { transparency: transparent }),
    ...(renderer !== undefined && { renderer }),
  };
}

/** Opens and closes it once: a fault in it ends a command before anybody waits for a session. */
export async function tryPicture(
  { renderer, logo, transparency }: Extras,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  if (renderer === undefined && logo === undefined) return;
  const tried = composed(renderer?.(size) ?? new DrawnFace(size), {
    ...(logo !== undefined && { logo }),
    ...(transparency !== undefined && { transparency }),
  });
  try {
    await tried.open();
  } finally {
    await tried.close();
  }
}
