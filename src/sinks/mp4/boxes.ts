// The boxes of ISO/IEC 14496-12 and -14 that a fragmented file of one H.264 and one AAC track needs.

/** A box of these parts, one after the other. */
export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts], length);
}

/** A box that begins with a version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Buffer {
  return box(type, u32(((version << 24) | flags) >>> 0), ...parts);
}

export function u16(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => out.writeUInt16BE(value, 2 * i));
  return out;
}

export function u32(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => out.writeUInt32BE(value >>> 0, 4 * i));
  return out;
}

export function u64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

const text = (characters: string): Buffer => Buffer.from(characters, 'latin1');
const zeros = (count: number): Buffer => Buffer.alloc(count);
/** No turning and no scaling. */
const unity = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** `und`: the language is not known. */
const undetermined = 0x55c4;

export const videoTrack = 1;
export const audioTrack = 2;
/** Ticks a second of pictures; common frame rates are whole numbers of them. */
export const videoTimescale = 90_000;

export interface MovieFormat {
  readonly width: number;
  readonly height: number;
  readonly sampleRate: number;
  /** The decoder configuration record of H.264. */
  readonly avcC: Uint8Array;
  /** The AudioSpecificConfig of AAC. */
  readonly audioConfig: Uint8Array;
}

export const fileType = box('ftyp', text('iso6'), u32(1), text('iso6isomavc1mp41'));

/** The movie without any sample; all come in fragments. Holds the length in its `mehd`, see durationOffset(). */
export function movie(format: MovieFormat): Buffer {
  const { width, height, sampleRate, avcC, audioConfig } = format;
  const visual = box(
    'avc1',
    ...[zeros(6), u16(1), zeros(16), u16(width, height), u32(0x480000, 0x480000, 0), u16(1)],
    ...[zeros(32), u16(24, 0xffff), box('avcC', avcC)],
  );
  const sound = box(
    'mp4a',
    ...[zeros(6), u16(1), zeros(8), u16(1, 16, 0, 0), u32(sampleRate << 16), elementaryStream(audioConfig)],
  );
  return box(
    'moov',
    fullBox('mvhd', 0, 0, u32(0, 0, 1000, 0, 0x10000), u16(0x100), zeros(10), unity, zeros(24), u32(3)),
    track(videoTrack, 'vide', videoTimescale, fullBox('vmhd', 0, 1, zeros(8)), visual, width, height),
    track(audioTrack, 'soun', sampleRate, fullBox('smhd', 0, 0, zeros(4)), sound, 0, 0),
    box(
      'mvex',
      fullBox('mehd', 1, 0, u64(0)),
      fullBox('trex', 0, 0, u32(videoTrack, 1, 0, 0, 0)),
      fullBox('trex', 0, 0, u32(audioTrack, 1, 0, 0, 0)),
    ),
  );
}

/** Where in the movie its length stands, in ms, 64 bits. */
export function durationOffset(moov: Buffer): number {
  return moov.indexOf('mehd', 0, 'latin1') + 8;
}

function track(
  id: number,
  handler: 'vide' | 'soun',
  timescale: number,
  header: Buffer,
  entry: Buffer,
  width: number,
  height: number,
): Buffer {
  const volume = handler === 'soun' ? 0x100 : 0;
  return box(
    'trak',
    fullBox(
      'tkhd',
      0,
      3,
      u32(0, 0, id, 0, 0),
      zeros(8),
      u16(0, 0, volume, 0),
      unity,
      u32(width << 16, height << 16),
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(undetermined, 0)),
      fullBox(
        'hdlr',
        0,
        0,
        u32(0),
        text(handler),
        zeros(12),
        text(`${handler === 'vide' ? 'pictures' : 'sound'}\0`),
      ),
      box(
        'minf',
        header,
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box(
          'stbl',
          fullBox('stsd', 0, 0, u32(1), entry),
          fullBox('stts', 0, 0, u32(0)),
          fullBox('stsc', 0, 0, u32(0)),
          fullBox('stsz', 0, 0, u32(0, 0)),
          fullBox('stco', 0, 0, u32(0)),
        ),
      ),
    ),
  );
}

/** The descriptors of ISO/IEC 14496-1 around the AudioSpecificConfig; all are shorter than 128 bytes. */
function elementaryStream(config: Uint8Array): Buffer {
  const descriptor = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([tag, body.length]), body]);
  };
  const decoder = descriptor(4, Buffer.from([0x40, 0x15, 0, 0, 0]), u32(0, 0), descriptor(5, config));
  return fullBox(
    'esds',
    0,
    0,
    descriptor(3, u16(audioTrack), zeros(1), decoder, descriptor(6, Buffer.from([2]))),
  );
}
