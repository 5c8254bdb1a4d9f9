import type { Ffmpeg } from './ffmpeg-locate.js';
import type { OutputFormat } from './sink.js';
import { gopOf, type PictureEncoding, type VideoCodec } from './video-codec.js';

// Without the probing options, ffmpeg waits about a second before it reads. `-fflags nobuffer` is
// missing because it loses the first frame.
const quiet = ['-hide_banner', '-nostats', '-loglevel', 'warning'];
const prompt = ['-probesize', '32', '-analyzeduration', '0'];
const promptOutput = ['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'];

/** From pictures in YUV 4:2:0 on stdin to H.264 in FLV on stdout: one out for each one in, in order, none held back. */
export function pictureArguments(
  format: OutputFormat,
  encoding: PictureEncoding,
  codec: VideoCodec,
  { passthrough }: Pick<Ffmpeg, 'passthrough'>,
): string[] {
  const { width, height, frameRateNumerator, frameRateDenominator } = format;
  const { videoKbps, maxVideoKbps, keyframeSeconds } = encoding;
  const bt709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  return [
    ...[...quiet, ...codec.device, ...prompt, '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
    ...['-video_size', `${width}x${height}`],
    ...['-framerate', `${frameRateNumerator}/${frameRateDenominator}`, '-i', 'pipe:0'],
    ...(codec.filter === undefined ? [] : ['-vf', codec.filter]),
    ...['-c:v', codec.name, ...codec.options(encoding), ...bt709, '-color_range', 'tv'],
    ...['-g', `${gopOf(format, keyframeSeconds)}`, '-bf', '0', '-b:v', `${videoKbps}k`],
    ...['-maxrate', `${maxVideoKbps}k`, '-bufsize', `${maxVideoKbps}k`],
    ...[...passthrough, ...promptOutput],
  ];
}

/** From little-endian s16 mono on stdin to AAC in FLV on stdout. */
export function soundArguments({ sampleRate }: OutputFormat, audioKbps: number): string[] {
  return [
    ...[...quiet, ...prompt, '-f', 's16le', '-ar', `${sampleRate}`, '-ac', '1', '-i', 'pipe:0'],
    ...['-c:a', 'aac', '-b:a', `${audioKbps}k`, ...promptOutput],
  ];
}
