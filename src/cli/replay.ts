import { Recording, Replay, type Drive } from '../driver/index.js';
import type { FacewireError } from '../errors.js';
import { toFacewireError } from '../errors.js';
import { MediaSession } from '../media/session.js';
import { perform } from '../player/perform.js';
import { Player } from '../player/player.js';
import { DigestSink } from '../sinks/digest-sink.js';
import type { Sink } from '../sinks/sink.js';
import { calibrationOf, type FaceOptions } from './face-options.js';
import type { Output } from './output.js';
import { isOfSession, listSession } from './list-session.js';
import { buffersFor, sinksOf, type OutputOptions } from './outputs.js';
import { picturesOf, type PictureOptions } from './picture-options.js';
import { tellOfRepeats } from './renderer-options.js';
import { readSecrets } from './secrets.js';
import { stopped, type StopSignal } from './stop-signal.js';

export interface ReplayOptions extends OutputOptions, FaceOptions, PictureOptions {
  /** Undefined: 1 for a live output, else as fast as it goes. */
  readonly speed?: number;
  readonly check?: boolean;
  readonly secrets?: string;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
}

/** Places of damage that are told one by one. */
const shownDamages = 5;

/** Says a recording again, without a cloud. */
export async function replay(
  path: string,
  options: ReplayOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  if (await isOfSession(path)) return listSession(path, options, output, stop);
  const recording = new Recording(path);
  const calibration = await calibrationOf(options);
  const session = new MediaSession(options.rig === undefined ? {} : { featureOrder: options.rig });
  const { sinks, live, places, delaysMs } =
    options.check === true
      ? { sinks: [], live: false, places: new Map<string, string>(), delaysMs: new Map<Sink, number>() }
      : await sinksOf(options, await readSecrets(options.secrets), output);
  const digest = live ? undefined : new DigestSink();
  const speed = options.speed ?? (live ? 1 : Number.POSITIVE_INFINITY);
  const drives = new Replay(recording, { media: session, speed }).drives();
  const drawn = sinks.some((sink) => sink.wantsPictures)
    ? picturesOf(options, { ...options.size, ...buffersFor(delaysMs, options.fps) }, session, output)
    : undefined;
  const subtitles = drawn?.subtitles;
  const player = new Player({
    session,
    sinks: digest === undefined ? sinks : [...sinks, digest],
    frameRate: options.fps,
    delaysMs,
    pace: live ? 'realtime' : 'as-available',
    ...(calibration !== undefined && { calibration }),
    ...(drawn !== undefined && { renderer: drawn.renderer }),
  });
  const broken = new Map<string, FacewireError>();
  player.on('sinkFailed', ({ sink, error }) => {
    broken.set(sink, error);
    output.warn(`the ${sink} output stopped: ${error.code}: ${error.message}`);
  });
  const said: { seconds: number; error?: string }[] = [];
  let current: Drive | undefined;
  const cut = (): void => {
    current?.interrupt({ force: true });
    player.interrupt();
  };
  stop.signal.addEventListener('abort', cut);
  let failure: unknown;
  let started = false;
  try {
    for await (const drive of drives) {
      current = drive;
      // A file that is no recording must not have emptied another.
      if (!started) await player.start();
      started = true;
      if (stop.isStopped) break;
      const before = session.sourceCommitted() + session.readySamples();
      const error = await perform(drive, player, session, subtitles && { subtitles }).then(
        () => undefined,
        (thrown: unknown) => toFacewireError(thrown),
      );
      const seconds = (session.sourceCommitted() + session.readySamples() - before) / session.sampleRate;
      said.push({ seconds: Number(seconds.toFixed(3)), ...(error !== undefined && { error: error.code }) });
      if (error !== undefined) output.warn(`drive ${said.length} ended with ${error.code}: ${error.message}`);
      if (broken.size > 0 && broken.size === sinks.length) break;
    }
    stop.check();
  } catch (thrown) {
    failure = stop.isStopped ? stopped() : thrown;
  } finally {
    stop.signal.removeEventListener('abort', cut);
  }
  const reports = started ? await player.stop() : [];
  const renderer = drawn?.counts();
  tellOfRepeats(renderer, output);
  session.close();
  if (started) {
    for (const { line, byte, message } of recording.damages.slice(0, shownDamages))
      output.warn(`line ${line} (byte ${byte}) is left out: ${message}`);
  }
  const seconds = said.reduce((sum, drive) => sum + drive.seconds, 0);
  const json = {
    drives: said,
    seconds: Number(seconds.toFixed(3)),
    damaged: recording.damaged,
    damages: recording.damages,
    outputs: reports
      .filter(({ name }) => name !== digest?.name)
      .map((report) => ({ place: places.get(report.name) ?? report.name, ...report })),
    ...(renderer !== undefined && { renderer }),
    ...(digest !== undefined && { digest: digest.digest }),
  };
  failure ??= [...broken.values()][0];
  if (failure !== undefined) return output.failure(failure, json);
  const where = [...places.values()].join(' and ');
  output.result(
    [
      `Replayed ${said.length} drive${said.length === 1 ? '' : 's'}, ${seconds.toFixed(2)} s of speech${where === '' ? '' : `, to ${where}`}`,
      ...(recording.damaged === 0 ? [] : [`  ${recording.damaged} damaged lines were left out`]),
      ...(digest === undefined ? [] : [`  samples and weights: sha256 ${digest.digest}`]),
    ],
    json,
  );
}
