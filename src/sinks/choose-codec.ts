import { MediaChild } from '../child.js';
import { yuvBytes } from '../yuv-picture.js';
import { pictureArguments } from './encoder-arguments.js';
import type { Ffmpeg } from './ffmpeg-locate.js';
import { FlvParser, isMedia, tagType } from './flv.js';
import type { OutputFormat } from './sink.js';
import { hardware, software, type PictureEncoding, type VideoCodec } from './video-codec.js';

/** `auto`: hardware that this machine has and that works; `software`: never; or hardware of this name, if it works. */
export type VideoEncoder =
  'auto' | 'software' | 'h264_nvenc' | 'h264_videotoolbox' | 'h264_qsv' | 'h264_amf' | 'h264_vaapi';

/** Pictures given to an encoder that is tried, and those that must come before the input ends. */
const given = 8;
const prompt = 6;
const patienceMs = 5000;

const tried = new Map<string, Promise<boolean>>();

/**
 * The encoder to use. Hardware is believed when it has encoded a few pictures of
 * this size and held none back; once for each size, as long as we run.
 */
export async function chooseCodec(
  ffmpeg: Ffmpeg,
  wanted: VideoEncoder,
  format: OutputFormat,
  encoding: PictureEncoding,
): Promise<VideoCodec> {
  if (wanted === 'software') return software;
  for (const codec of hardware) {
    if (!ffmpeg.encoders.has(codec.name)) continue;
    // Whoever names one may know of hardware that we do not.
    if (wanted === 'auto' ? !codec.mayWork() : codec.name !== wanted) continue;
    const key = [ffmpeg.path, codec.name, format.width, format.height].join(' ');
    let verdict = tried.get(key);
    if (verdict === undefined) {
      verdict = works(ffmpeg, codec, format, encoding);
      tried.set(key, verdict);
    }
    if (await verdict) return codec;
  }
  return software;
}

async function works(
  ffmpeg: Ffmpeg,
  codec: VideoCodec,
  format: OutputFormat,
  encoding: PictureEncoding,
): Promise<boolean> {
  const child = new MediaChild(ffmpeg.path, pictureArguments(format, encoding, codec, ffmpeg), {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { stdin, stdout } = child.process;
  let pictures = 0;
  let isPrompt = false;
  let isSound = true;
  const parser = new FlvParser((tag) => {
    if (tag.type !== tagType.video || !isMedia(tag)) return;
    pictures += 1;
    if (pictures === 1 && !tag.isKeyframe) isSound = false;
    if (pictures < prompt) return;
    isPrompt ||= stdin?.writableEnded === false;
    stdin?.end();
  });
  stdout?.on('data', (bytes: Buffer) => {
    try {
      parser.push(bytes);
    } catch {
      isSound = false;
      child.kill();
    }
  });
  const { width, height } = format;
  const grey = new Uint8Array(yuvBytes(width, height)).fill(128);
  for (let i = 0; i < given; i++) stdin?.write(grey);
  const timer = setTimeout(() => child.kill(), patienceMs);
  const { code } = await child.exited;
  clearTimeout(timer);
  return code === 0 && isSound && isPrompt && pictures === given;
}
