import type { Ffmpeg } from './ffmpeg-locate.js';
import type { OutputFormat } from './sink.js';

// Without the probing options, ffmpeg waits about a second before it reads. `-fflags nobuffer` is
// missing because it loses the first frame.
const promptInput = [
  '-hide_banner',
  '-nostats',
  '-loglevel',
  'warning',
  '-probesize',
  '32',
  '-analyzeduration',
  '0',
];
const promptOutput = ['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'];

/** How pictures are encoded, all of it checked. */
export interface PictureEncoding {
  readonly preset: string;
  readonly videoKbps: number;
  readonly keyframeSeconds: number;
}

/** From raw pictures on stdin to H.264 in FLV on stdout: one out for each one in, in order, none held back. */
export function pictureArguments(
  format: OutputFormat,
  encoding: PictureEncoding,
  { passthrough }: Ffmpeg,
): string[] {
  const { width, height, frameRateNumerator, frameRateDenominator } = format;
  const { preset, videoKbps, keyframeSeconds } = encoding;
  const gop = Math.max(1, Math.round((keyframeSeconds * frameRateNumerator) / frameRateDenominator));
  const bt709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  return [
    ...[...promptInput, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-video_size', `${width}x${height}`],
    ...['-framerate', `${frameRateNumerator}/${frameRateDenominator}`, '-i', 'pipe:0'],
    ...['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p'],
    ...['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', ...bt709, '-color_range', 'tv'],
    ...['-g', `${gop}`, '-sc_threshold', '0', '-bf', '0', '-b:v', `${videoKbps}k`],
    ...['-maxrate', `${videoKbps}k`, '-bufsize', `${videoKbps}k`],
    ...[...passthrough, ...promptOutput],
  ];
}

/** From little-endian s16 mono on stdin to AAC in FLV on stdout. */
export function soundArguments({ sampleRate }: OutputFormat, audioKbps: number): string[] {
  return [
    ...[...promptInput, '-f', 's16le', '-ar', `${sampleRate}`, '-ac', '1', '-i', 'pipe:0'],
    ...['-c:a', 'aac', '-b:a', `${audioKbps}k`, ...promptOutput],
  ];
}
