declare const nativeDrawer: unique symbol;
/** A drawer of the addon; only its own calls can use it. */
export interface NativeDrawer {
  readonly [nativeDrawer]: true;
}

/** What the addon does with pictures. */
export interface NativeVideoCalls {
  /**
   * RGBA to YUV 4:2:0, BT.709, limited range, in the part of the picture that starts at (x, y).
   *
   * @param table by default the best one.
   */
  toYuv420(
    rgba: Uint8Array,
    width: number,
    height: number,
    x: number,
    y: number,
    columns: number,
    rows: number,
    out: Uint8Array,
    table?: string,
  ): void;

  /** A drawer of pictures up to 4096 × 4096; `backdrop` and `overlay` are RGBA and copied. */
  makeDrawer(width: number, height: number, backdrop: Uint8Array, overlay: Uint8Array): NativeDrawer;

  /** Makes a part of `out` anew by the first `count` numbers of `list` (drawer.h). */
  draw(
    drawer: NativeDrawer,
    list: Float32Array,
    count: number,
    x: number,
    y: number,
    columns: number,
    rows: number,
    out: Uint8Array,
  ): void;

  /**
   * RGBA (order 0) or BGRA (1) over a colour 0xrrggbb, as YUV 4:2:0, from column `column` of `out` on.
   *
   * @param alpha 0 ignored, 1 straight, 2 premultiplied.
   */
  compose(
    pixels: Uint8Array,
    width: number,
    height: number,
    order: number,
    alpha: number,
    behind: number,
    out: Uint8Array,
    outWidth: number,
    column: number,
    table?: string,
  ): void;
  /** Alpha of RGBA or BGRA as a grey picture, 16 transparent, 235 opaque. */
  key(
    pixels: Uint8Array,
    width: number,
    height: number,
    out: Uint8Array,
    outWidth: number,
    column: number,
  ): void;
  fromNv12(nv12: Uint8Array, width: number, height: number, out: Uint8Array): void;
  /** Straight RGBA of even size, ready to be put over YUV: luma, alpha, then chromas and alpha at half the size. */
  overlay(rgba: Uint8Array, width: number, height: number, out: Uint8Array): void;
  /**
   * Puts an overlay at even (x, y).
   *
   * @param key `out` is a key, which becomes more opaque.
   */
  put(
    overlay: Uint8Array,
    width: number,
    height: number,
    out: Uint8Array,
    outWidth: number,
    outHeight: number,
    x: number,
    y: number,
    key: boolean,
  ): void;
}
