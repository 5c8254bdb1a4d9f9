import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

import { MediaChild } from '../child.js';
import { FacewireError } from '../errors.js';
import { locateFfmpeg } from './ffmpeg-locate.js';
import { unwritable } from './output-file.js';

/**
 * Puts the packets of an FLV file into an MP4 file, unchanged, index first.
 * The MP4 appears under its name only when it is whole.
 */
export async function remuxToMp4(flvPath: string, mp4Path: string, ffmpegSetting?: string): Promise<void> {
  const ffmpeg = await locateFfmpeg(ffmpegSetting);
  const unfinished = `${resolve(mp4Path)}.part.mp4`;
  const child = new MediaChild(
    ffmpeg.path,
    [
      ...['-hide_banner', '-nostats', '-nostdin', '-loglevel', 'error', '-y'],
      // The prefix makes any name a plain file name.
      ...['-f', 'flv', '-i', `file:${resolve(flvPath)}`],
      ...['-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', `file:${unfinished}`],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const { code, signal } = await child.exited;
  if (code !== 0) {
    await rm(unfinished, { force: true });
    throw new FacewireError('ERR_FFMPEG_FAILED', `ffmpeg could not write the MP4 file: ${child.tail}`, {
      expected: 'exit code 0',
      received: signal ?? `exit code ${code}`,
      remedy: `What was recorded is kept in ${flvPath}.`,
    });
  }
  try {
    await rename(unfinished, mp4Path);
  } catch (thrown) {
    await rm(unfinished, { force: true });
    throw unwritable(mp4Path, thrown);
  }
}
