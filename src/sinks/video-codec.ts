import { existsSync, readdirSync } from 'node:fs';

import type { OutputFormat } from './sink.js';

/** How pictures are encoded, all of it checked. */
export interface PictureEncoding {
  /** `latency`, `quality`, or a preset of libx264, which other encoders take for `latency`. */
  readonly preset: string;
  readonly videoKbps: number;
  readonly maxVideoKbps: number;
  readonly keyframeSeconds: number;
}

/** Options of ffmpeg that make one encoder give one picture for each, in order, none held back. */
export interface VideoCodec {
  readonly name: string;
  /** Before the input. */
  readonly device: readonly string[];
  /** Where the encoder wants something else than YUV 4:2:0 in three planes. */
  readonly filter?: string;
  readonly options: (encoding: PictureEncoding) => readonly string[];
  /** Whether this machine may have the hardware at all; asked before the encoder is tried. */
  readonly mayWork: () => boolean;
}

const x264Presets: Record<string, string> = { latency: 'ultrafast', quality: 'veryfast' };

/** Always there: an ffmpeg without it is refused. */
export const software: VideoCodec = {
  name: 'libx264',
  device: [],
  options: ({ preset }) => [
    ...['-preset', x264Presets[preset] ?? preset, '-tune', 'zerolatency', '-sc_threshold', '0'],
  ],
  mayWork: () => true,
};

const isQuality = ({ preset }: PictureEncoding): boolean => preset === 'quality';

function renderNode(): string | undefined {
  try {
    const node = readdirSync('/dev/dri').find((name) => name.startsWith('renderD'));
    return node === undefined ? undefined : `/dev/dri/${node}`;
  } catch {
    return undefined;
  }
}

/** Encoders of graphics chips and cards, best first. */
export const hardware: readonly VideoCodec[] = [
  {
    name: 'h264_nvenc',
    device: [],
    options: (encoding) => [
      ...['-preset', isQuality(encoding) ? 'p5' : 'p2', '-tune', 'ull', '-rc', 'cbr', '-delay', '0'],
      ...['-zerolatency', '1', '-forced-idr', '1'],
    ],
    mayWork: () => process.platform === 'win32' || existsSync('/dev/nvidiactl'),
  },
  {
    name: 'h264_videotoolbox',
    device: [],
    options: () => ['-realtime', '1'],
    mayWork: () => process.platform === 'darwin',
  },
  {
    name: 'h264_qsv',
    device: [],
    filter: 'format=nv12',
    options: (encoding) => [
      ...['-preset', isQuality(encoding) ? 'medium' : 'veryfast', '-async_depth', '1', '-look_ahead', '0'],
    ],
    mayWork: () => process.platform === 'win32' || renderNode() !== undefined,
  },
  {
    name: 'h264_amf',
    device: [],
    options: (encoding) => [
      ...['-usage', 'ultralowlatency', '-quality', isQuality(encoding) ? 'quality' : 'speed', '-rc', 'cbr'],
    ],
    mayWork: () => process.platform === 'win32',
  },
  {
    name: 'h264_vaapi',
    device: ['-vaapi_device', renderNode() ?? '/dev/dri/renderD128'],
    filter: 'format=nv12,hwupload',
    options: () => ['-rc_mode', 'CBR', '-async_depth', '1'],
    mayWork: () => renderNode() !== undefined,
  },
];

/** Pictures between two keyframes. */
export function gopOf({ frameRateNumerator, frameRateDenominator }: OutputFormat, seconds: number): number {
  return Math.max(1, Math.round((seconds * frameRateNumerator) / frameRateDenominator));
}
