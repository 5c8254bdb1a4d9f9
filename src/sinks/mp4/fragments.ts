import type { EncodedFormat } from '../encoded-sink.js';
import { tagType, type FlvTag } from '../flv.js';
import { aacFrame } from '../tag-places.js';
import {
  audioTrack,
  box,
  durationOffset,
  fileType,
  fullBox,
  movie,
  u32,
  u64,
  videoTimescale,
  videoTrack,
} from './boxes.js';

/** A fragment holds at most this; so much a crash costs, and what waits for the disk. */
const fragmentSeconds = 0.5;
const syncFlags = 0x02000000;
const otherFlags = 0x01010000;
/** Data offset, sample duration, size and flags are told for each sample. */
const runFlags = 0x701;

interface Sample {
  /** In the timescale of its track. */
  readonly time: number;
  readonly bytes: Uint8Array;
  readonly isSync: boolean;
}

/**
 * Makes a fragmented MP4 file of tags: the movie first, then a fragment every
 * half second, so that what was written plays whenever the writer dies. Times
 * are exact: they follow from the numbers of pictures and frames of sound that
 * the tags' milliseconds stand for.
 */
export class Fragments {
  readonly #format: EncodedFormat;
  readonly #write: (bytes: Buffer) => void;
  #avcC: Uint8Array | undefined;
  #audioConfig: Uint8Array | undefined;
  #movie: Buffer | undefined;
  /** Parameter sets that changed: they go before the next keyframe. */
  #newSets: Uint8Array | undefined;
  #video: Sample[] = [];
  #audio: Sample[] = [];
  #sequence = 0;
  #endMs = 0;

  /** @param write gets the file in order. */
  constructor(format: EncodedFormat, write: (bytes: Buffer) => void) {
    this.#format = format;
    this.#write = write;
  }

  /** Where the length of the recording stands in the file, and the bytes of it; undefined before the movie was written. */
  get duration(): { readonly position: number; readonly bytes: Buffer } | undefined {
    const moov = this.#movie;
    if (moov === undefined) return undefined;
    return { position: fileType.length + durationOffset(moov), bytes: u64(Math.round(this.#endMs)) };
  }

  push(tag: FlvTag): void {
    if (tag.isConfig) return this.#configure(tag);
    if (tag.type === tagType.video) this.#pushPicture(tag);
    else if (tag.type === tagType.audio) this.#pushSound(tag);
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#movie === undefined || this.#video.length + this.#audio.length === 0) return;
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format;
    const period = Math.round((videoTimescale * frameRateDenominator) / frameRateNumerator);
    const runs = [
      { id: videoTrack, samples: this.#video, usual: period, timescale: videoTimescale },
      { id: audioTrack, samples: this.#audio, usual: aacFrame, timescale: sampleRate },
    ].filter(({ samples }) => samples.length > 0);
    const header = fullBox('mfhd', 0, 0, u32(++this.#sequence));
    const data = runs.flatMap(({ samples }) => samples.map(({ bytes }) => bytes));
    const make = (offsets: readonly number[]): Buffer =>
      box(
        'moof',
        header,
        ...runs.map(({ id, samples, usual }, i) => run(id, samples, usual, offsets[i] ?? 0)),
      );
    // Offsets count from the moof, whose length does not depend on them.
    let offset = make([]).length + 8;
    const offsets = runs.map(({ samples }) => {
      const at = offset;
      offset += samples.reduce((sum, { bytes }) => sum + bytes.length, 0);
      return at;
    });
    this.#write(Buffer.concat([make(offsets), box('mdat', ...data)]));
    for (const { samples, usual, timescale } of runs)
      this.#endMs = Math.max(this.#endMs, (1000 * ((samples.at(-1)?.time ?? 0) + usual)) / timescale);
    this.#video = [];
    this.#audio = [];
  }

  #configure({ type, payload }: FlvTag): void {
    if (type === tagType.audio) {
      this.#audioConfig ??= payload.subarray(2);
    } else if (this.#avcC === undefined) {
      this.#avcC = payload.subarray(5);
    } else {
      // The movie is written already; decoders take new sets from the stream as well.
      this.#newSets = parameterSets(payload.subarray(5));
    }
    if (this.#movie !== undefined || this.#avcC === undefined || this.#audioConfig === undefined) return;
    const { width, height, sampleRate } = this.#format;
    this.#movie = movie({ width, height, sampleRate, avcC: this.#avcC, audioConfig: this.#audioConfig });
    this.#write(Buffer.concat([fileType, this.#movie]));
  }

  #pushPicture({ timestampMs, payload, isKeyframe }: FlvTag): void {
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format;
    const lead = aacFrame / sampleRate;
    const frame = Math.round(((timestampMs / 1000 - lead) * frameRateNumerator) / frameRateDenominator);
    const seconds = (frame * frameRateDenominator) / frameRateNumerator + lead;
    let bytes: Uint8Array = payload.subarray(5);
    if (isKeyframe && this.#newSets !== undefined) {
      bytes = Buffer.concat([this.#newSets, bytes]);
      this.#newSets = undefined;
    }
    if (isKeyframe) this.flush();
    this.#video.push({ time: Math.round(seconds * videoTimescale), bytes, isSync: isKeyframe });
    this.#flushWhenLong(this.#video, videoTimescale);
  }

  #pushSound({ timestampMs, payload }: FlvTag): void {
    const { sampleRate } = this.#format;
    const time = aacFrame * Math.round((timestampMs * sampleRate) / (1000 * aacFrame));
    this.#audio.push({ time, bytes: payload.subarray(2), isSync: true });
    this.#flushWhenLong(this.#audio, sampleRate);
  }

  #flushWhenLong(samples: readonly Sample[], timescale: number): void {
    const [first] = samples;
    const last = samples.at(-1);
    if (first === undefined || last === undefined) return;
    if (last.time - first.time >= fragmentSeconds * timescale) this.flush();
  }
}

function run(id: number, samples: readonly Sample[], usual: number, offset: number): Buffer {
  const rows = samples.map(({ time, bytes, isSync }, i) => {
    const next = samples[i + 1];
    return u32(next === undefined ? usual : next.time - time, bytes.length, isSync ? syncFlags : otherFlags);
  });
  return box(
    'traf',
    // Offsets begin at the moof.
    fullBox('tfhd', 0, 0x20000, u32(id)),
    fullBox('tfdt', 1, 0, u64(samples[0]?.time ?? 0)),
    fullBox('trun', 0, runFlags, u32(samples.length, offset), ...rows),
  );
}

/** The parameter sets of a configuration record as they stand in a sample: each after its length in 4 bytes. */
function parameterSets(avcC: Buffer): Buffer {
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (avcC[at++] ?? 0) & mask;
    for (let i = 0; i < count; i++) {
      const length = avcC.readUInt16BE(at);
      sets.push(u32(length), avcC.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return Buffer.concat(sets);
}
