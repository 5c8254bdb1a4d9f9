import { makeTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { Fragments } from '../../src/sinks/mp4/fragments.js';
import { videoTimescale, videoTrack } from '../../src/sinks/mp4/boxes.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import { ChunkReader, writeChunks } from '../../src/sinks/rtmp/chunk.js';
import type { OutputFormat, SoundClock, Span } from '../../src/sinks/sink.js';
import { aacFrame, PicturePlaces, SoundPlaces } from '../../src/sinks/tag-places.js';

export const rate = 16_000;
export const ms = rate / 1000;
export const jaw = 17;
/** Every sample of an utterance tells its place in it, and so does its mouth, which opens at an even pace. */
export const utteranceMs = 1000;
export const from = 0.02;
export const rise = 0.3;

/** Where in its utterance a sample is, in ms; 0 where there is none. */
const placeOfSample = (sample: number): number => Math.round(sample * 32_768) / ms;
const placeOfMouth = (open: number): number => ((open - from) / rise) * utteranceMs;
/** Where it begins and ends the mouth is on its way, and tells no time. */
const tells = (place: number): boolean => place >= 200 && place <= utteranceMs - 200;

/** Offsets in ms, kept in steps of a tenth. */
export class Offsets {
  readonly #counts = new Map<number, number>();
  #all = 0;

  add(offsetMs: number): void {
    const step = Math.round(Math.abs(offsetMs) * 10);
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    this.#all += 1;
  }

  get count(): number {
    return this.#all;
  }

  /** The smallest offset that `share` of all do not pass. */
  percentile(share: number): number {
    let left = share * this.#all;
    for (const step of [...this.#counts.keys()].sort((a, b) => a - b)) {
      left -= this.#counts.get(step)!;
      if (left <= 0) return step / 10;
    }
    return 0;
  }

  toString(): string {
    return `${this.percentile(0.99)} ms p99, ${this.percentile(1)} ms at most, of ${this.#all}`;
  }
}

/** A card that checks instead of keeping: samples of an utterance follow each other. */
export class CheckingCard extends NullSink implements SoundClock {
  override readonly name = 'card';
  next = 0;
  heard = 0;
  dry = 0;
  broken = 0;
  #last = 0;

  get clock(): SoundClock {
    return this;
  }

  get room(): number {
    return 800 * ms - (this.next - this.heard);
  }

  get silenceRoom(): number {
    return 40 * ms - (this.next - this.heard);
  }

  play(audio: Float32Array): void {
    this.next += audio.length;
    for (const sample of audio) {
      if (sample === 0 && this.#last === utteranceMs * ms) this.#last = 0;
      else if (sample !== 0 || this.#last !== 0) {
        const place = Math.round(sample * 32_768);
        if (place !== this.#last + 1 && !(place === 1 && this.#last === utteranceMs * ms)) this.broken += 1;
        this.#last = place;
      }
    }
  }

  pass(samples: number): void {
    const played = Math.min(samples, this.next - this.heard);
    this.dry += samples - played;
    this.heard += played;
  }
}

/** Where a card was, in steps of 4 ms of the clock that a test moves. */
export class HeardLog {
  readonly #steps = new Float64Array(512);
  #turn = 0;

  /** False when time goes on and nobody notes it. */
  isKept = true;

  note(heard: number): void {
    this.#turn += 1;
    this.#steps[this.#turn % this.#steps.length] = heard;
  }

  /** @param agoMs 0 to 2000. */
  ago(agoMs: number): number {
    return this.#steps[(this.#turn - Math.round(agoMs / 4) + 2 * this.#steps.length) % this.#steps.length];
  }
}

/** What an output is given: how far its pictures are from its own sound, and from what the card let be heard. */
export class MeasuredSink extends NullSink {
  override readonly name: string;
  readonly inside = new Offsets();
  readonly toCard = new Offsets();
  readonly delayMs: number;
  readonly #heard: HeardLog;
  /** Samples written, as a WAV file counts them. */
  counted = 0;
  gaps = 0;

  constructor(name: string, heard: HeardLog, delayMs: number) {
    super();
    this.name = name;
    this.#heard = heard;
    this.delayMs = delayMs;
  }

  override write(span: Span): void {
    super.write(span);
    if (span.sampleIndex !== this.counted) this.gaps += 1;
    this.counted += span.audio.length;
    if (this.#heard.isKept) this.toCard.add((span.sampleIndex - this.#heard.ago(this.delayMs)) / ms);
    this.measure(span);
  }

  /** A file of samples, or of a timeline: the place of a frame is the number of samples before it. */
  protected measure({ audio, weights }: Span): void {
    const place = placeOfSample(audio[0]);
    if (tells(place)) this.inside.add(placeOfMouth(weights[jaw]) - place);
  }
}

/** Tags as they are at the far end: what each holds, and at what time it is shown. */
class FarEnd {
  readonly #inside: Offsets;
  readonly #pictures: { timeMs: number; place: number }[] = [];
  #sound = { timeMs: 0, place: 0 };

  constructor(inside: Offsets) {
    this.#inside = inside;
  }

  take(isPicture: boolean, timeMs: number, place: number): void {
    if (isPicture) return void this.#pictures.push({ timeMs, place });
    // Pictures that are shown before this frame of sound begins are shown with the one before.
    while (this.#pictures.length > 0 && this.#pictures[0].timeMs < timeMs) {
      const picture = this.#pictures.shift()!;
      const heard = this.#sound.place + (picture.timeMs - this.#sound.timeMs);
      if (this.#sound.place > 0 && tells(heard)) this.#inside.add(picture.place - heard);
    }
    this.#sound = { timeMs, place };
  }
}

/**
 * An output of tags without an ffmpeg: one for each picture and each 1024
 * samples, placed by the rules of the encoder, and measured where they have
 * come through RTMP's chunks, or a file of fragments.
 */
abstract class TaggedSink extends MeasuredSink {
  readonly #pictures = new PicturePlaces();
  readonly #sounds = new SoundPlaces();
  readonly #block = new Float32Array(aacFrame);
  #filled = 0;
  #frames = 0;
  #samples = 0;

  protected abstract push(tag: FlvTag): void;

  protected override measure({ audio, weights }: Span): void {
    if (this.#samples === 0) this.#tag(tagType.audio, 0, this.#sounds.next()! / rate);
    this.#sounds.wrote(this.#samples, audio.length);
    for (const sample of audio) {
      this.#block[this.#filled++] = sample;
      if (this.#filled < aacFrame) continue;
      this.#filled = 0;
      this.#tag(tagType.audio, placeOfSample(this.#block[0]), this.#sounds.next()! / rate);
    }
    this.#samples += audio.length;
    this.#pictures.wrote(this.#frames++);
    this.#tag(tagType.video, placeOfMouth(weights[jaw]), this.#pictures.next()! / 25 + aacFrame / rate);
  }

  #tag(type: number, place: number, seconds: number): void {
    const payload = Buffer.alloc(type === tagType.video ? 13 : 10);
    payload.set(type === tagType.video ? [this.#frames % 50 === 1 ? 0x17 : 0x27, 1] : [0xaf, 1]);
    payload.writeDoubleBE(place, payload.length - 8);
    this.push(makeTag(type, Math.round(1000 * seconds), payload));
  }
}

/** A push, measured where its chunks are read. */
export class ChunkSink extends TaggedSink {
  readonly #end = new FarEnd(this.inside);
  readonly #reader = new ChunkReader(({ type, timestampMs, payload }) =>
    this.#end.take(type === tagType.video, timestampMs, payload.readDoubleBE(payload.length - 8)),
  );

  protected override push({ type, timestampMs, payload }: FlvTag): void {
    const message = { type, timestampMs, streamId: 1, payload };
    this.#reader.push(writeChunks(message, type === tagType.video ? 6 : 4, 128));
  }
}

/** A recording, measured in its fragments. */
export class FragmentSink extends TaggedSink {
  readonly #end = new FarEnd(this.inside);
  #fragments: Fragments | undefined;

  override async open(format?: OutputFormat): Promise<void> {
    this.#fragments = new Fragments(
      { ...format!, width: 64, height: 64, videoKbps: 100, audioKbps: 64 },
      (bytes) => this.#read(bytes),
    );
    this.#fragments.push(
      makeTag(tagType.video, 0, Buffer.from([0x17, 0, 0, 0, 0, 1, 66, 0, 30, 255, 225, 0, 0, 1, 0, 0])),
    );
    this.#fragments.push(makeTag(tagType.audio, 0, Buffer.from([0xaf, 0, 0x14, 0x08])));
  }

  protected override push(tag: FlvTag): void {
    this.#fragments!.push(tag);
  }

  #read(bytes: Buffer): void {
    if (bytes.toString('latin1', 4, 8) !== 'moof') return;
    const samples: { isPicture: boolean; timeMs: number; place: number }[] = [];
    for (const traf of boxesIn(bytes.subarray(8, bytes.readUInt32BE(0)), 'traf')) {
      const isPicture = boxesIn(traf, 'tfhd')[0].readUInt32BE(4) === videoTrack;
      let time = Number(boxesIn(traf, 'tfdt')[0].readBigUInt64BE(4));
      const [run] = boxesIn(traf, 'trun');
      let at = run.readUInt32BE(8);
      for (let row = 12; row < run.length; row += 12) {
        const size = run.readUInt32BE(row + 4);
        const timeMs = (1000 * time) / (isPicture ? videoTimescale : rate);
        samples.push({ isPicture, timeMs, place: bytes.readDoubleBE(at + size - 8) });
        time += run.readUInt32BE(row);
        at += size;
      }
    }
    // As a player takes them: by their times, and a picture before the sound that goes on under it.
    samples.sort((a, b) => a.timeMs - b.timeMs || Number(b.isPicture) - Number(a.isPicture));
    for (const { isPicture, timeMs, place } of samples) this.#end.take(isPicture, timeMs, place);
  }
}

/** Contents of the boxes of a kind that stand in `bytes`. */
function boxesIn(bytes: Buffer, kind: string): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === kind)
      found.push(bytes.subarray(at + 8, at + bytes.readUInt32BE(at)));
  return found;
}
