import { loadAddon } from './media/load-addon.js';
import type { NativeDrawer } from './media/video-binding.js';
import type { PictureArea } from './yuv-picture.js';

/** Draws lists of paths (native/include/facewire/drawer.h) over a still backdrop. Lives in one thread. */
export class PictureDrawer {
  readonly #native: NativeDrawer;

  /** `backdrop` and `overlay` are RGBA pictures of this size and are copied. */
  constructor(width: number, height: number, backdrop: Uint8Array, overlay: Uint8Array) {
    this.#native = loadAddon().video.makeDrawer(width, height, backdrop, overlay);
  }

  /** Makes `area` of the RGBA picture `out` anew by the first `count` numbers of `list`. */
  draw(list: Float32Array, count: number, area: PictureArea, out: Uint8Array): void {
    loadAddon().video.draw(this.#native, list, count, area.x, area.y, area.width, area.height, out);
  }
}
