/** A power of two, as every length after it. */
const firstLength = 4096;

/**
 * The last samples of a stream, by their number in it. Its room doubles while
 * more is kept than ever before; otherwise nothing is allocated.
 */
export class RecentSound {
  #ring: Float32Array = new Float32Array(firstLength);
  /** The oldest sample that is kept, and the one behind the newest. */
  #from = 0;
  #end = 0;

  /** Samples that are kept, those of a gap among them. */
  get length(): number {
    return this.#end - this.#from;
  }

  /** Copies `audio`, whose first sample is `at`. What was kept from there on is forgotten; what lies between is silence. */
  append(at: number, audio: Float32Array): void {
    if (this.length === 0 || at <= this.#from) this.#from = this.#end = at;
    this.#end = Math.min(this.#end, at);
    this.#reserve(at + audio.length - this.#from);
    while (this.#end < at) this.#put(this.#end++, 0);
    for (let i = 0; i < audio.length; i++) this.#put(this.#end++, audio[i]);
  }

  /** Forgets what is before sample `at`. */
  dropBefore(at: number): void {
    this.#from = Math.min(Math.max(this.#from, at), this.#end);
  }

  clear(): void {
    this.#from = this.#end;
  }

  /** Fills `out` from sample `at` on, with silence where nothing is kept. */
  copy(at: number, out: Float32Array): void {
    for (let i = 0; i < out.length; i++) {
      const sample = at + i;
      out[i] = sample >= this.#from && sample < this.#end ? this.#ring[this.#place(sample)] : 0;
    }
  }

  #reserve(length: number): void {
    if (length <= this.#ring.length) return;
    let longer = this.#ring.length;
    while (longer < length) longer *= 2;
    const kept = new Float32Array(longer);
    for (let sample = this.#from; sample < this.#end; sample++)
      kept[sample & (longer - 1)] = this.#ring[this.#place(sample)];
    this.#ring = kept;
  }

  #put(sample: number, value: number): void {
    this.#ring[this.#place(sample)] = value;
  }

  /** Right beyond 2^32, too: only the low bits count. */
  #place(sample: number): number {
    return sample & (this.#ring.length - 1);
  }
}
