import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { mouthMeter } from '../avatar/mouth-region.js';
import { FacewireError } from '../errors.js';
import { locateFfmpeg } from '../sinks/ffmpeg-locate.js';
import { Reference } from '../verify/reference.js';
import { verifyRecording, type StreamReport, type VerifyReport } from '../verify/report.js';
import type { Output } from './output.js';
import { stopped, type StopSignal } from './stop-signal.js';

export interface VerifyOptions {
  readonly reference?: string;
  readonly seconds: number;
}

/** Judges a file or a stream and prints the report. */
export async function verify(
  target: string,
  options: VerifyOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  const ffmpeg = await locateFfmpeg();
  const isStream = /^https?:\/\//.test(target);
  if (/^rtmps?:\/\//.test(target)) {
    throw new FacewireError('ERR_INPUT_UNREADABLE', 'an RTMP address would show in the process list', {
      expected: 'a file, or an http-flv address',
      received: 'an RTMP address',
      remedy: 'Give the http-flv address of the same stream, or a recording of it.',
    });
  }
  const folder = isStream ? await mkdtemp(join(tmpdir(), 'facewire-verify-')) : undefined;
  try {
    const file =
      folder === undefined
        ? target
        : await capture(target, options.seconds, join(folder, 'stream.flv'), output, stop);
    if (!existsSync(file)) {
      throw new FacewireError('ERR_INPUT_UNREADABLE', `there is no file ${file}`, {
        expected: 'an MP4 or FLV file',
        received: 'ENOENT',
      });
    }
    const { dir, name, ext } = parse(target);
    const beside = join(dir, `${name}.reference.json`);
    const path = options.reference ?? (ext !== '' && existsSync(beside) ? beside : undefined);
    const reference = path === undefined ? undefined : await Reference.load(path);
    // A stream that was cut short is still judged; a second signal ends that too.
    const judged = verifyRecording(ffmpeg, file, mouthMeter, reference);
    const report = {
      ...(await (isStream ? judged : Promise.race([judged, whenStopped(stop)]))),
      file: target,
    };
    output.result(describeReport(report), { ...report });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

function whenStopped({ signal }: StopSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(stopped())));
}

async function capture(
  url: string,
  seconds: number,
  file: string,
  output: Output,
  ended: StopSignal,
): Promise<string> {
  output.progress(`watching the stream for ${seconds} s`);
  const stop = new AbortController();
  let response: Response;
  try {
    response = await fetch(url, {
      signal: AbortSignal.any([stop.signal, ended.signal, AbortSignal.timeout((seconds + 10) * 1000)]),
    });
  } catch (cause) {
    const { code } = ((cause as Error).cause ?? cause) as NodeJS.ErrnoException;
    throw new FacewireError('ERR_INPUT_UNREADABLE', 'the stream cannot be reached', {
      expected: 'an http-flv stream',
      received: code ?? (cause as Error).message,
      cause,
    });
  }
  if (!response.ok || response.body === null) {
    throw new FacewireError('ERR_INPUT_UNREADABLE', 'the stream cannot be read', {
      expected: 'HTTP 200',
      received: `HTTP ${response.status}`,
    });
  }
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file)).catch((error: Error) => {
    if (error.name !== 'AbortError' && error.name !== 'TimeoutError') throw error;
  });
  clearTimeout(timer);
  return file;
}

/** The report as lines for people. */
export function describeReport(report: VerifyReport): string[] {
  const { picture, video, audio, sync } = report;
  const stream = (name: string, s: StreamReport): string =>
    `${name}  ${s.frames} frames, ${(s.durationMs / 1000).toFixed(2)} s, ${s.gaps} gaps, ${s.backward} backward time stamps`;
  const lines = [
    `${report.file}: ${picture.width}x${picture.height}`,
    stream('  video', video),
    stream('  audio', audio),
    `  end of video minus end of audio: ${report.tailDifferenceMs.toFixed(0)} ms`,
  ];
  if (sync === undefined)
    return [...lines, '  no reference given: sound, mouth and A/V offset were not judged'];
  return [
    ...lines,
    `  sound equals the voice: correlation ${sync.soundCorrelation.toFixed(3)}`,
    `  mouth in the picture follows the weights: r ${sync.mouthCorrelation.toFixed(3)}`,
    ...(report.suspectedOrder === undefined
      ? []
      : [`  feature columns: wrong order, they seem to be ${report.suspectedOrder}`]),
    `  A/V offset: ${signed(sync.offsetMs)} ms (mouth minus sound, set lead taken out)`,
  ];
}

/** With a sign, and one digit after the point; what rounds to nothing is +0.0. */
function signed(ms: number): string {
  const tenths = Math.round(ms * 10) / 10;
  return `${tenths < 0 ? '' : '+'}${Math.abs(tenths) === 0 ? '0.0' : tenths.toFixed(1)}`;
}
