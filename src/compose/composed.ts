import type { Renderer } from '../avatar/renderer.js';
import { Composition, type CompositionOptions } from './composition.js';

/** The pictures of `renderer` with what was asked for behind and over them; `renderer` itself when that is nothing. */
export function composed(renderer: Renderer, options: CompositionOptions): Renderer {
  const { transparency, logo, subtitles } = options;
  const isPlain = transparency === undefined && logo === undefined && subtitles === undefined;
  return isPlain ? renderer : new Composition(renderer, options);
}
