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
}
