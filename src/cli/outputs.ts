import { dirname, extname, join } from 'node:path';

import { FacewireError } from '../errors.js';
import { Mp4Sink } from '../sinks/mp4-sink.js';
import { hasRtmpKey, parseRtmpUrl } from '../sinks/rtmp/url.js';
import type { PushEvent } from '../sinks/rtmp/push-events.js';
import { RtmpSink } from '../sinks/rtmp-sink.js';
import type { Sink } from '../sinks/sink.js';
import { WavSink } from '../sinks/wav-sink.js';
import type { Output } from './output.js';
import { makeFolder, type NamedDelay } from './parse.js';
import type { Secrets } from './secrets.js';

/** What is said is over before an ingest that stays away for longer comes back. */
const giveUpMs = 10_000;

/** Of DrawnFace, by default and at most. */
const usualBuffers = 6;
const mostBuffers = 32;

/** Where speech goes to, as the command line says it. */
export interface OutputOptions {
  readonly rtmp?: string | true;
  readonly out?: string;
  readonly device?: string | true;
  readonly delay?: readonly NamedDelay[];
}

export interface Chosen {
  readonly sinks: Sink[];
  /** True when a sink plays in real time. */
  readonly live: boolean;
  /** What people call each sink, by its name. */
  readonly places: ReadonlyMap<string, string>;
  /** For the player. */
  readonly delaysMs: ReadonlyMap<Sink, number>;
}

/** The sinks that were asked for, or the best there is: the sound card, else a file. */
export async function sinksOf(options: OutputOptions, secrets: Secrets, output: Output): Promise<Chosen> {
  const sinks: Sink[] = [];
  const places = new Map<string, string>();
  let live = false;
  const add = (sink: Sink, place: string): void => {
    sinks.push(sink);
    places.set(sink.name, place);
  };
  const push = pushAddress(options, secrets, output);
  if (push !== undefined) {
    const onEvent = (event: PushEvent): void => tellOfPush(event, output);
    add(new RtmpSink({ url: push, giveUpMs, onEvent }), parseRtmpUrl(push).shown);
    live = true;
  }
  if (options.out !== undefined) add(fileSink(options.out), options.out);
  if (options.device !== undefined) {
    const { DeviceSink } = await import('../sinks/device-sink.js');
    add(new DeviceSink(options.device === true ? {} : { device: options.device }), 'the sound card');
    live = true;
  }
  if (sinks.length === 0 && (await hasSoundCard())) {
    const { DeviceSink } = await import('../sinks/device-sink.js');
    add(new DeviceSink({}), 'the sound card');
    live = true;
  }
  if (sinks.length === 0) {
    output.progress('there is no sound card; the face goes into a file');
    const file = join('out', 'say.mp4');
    await makeFolder(dirname(file));
    add(fileSink(file), file);
  }
  return { sinks, live, places, delaysMs: delaysOf(options.delay ?? [], sinks) };
}

function delaysOf(delays: readonly NamedDelay[], sinks: readonly Sink[]): Map<Sink, number> {
  const late = new Map<Sink, number>();
  for (const { name, delayMs } of delays) {
    const sink = sinks.find((each) => each.name === name);
    if (sink === undefined) {
      throw new FacewireError(
        'ERR_OPTION_INVALID',
        `--delay is of ${name}, which is no output of this command`,
        {
          expected: 'an output that was asked for: --rtmp or --device',
          received: sinks.map((each) => each.name).join(', '),
        },
      );
    }
    late.set(sink, delayMs);
  }
  return late;
}

/** So many picture buffers more for a face whose pictures are held for outputs that are late. */
export function buffersFor(delaysMs: ReadonlyMap<Sink, number>, fps: number): { buffers?: number } {
  const longestMs = Math.max(0, ...delaysMs.values());
  if (longestMs === 0) return {};
  return { buffers: Math.min(mostBuffers, usualBuffers + Math.ceil((longestMs * fps) / 1000)) };
}

/** From the command line, or, for one with a key, from the secrets: with --rtmp alone, and when nothing else was asked for. */
function pushAddress(options: OutputOptions, secrets: Secrets, output: Output): string | undefined {
  const { rtmp, out, device } = options;
  if (typeof rtmp === 'string') {
    if (hasRtmpKey(rtmp)) {
      output.warn(
        'the push address seems to hold a key, and others can see it in the process list; use FACEWIRE_RTMP_URL instead',
      );
    }
    return rtmp;
  }
  if (rtmp === undefined) return out === undefined && device === undefined ? secrets.rtmpUrl : undefined;
  if (secrets.rtmpUrl !== undefined) return secrets.rtmpUrl;
  throw new FacewireError('ERR_OPTION_INVALID', '--rtmp has no address', {
    expected: '--rtmp URL, or FACEWIRE_RTMP_URL in the environment',
    received: 'neither',
  });
}

function tellOfPush(event: PushEvent, output: Output): void {
  if (event.type === 'down') output.warn(`the push broke off and is tried again: ${event.error.message}`);
  if (event.type === 'back') output.warn(`the push is back after ${(event.offAirMs / 1000).toFixed(1)} s`);
  if (event.type === 'late') output.warn('the line is slower than the stream; pictures are left out');
}

function fileSink(path: string): Sink {
  const extension = extname(path).toLowerCase();
  if (extension === '.mp4') return new Mp4Sink({ path });
  if (extension === '.wav') return new WavSink({ path });
  throw new FacewireError('ERR_OPTION_INVALID', 'the kind of file is not known', {
    expected: 'a name that ends in .mp4 or .wav',
    received: path,
  });
}

async function hasSoundCard(): Promise<boolean> {
  try {
    const { listDevices } = await import('../sinks/device-sink.js');
    return (await listDevices()).length > 0;
  } catch {
    return false;
  }
}
