import { Curve, locateCurve, locateSound } from './align.js';
import {
  decodePictures,
  decodeSound,
  readPackets,
  readPictureSize,
  type PacketTime,
  type Rectangle,
} from './decode.js';
import type { Ffmpeg } from '../sinks/ffmpeg-locate.js';
import type { Reference } from './reference.js';

/** Measures how open the mouth is in one decoded picture, in any unit that grows with the opening. */
export interface ApertureMeter {
  region(width: number, height: number): Rectangle;
  measure(rgb: Uint8Array, width: number, height: number): number;
}

export interface StreamReport {
  readonly frames: number;
  readonly durationMs: number;
  /** Steps between neighbours that differ from the usual step by more than half of it. */
  readonly gaps: number;
  /** Time stamps that do not rise. */
  readonly backward: number;
}

export interface SyncReport {
  /** Normalised cross-correlation of the decoded sound with the voice. */
  readonly soundCorrelation: number;
  /** Correlation of the mouth seen in the pictures with the aperture that was sent. */
  readonly mouthCorrelation: number;
  /** Where the utterance begins in the recording by its sound, and by its mouth. */
  readonly soundAtMs: number;
  readonly mouthAtMs: number;
  /** Mouth minus sound, with the set mouth lead taken out: 0 is perfect, positive = mouth late. */
  readonly offsetMs: number;
}

export interface VerifyReport {
  readonly file: string;
  readonly picture: { readonly width: number; readonly height: number };
  readonly video: StreamReport;
  readonly audio: StreamReport;
  /** End of video minus end of audio. */
  readonly tailDifferenceMs: number;
  /** Absent without a reference. */
  readonly sync: SyncReport | undefined;
  /** Feature columns that were read in a wrong order, as it seemed when they came; absent without a reference. */
  readonly suspectedOrder?: string;
}

const soundRate = 48_000;

/** Judges a recording by itself, and against what was sent when a reference is given. */
export async function verifyRecording(
  ffmpeg: Ffmpeg,
  file: string,
  meter: ApertureMeter,
  reference?: Reference,
): Promise<VerifyReport> {
  const packets = await readPackets(ffmpeg, file);
  const picture = await readPictureSize(ffmpeg, file);
  const video = judge(packets.video);
  const audio = judge(packets.audio);
  const suspectedOrder = reference?.data.suspectedOrder;
  return {
    file,
    ...(suspectedOrder !== undefined && { suspectedOrder }),
    picture,
    video,
    audio,
    tailDifferenceMs: endOf(packets.video) - endOf(packets.audio),
    sync:
      reference === undefined
        ? undefined
        : await measureSync(ffmpeg, file, packets.video, packets.audio, picture, meter, reference),
  };
}

function endOf(packets: readonly PacketTime[]): number {
  const last = packets[packets.length - 1];
  return last === undefined ? 0 : last.ptsMs + last.durationMs;
}

function judge(packets: readonly PacketTime[]): StreamReport {
  const steps = packets.slice(1).map((packet, i) => packet.ptsMs - packets[i].ptsMs);
  const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return {
    frames: packets.length,
    durationMs: packets.length === 0 ? 0 : endOf(packets) - packets[0].ptsMs,
    // Milliseconds of FLV and MP4 round each step by up to one, so small differences are not gaps.
    gaps: steps.filter((step) => step - usual > Math.max(2, usual / 2)).length,
    backward: steps.filter((step) => step <= 0).length,
  };
}

async function measureSync(
  ffmpeg: Ffmpeg,
  file: string,
  video: readonly PacketTime[],
  audio: readonly PacketTime[],
  picture: { width: number; height: number },
  meter: ApertureMeter,
  reference: Reference,
): Promise<SyncReport> {
  const sound = await decodeSound(ffmpeg, file, soundRate);
  const located = locateSound(sound, reference.soundAt(soundRate), soundRate);
  const soundAtMs = (audio[0]?.ptsMs ?? 0) + (1000 * located.shift) / soundRate;

  const region = meter.region(picture.width, picture.height);
  const openings: number[] = [];
  await decodePictures(ffmpeg, file, region, (rgb) =>
    openings.push(meter.measure(rgb, region.width, region.height)),
  );
  // B-frames are not used, so decode order is presentation order.
  const times = video.slice(0, openings.length).map((packet) => packet.ptsMs);
  const curve = new Curve(reference.data.apertureTimesMs, reference.data.apertures);
  const mouth = locateCurve(times, openings, curve, soundAtMs - 500, soundAtMs + 500, 1);
  return {
    soundCorrelation: located.correlation,
    mouthCorrelation: mouth.correlation,
    soundAtMs,
    mouthAtMs: mouth.delayMs,
    offsetMs: mouth.delayMs + reference.data.mouthLeadMs - soundAtMs,
  };
}
