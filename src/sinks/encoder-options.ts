import { backgroundClock, type Clock } from '../clock.js';
import { inRange, oneOf } from '../option-values.js';
import type { VideoEncoder } from './choose-codec.js';
import type { EncoderEvent } from './encoder-events.js';
import { hardware } from './video-codec.js';

export interface EncoderOptions {
  /** Path of ffmpeg. Default: searched, see locateFfmpeg. */
  readonly ffmpeg?: string;
  /**
   * `latency` (default) takes the least processor and time, `quality` gives better pictures at the
   * same rate; or a preset of libx264. None holds pictures back.
   */
  readonly preset?: (typeof presets)[number];
  /** Which encoder makes the pictures. Default `auto`: hardware that is there and works, else software. */
  readonly videoEncoder?: VideoEncoder;
  /** Picture bit rate in kbit/s, 100 to 50000. Default 2500. */
  readonly videoKbps?: number;
  /** Rate that pictures never pass for longer than a second, in kbit/s. Default `videoKbps`. */
  readonly maxVideoKbps?: number;
  /** Sound bit rate in kbit/s, 32 to 320. Default 128. */
  readonly audioKbps?: number;
  /** Seconds between keyframes, 0.5 to 10. Default 2. */
  readonly keyframeSeconds?: number;
  /** Most pictures that may wait for ffmpeg before new ones are given up, 4 to 250. Default 50. */
  readonly maxQueuedFrames?: number;
  /** An ffmpeg that gets something and gives nothing for so long is replaced, in ms, 500 to 60 000. Default 3000. */
  readonly encoderStallMs?: number;
  /** Told when an ffmpeg is lost and when another has taken its place. */
  readonly onEncoderEvent?: (event: EncoderEvent) => void;
  /** For tests: time, and chance in [0, 1) for waits. */
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Bit rates of pictures. */
export interface Kbps {
  readonly videoKbps: number;
  readonly maxVideoKbps: number;
}

/** Those that do not change while it runs, within their ranges. */
export type CheckedOptions = Required<Omit<EncoderOptions, 'ffmpeg' | 'onEncoderEvent' | keyof Kbps>>;

const presets = ['latency', 'quality', 'ultrafast', 'superfast', 'veryfast', 'faster'] as const;
const videoEncoders = ['auto', 'software', ...hardware.map(({ name }) => name)];

/** Options with their defaults; throws ERR_OPTION_INVALID for one outside its range. */
export function readEncoderOptions(options: EncoderOptions): CheckedOptions {
  return {
    preset: oneOf('preset', presets, options.preset ?? 'latency'),
    videoEncoder: oneOf('videoEncoder', videoEncoders, options.videoEncoder ?? 'auto'),
    audioKbps: inRange('audioKbps', options.audioKbps ?? 128, 32, 320),
    keyframeSeconds: inRange('keyframeSeconds', options.keyframeSeconds ?? 2, 0.5, 10),
    maxQueuedFrames: inRange('maxQueuedFrames', options.maxQueuedFrames ?? 50, 4, 250),
    encoderStallMs: inRange('encoderStallMs', options.encoderStallMs ?? 3000, 500, 60_000),
    clock: options.clock ?? backgroundClock,
    random: options.random ?? Math.random,
  };
}

/**
 * Checks bit rates; throws ERR_OPTION_INVALID.
 *
 * @param maxVideoKbps default the same.
 */
export function readKbps(videoKbps: number, maxVideoKbps = videoKbps): Kbps {
  inRange('videoKbps', videoKbps, 100, 50_000);
  inRange('maxVideoKbps', maxVideoKbps, videoKbps, 50_000);
  return { videoKbps, maxVideoKbps };
}
