import { mkdir } from 'node:fs/promises';
import { dirname, extname } from 'node:path';

import { FacewireError } from '../errors.js';
import type { CloudConnection } from '../server/local-cloud.js';
import { DeviceSink, listDevices } from '../sinks/device-sink.js';
import { Mp4Sink } from '../sinks/mp4-sink.js';
import { hasRtmpKey } from '../sinks/rtmp/url.js';
import { RtmpSink } from '../sinks/rtmp-sink.js';
import type { Sink } from '../sinks/sink.js';
import { WavSink } from '../sinks/wav-sink.js';
import { Chain } from './chain.js';
import type { Output } from './output.js';
import { readText } from './parse.js';
import { readSecrets, type Secrets } from './secrets.js';

export interface SayOptions {
  readonly rtmp?: string;
  readonly out?: string;
  readonly device?: string | true;
  readonly cloud?: string;
  readonly appkey?: string;
  readonly project?: string;
  readonly secrets?: string;
  readonly reference?: string;
  readonly voice: string;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
}

/** Speaks one text into the sinks that were asked for. */
export async function say(argument: string, options: SayOptions, output: Output): Promise<void> {
  const secrets = await readSecrets(options.secrets);
  const connection = cloudOf(options, secrets);
  const text = await readText(argument);
  if (text.trim() === '') {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is nothing to say', {
      expected: 'a text, or - and text on standard input',
    });
  }
  const { sinks, live, places } = await sinksOf(options, secrets, output);
  const chain = await Chain.open(
    {
      sinks,
      ...options.size,
      fps: options.fps,
      voice: options.voice,
      pace: live ? 'realtime' : 'as-available',
      ...(connection && { connection }),
    },
    output,
  );
  let failure: unknown;
  try {
    output.progress(
      `saying ${JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)} to ${places.join(', ')}`,
    );
    const performance = await chain.say(text, output);
    if (options.reference !== undefined) await chain.reference().save(options.reference);
    output.progress(`said: ${performance.seconds.toFixed(2)} s of speech`);
  } catch (error) {
    failure = error;
  }
  const reports = await chain.close();
  if (failure !== undefined) throw failure;
  const complete = reports.filter((report) => report.failed !== true);
  if (complete.length === 0)
    throw new FacewireError('ERR_OUTPUT_UNWRITABLE', 'every output broke; see the warnings above');
  output.result(
    complete.map((report) => `${report.name}: ${report.videoFrames} frames, ${report.audioFrames} samples`),
    { outputs: reports },
  );
  if (complete.length < reports.length) process.exitCode = 1;
}

function cloudOf(options: SayOptions, secrets: Secrets): CloudConnection | undefined {
  if (options.cloud === undefined) return undefined;
  const { appkey, project } = options;
  if (appkey === undefined || project === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', '--cloud needs --appkey and --project', {
      expected: '--cloud URL --appkey KEY --project ID',
    });
  }
  if (secrets.accessToken === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is no access token for the cloud', {
      expected: 'FACEWIRE_ACCESSTOKEN in the environment, or --secrets FILE of mode 0600',
    });
  }
  return { url: options.cloud, appkey, accessToken: secrets.accessToken, projectId: project };
}

interface Chosen {
  readonly sinks: Sink[];
  /** True when a sink plays in real time. */
  readonly live: boolean;
  readonly places: string[];
}

async function sinksOf(options: SayOptions, secrets: Secrets, output: Output): Promise<Chosen> {
  const sinks: Sink[] = [];
  const places: string[] = [];
  let live = false;
  // The push address of the secrets is used when nothing else was asked for, or with --rtmp without one.
  const push =
    options.rtmp ?? (options.out === undefined && options.device === undefined ? secrets.rtmpUrl : undefined);
  if (push !== undefined) {
    if (options.rtmp !== undefined && hasRtmpKey(options.rtmp)) {
      output.warn(
        'the push address seems to hold a key; others can see it in the process list. Use FACEWIRE_RTMP_URL instead.',
      );
    }
    sinks.push(new RtmpSink({ url: push }));
    places.push('the RTMP ingest');
    live = true;
  }
  if (options.out !== undefined) {
    sinks.push(fileSink(options.out));
    places.push(options.out);
  }
  if (options.device !== undefined) {
    sinks.push(new DeviceSink(options.device === true ? {} : { device: options.device }));
    places.push('the sound card');
    live = true;
  }
  if (sinks.length > 0) return { sinks, live, places };
  if (await hasSoundCard()) return { sinks: [new DeviceSink({})], live: true, places: ['the sound card'] };
  const file = 'out/say.mp4';
  await mkdir(dirname(file), { recursive: true });
  return { sinks: [fileSink(file)], live: false, places: [`${file} (there is no sound card)`] };
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
    return (await listDevices()).length > 0;
  } catch {
    return false;
  }
}
