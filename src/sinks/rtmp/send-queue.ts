import { tagType, type FlvTag } from '../flv.js';

/**
 * Why something was not sent.
 *
 * - `offAir`: there was no connection; a push begins again at the newest keyframe.
 * - `late`: the line was too slow.
 * - `noKeyframe`: a picture before it was given up, so it could not be decoded.
 * - `full`: too many bytes were waiting.
 */
export type DropReason = 'offAir' | 'late' | 'noKeyframe' | 'full';

/** Sound frames and pictures that were given up, by reason. */
export interface DropCounts {
  readonly audio: Readonly<Record<DropReason, number>>;
  readonly video: Readonly<Record<DropReason, number>>;
}

export interface Waiting {
  readonly tag: FlvTag;
  /** Since when, of the clock. */
  readonly at: number;
}

/** What a tag costs beside its payload, roughly. */
const overheadBytes = 200;

/**
 * Tags that wait to be sent, in order, sound before pictures. Pictures are
 * given up before sound, and every one is counted. Off the air it keeps only what comes from the newest
 * keyframe on, so that a new connection begins there and never repeats
 * anything. The set-up of the codecs is never lost.
 */
export class SendQueue {
  readonly #maxBytes: number;
  readonly #counts = { audio: noDrops(), video: noDrops() };
  /** Set-up that applies before the first tag that waits. */
  readonly #setUp = new Map<number, FlvTag>();
  #tags: Waiting[] = [];
  #bytes = 0;
  #mostBytes = 0;
  #state: 'new' | 'off' | 'ready' | 'on' = 'new';
  /** Pictures are given up until the next keyframe, the first for this reason. */
  #needsKeyframe: DropReason | undefined;
  /** Something was taken since start(). */
  #hasBegun = false;
  /** After a break, the time of the keyframe that everything begins with: ingests take no time before their first. */
  #beginsAt: number | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get drops(): DropCounts {
    return { audio: { ...this.#counts.audio }, video: { ...this.#counts.video } };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The most that ever waited, in bytes. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  get length(): number {
    return this.#tags.length;
  }

  /** What has waited longest. */
  get head(): Waiting | undefined {
    return this.#state === 'on' ? this.#tags[0] : undefined;
  }

  push(tag: FlvTag, now: number): void {
    if (!tag.isConfig && this.#isUseless(tag)) return;
    this.#tags.push({ tag, at: now });
    this.#bytes += tag.payload.length + overheadBytes;
    if (this.#bytes > this.#maxBytes) this.#makeRoom();
    this.#mostBytes = Math.max(this.#mostBytes, this.#bytes);
  }

  /** A connection takes tags from now on; after a break from the next keyframe on. What waits counts as new. */
  start(now: number): void {
    this.#tags = this.#tags.map(({ tag }) => ({ tag, at: now }));
    const begins = this.#state === 'new' || this.#tags.some(({ tag }) => tag.isKeyframe);
    this.#state = begins ? 'on' : 'ready';
    this.#hasBegun = false;
  }

  /** There is no connection any more. */
  stop(): void {
    this.#state = 'off';
    this.#needsKeyframe = undefined;
    const newest = this.#tags.findLastIndex(({ tag }) => tag.isKeyframe);
    this.#beginsAt = this.#tags[newest]?.tag.timestampMs;
    this.#keep(({ tag }, index) => newest >= 0 && index >= newest && !this.#isBefore(tag), 'offAir');
  }

  /** What a decoder needs before the first tag that waits. */
  get setUp(): readonly FlvTag[] {
    // Pictures first, as most publishers do.
    return [...this.#setUp.values()].sort((a, b) => b.type - a.type);
  }

  /** True when take() gives something. */
  get isReady(): boolean {
    return this.#state === 'on' && this.#tags.length > 0;
  }

  /** Sound goes before pictures that wait, except at the beginning, where ingests want the keyframe. */
  take(): Waiting | undefined {
    if (this.#state !== 'on') return undefined;
    const sound = this.#hasBegun ? this.#tags.findIndex(({ tag }) => tag.type === tagType.audio) : -1;
    const [next] = this.#tags.splice(Math.max(0, sound), 1);
    if (next === undefined) return undefined;
    this.#hasBegun ||= !next.tag.isConfig;
    this.#bytes -= next.tag.payload.length + overheadBytes;
    if (next.tag.isConfig) this.#setUp.set(next.tag.type, next.tag);
    return next;
  }

  /** Gives up the pictures before the newest keyframe that waits, or all when there are none before it. */
  shed(): void {
    if (this.#state === 'on') this.#shed('late');
  }

  #shed(reason: DropReason): void {
    const isPicture = ({ tag }: Waiting): boolean => tag.type === tagType.video && !tag.isConfig;
    const newest = this.#tags.findLastIndex(({ tag }) => tag.isKeyframe);
    const first = this.#tags.findIndex(isPicture);
    const from = first < newest ? newest : this.#tags.length;
    this.#keep((waiting, index) => !isPicture(waiting) || index >= from, reason);
    if (from !== newest) this.#needsKeyframe ??= first === -1 ? reason : 'noKeyframe';
  }

  /** Whether a tag cannot be used, and is counted as given up. */
  #isUseless(tag: FlvTag): boolean {
    if (this.#isBefore(tag)) {
      this.#count(tag, 'offAir');
      return true;
    }
    if (this.#state === 'off' || this.#state === 'ready') {
      if (tag.isKeyframe) {
        this.#keep(() => false, 'offAir');
        this.#needsKeyframe = undefined;
        this.#beginsAt = tag.timestampMs;
        if (this.#state === 'ready') this.#state = 'on';
        return false;
      }
      if (this.#tags.some((waiting) => waiting.tag.isKeyframe)) return this.#lacksKeyframe(tag);
      this.#count(tag, 'offAir');
      return true;
    }
    return this.#lacksKeyframe(tag);
  }

  /** Sound and pictures come from two encoders, so some sound is older than the picture before it. */
  #isBefore(tag: FlvTag): boolean {
    if (this.#beginsAt === undefined || tag.type !== tagType.audio) return false;
    // Times are 32 bits wide and wrap.
    return ((tag.timestampMs - this.#beginsAt) | 0) < 0;
  }

  #lacksKeyframe(tag: FlvTag): boolean {
    if (this.#needsKeyframe === undefined || tag.type !== tagType.video) return false;
    if (tag.isKeyframe) {
      this.#needsKeyframe = undefined;
      return false;
    }
    this.#count(tag, this.#needsKeyframe);
    this.#needsKeyframe = 'noKeyframe';
    return true;
  }

  #makeRoom(): void {
    // Without a connection and without its keyframe the rest is of no use.
    if (this.#state === 'off' || this.#state === 'ready') return this.#keep(() => false, 'full');
    this.#shed('full');
    if (this.#bytes > this.#maxBytes) this.#shed('full');
    // Only sound is left: the oldest goes.
    let over = this.#bytes - this.#maxBytes;
    this.#keep(({ tag }) => {
      if (over <= 0 || tag.isConfig) return true;
      over -= tag.payload.length + overheadBytes;
      return false;
    }, 'full');
  }

  /** Leaves out what does not pass, in order; set-up is remembered instead of dropped. */
  #keep(passes: (waiting: Waiting, index: number) => boolean, reason: DropReason): void {
    let untouched = true;
    this.#tags = this.#tags.filter((waiting, index) => {
      const { tag } = waiting;
      if (passes(waiting, index)) {
        untouched = false;
        return true;
      }
      if (tag.isConfig && !untouched) return true;
      this.#bytes -= tag.payload.length + overheadBytes;
      if (tag.isConfig) this.#setUp.set(tag.type, tag);
      else this.#count(tag, reason);
      return false;
    });
  }

  #count(tag: FlvTag, reason: DropReason): void {
    const kind = tag.type === tagType.video ? 'video' : 'audio';
    this.#counts[kind][reason] += 1;
  }
}

function noDrops(): Record<DropReason, number> {
  return { offAir: 0, late: 0, noKeyframe: 0, full: 0 };
}
