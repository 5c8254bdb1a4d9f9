import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { loadCanvas } from '../avatar/canvas-loader.js';
import { missingLettersWarning } from '../avatar/missing-letters.js';
import { EndpointDriver, Recording, Replay } from '../driver/index.js';
import { FacewireError } from '../errors.js';
import type { ArkitName } from '../frame.js';
import { MediaSession } from '../media/session.js';
import { drawPlot, mostSeconds } from '../plot/draw.js';
import { TimelineRecorder } from '../plot/timeline.js';
import { startLocalCloud } from '../server/local-cloud.js';
import type { Output } from './output.js';
import { readText } from './parse.js';
import type { StopSignal } from './stop-signal.js';

export interface PlotCommandOptions {
  readonly text?: string;
  readonly recording?: string;
  readonly voice?: string;
  readonly from?: number;
  readonly to?: number;
  readonly channels: readonly ArkitName[];
  readonly fps: number;
}

/** Draws what a text or a recording makes of sound and mouth, as a PNG. */
export async function plot(
  path: string,
  options: PlotCommandOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  const source = sourceOf(options);
  if (!path.toLowerCase().endsWith('.png')) {
    throw new FacewireError('ERR_OPTION_INVALID', 'the picture must be a PNG', {
      expected: 'a file name that ends in .png',
      received: JSON.stringify(basename(path)),
    });
  }
  // What is missing is told before anything is said.
  const canvas = await loadCanvas();
  const session = new MediaSession({ idleSeed: -1 });
  const recorder = new TimelineRecorder(session, options.fps, (options.from ?? 0) + mostSeconds + 1);
  const title =
    source.kind === 'text' ? await readText(source.text, stop.signal) : `${basename(source.file)}`;
  if (source.kind === 'text') await takeText(title, options.voice, session, recorder, output, stop);
  else await takeRecording(source.file, session, recorder, output, stop);
  const timeline = recorder.finish();
  session.close();
  const { from, to } = partOf(timeline.audio.length / timeline.sampleRate, options);
  const shown = title.length > 120 ? `${title.slice(0, 119)}…` : title;
  const plotted = drawPlot(canvas, timeline, { title: shown, from, to, channels: options.channels });
  await writeFile(path, plotted.png).catch((cause: NodeJS.ErrnoException) => {
    throw new FacewireError('ERR_OUTPUT_UNWRITABLE', `the file ${path} cannot be written`, {
      expected: 'a file that can be written to',
      received: cause.code ?? 'an unknown failure',
      cause,
    });
  });
  const { width, height, closures, closed, missingLetters } = plotted;
  if (missingLetters !== '') output.warn(missingLettersWarning(missingLetters, 'the title shows'));
  output.result(
    [
      `Drew ${path}: ${width}x${height}, ${(to - from).toFixed(2)} s, ${closed} of ${closures} p b m closed in time`,
    ],
    { path, width, height, seconds: Number((to - from).toFixed(3)), closures, closed },
  );
}

type Source =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'recording'; readonly file: string };

function sourceOf({ text, recording }: PlotCommandOptions): Source {
  if ((text === undefined) !== (recording === undefined)) {
    if (text !== undefined && text.trim() !== '') return { kind: 'text', text };
    if (recording !== undefined) return { kind: 'recording', file: recording };
  }
  throw new FacewireError('ERR_OPTION_INVALID', 'there must be one thing to draw', {
    expected: '--text TEXT or --recording FILE',
    received: text === undefined ? 'neither' : recording === undefined ? 'an empty text' : 'both',
    remedy: 'Run: npx facewire plot --help',
  });
}

async function takeText(
  text: string,
  voice: string | undefined,
  session: MediaSession,
  recorder: TimelineRecorder,
  output: Output,
  { signal }: StopSignal,
): Promise<void> {
  const cloud = await startLocalCloud({ voice: voice ?? 'slt' });
  const driver = new EndpointDriver(cloud.connection);
  try {
    output.progress('speaking');
    await recorder.take(driver.text(text, { media: session, signal }));
  } finally {
    await driver.close();
    await cloud.close();
  }
}

async function takeRecording(
  file: string,
  session: MediaSession,
  recorder: TimelineRecorder,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  const recording = new Recording(file);
  for await (const drive of new Replay(recording, { media: session }).drives()) {
    stop.check();
    // A drive that failed then fails again; what it said is drawn.
    await recorder.take(drive).catch((error: Error) => output.warn(error.message));
  }
  if (recording.damaged > 0) output.warn(`${recording.damaged} damaged lines are left out`);
}

/** The seconds to draw. */
function partOf(
  length: number,
  { from = 0, to = length }: PlotCommandOptions,
): { readonly from: number; readonly to: number } {
  const end = Math.min(to, length);
  if (end - from <= 0.05) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is nothing in this part', {
      expected: `--from and --to within 0 to ${length.toFixed(2)} s`,
      received: `${from} to ${to}`,
    });
  }
  if (end - from > mostSeconds) {
    throw new FacewireError('ERR_OPTION_INVALID', 'the picture would be too wide', {
      expected: `at most ${mostSeconds} s`,
      received: `${(end - from).toFixed(1)} s`,
      remedy: 'Choose a part with --from and --to.',
    });
  }
  return { from, to: end };
}
