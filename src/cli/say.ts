import { dirname, extname, join } from 'node:path';

import { FacewireError } from '../errors.js';
import type { CloudConnection } from '../server/local-cloud.js';
import { Mp4Sink } from '../sinks/mp4-sink.js';
import { hasRtmpKey, parseRtmpUrl } from '../sinks/rtmp/url.js';
import { RtmpSink } from '../sinks/rtmp-sink.js';
import type { Sink } from '../sinks/sink.js';
import { WavSink } from '../sinks/wav-sink.js';
import { Chain } from './chain.js';
import type { Output } from './output.js';
import { makeFolder, readText } from './parse.js';
import { readSecrets, type Secrets } from './secrets.js';
import type { StopSignal } from './stop-signal.js';

export interface SayOptions {
  readonly rtmp?: string | true;
  readonly out?: string;
  readonly device?: string | true;
  readonly cloud?: string;
  readonly appkey?: string;
  readonly project?: string;
  readonly secrets?: string;
  readonly reference?: string;
  readonly voice?: string;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
}

/** Speaks one text into the sinks that were asked for. */
export async function say(
  argument: string,
  options: SayOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  const secrets = await readSecrets(options.secrets);
  const connection = cloudOf(options, secrets);
  if (argument === '-')
    output.progress(`reading the text${process.stdin.isTTY ? '; Ctrl-D ends it' : ' from standard input'}`);
  const text = await readText(argument, stop.signal);
  if (text.trim() === '') {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is nothing to say', {
      expected: 'a text, or - and text on standard input',
      received: 'no text',
      remedy: 'Give a text, for example: npx facewire say "Hello"',
    });
  }
  const { sinks, live, places } = await sinksOf(options, secrets, output);
  const chain = await Chain.open(
    {
      sinks,
      ...options.size,
      fps: options.fps,
      pace: live ? 'realtime' : 'as-available',
      signal: stop.signal,
      keepsReference: options.reference !== undefined,
      ...(options.voice !== undefined && { voice: options.voice }),
      ...(connection !== undefined && { connection }),
    },
    output,
  );
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  output.progress(`saying ${JSON.stringify(shown)} to ${[...places.values()].join(' and ')}`);
  let failure: unknown;
  let seconds = 0;
  try {
    seconds = (await chain.say(text)).seconds;
    if (options.reference !== undefined) await chain.reference().save(options.reference);
  } catch (error) {
    failure = error;
    seconds = chain.heardSeconds;
  }
  const outputs = await chain.close();
  failure ??= outputs.find((outcome) => outcome.error !== undefined)?.error;
  const said = outputs.map(({ error, ...report }) => ({
    place: places.get(report.name) ?? report.name,
    ...report,
    ...(error !== undefined && { error: error.code }),
  }));
  const json = { seconds: Number(seconds.toFixed(3)), outputs: said };
  if (failure !== undefined) {
    for (const { place, failed } of said) {
      if (seconds > 0 && failed !== true)
        output.progress(`kept in ${place}: ${seconds.toFixed(2)} s of speech`);
    }
    return output.failure(failure, seconds > 0 ? json : {});
  }
  output.result(
    said.map(({ place }) => `Said to ${place}: ${seconds.toFixed(2)} s of speech`),
    json,
  );
}

function cloudOf(options: SayOptions, secrets: Secrets): CloudConnection | undefined {
  if (options.cloud === undefined) return undefined;
  const { appkey, project } = options;
  if (appkey === undefined || project === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', '--cloud needs --appkey and --project', {
      expected: '--cloud URL --appkey KEY --project ID',
      received: [appkey === undefined ? 'no --appkey' : '', project === undefined ? 'no --project' : '']
        .filter((text) => text !== '')
        .join(', '),
    });
  }
  if (secrets.accessToken === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is no access token for the cloud', {
      expected: 'FACEWIRE_ACCESSTOKEN in the environment, or accessToken in a secrets file of mode 0600',
      received: 'neither',
      remedy: 'Set FACEWIRE_ACCESSTOKEN, or give --secrets FILE.',
    });
  }
  return { url: options.cloud, appkey, accessToken: secrets.accessToken, projectId: project };
}

interface Chosen {
  readonly sinks: Sink[];
  /** True when a sink plays in real time. */
  readonly live: boolean;
  /** What people call each sink, by its name. */
  readonly places: ReadonlyMap<string, string>;
}

async function sinksOf(options: SayOptions, secrets: Secrets, output: Output): Promise<Chosen> {
  const sinks: Sink[] = [];
  const places = new Map<string, string>();
  let live = false;
  const add = (sink: Sink, place: string): void => {
    sinks.push(sink);
    places.set(sink.name, place);
  };
  const push = pushAddress(options, secrets, output);
  if (push !== undefined) {
    add(new RtmpSink({ url: push }), parseRtmpUrl(push).shown);
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
  return { sinks, live, places };
}

/** From the command line, or, for one with a key, from the secrets: with --rtmp alone, and when nothing else was asked for. */
function pushAddress(options: SayOptions, secrets: Secrets, output: Output): string | undefined {
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
