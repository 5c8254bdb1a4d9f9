/**
 * The due rows of many sessions in plain JavaScript: a monotone cubic (Steffen
 * 1990, A&A 239:443) between the rows of each session's track, as a careful user
 * would write it. Typed arrays throughout, nothing allocated for a frame, slopes
 * found once for each row.
 */
export class PlainPool {
  readonly #tracks: readonly Float32Array[];
  readonly #slopes: readonly Float32Array[];
  readonly #width: number;

  /** Tracks hold rows of `width` weights. */
  constructor(tracks: readonly Float32Array[], width: number) {
    this.#tracks = tracks;
    this.#slopes = tracks.map((track) => slopesOf(track, width));
    this.#width = width;
  }

  /** Fills row i of `out`, `stride` apart, with track i at `positions[i]`, counted in rows and before the last. */
  frames(positions: Float64Array, out: Float32Array, stride: number): void {
    const width = this.#width;
    for (let session = 0; session < this.#tracks.length; session++) {
      const row = Math.floor(positions[session]);
      const t = positions[session] - row;
      hermite(this.#tracks[session], this.#slopes[session], row * width, width, t, out, session * stride);
    }
  }
}

/** Slopes at every row: the mean of both rises, at most twice the smaller one, 0 where they are not of one sign. */
export function slopesOf(track: Float32Array, width: number): Float32Array {
  const slopes = new Float32Array(track.length);
  for (let i = width; i < track.length - width; i++) {
    const left = track[i] - track[i - width];
    const right = track[i + width] - track[i];
    if (left * right <= 0) continue;
    const size = Math.min(Math.abs(left + right) / 2, 2 * Math.abs(left), 2 * Math.abs(right));
    slopes[i] = left > 0 ? size : -size;
  }
  return slopes;
}

/** Tracks one after the other, every row followed by its slopes: as a session keeps them. */
export function rowsWithSlopes(tracks: readonly Float32Array[], width: number): Float32Array {
  const all = new Float32Array(2 * tracks.reduce((sum, track) => sum + track.length, 0));
  let to = 0;
  for (const track of tracks) {
    const slopes = slopesOf(track, width);
    for (let at = 0; at < track.length; at += width, to += 2 * width) {
      all.set(track.subarray(at, at + width), to);
      all.set(slopes.subarray(at, at + width), to + width);
    }
  }
  return all;
}

function hermite(
  track: Float32Array,
  slopes: Float32Array,
  at: number,
  width: number,
  t: number,
  out: Float32Array,
  to: number,
): void {
  const w0 = t * t * (3 - 2 * t);
  const w1 = t * (1 - t) * (1 - t);
  const w2 = t * t * (t - 1);
  for (let i = 0; i < width; i++) {
    const from = track[at + i];
    const rise = track[at + width + i] - from;
    out[to + i] = from + (rise * w0 + (slopes[at + i] * w1 + slopes[at + width + i] * w2));
  }
}
