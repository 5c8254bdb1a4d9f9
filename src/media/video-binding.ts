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
}
