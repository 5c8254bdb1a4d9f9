import { join } from 'node:path';

import { mouthMeter } from '../avatar/mouth-region.js';
import { FlvReader } from '../ingest/flv-reader.js';
import { LocalIngest } from '../ingest/local-ingest.js';
import { drawWaterfall, waterfall } from '../metrics/waterfall.js';
import { locateFfmpeg } from '../sinks/ffmpeg-locate.js';
import { isMedia, tagType } from '../sinks/flv.js';
import { checkWritable } from '../sinks/output-file.js';
import { remuxToMp4 } from '../sinks/remux.js';
import { RtmpSink } from '../sinks/rtmp-sink.js';
import { verifyRecording } from '../verify/report.js';
import { Chain } from './chain.js';
import { calibrationOf } from './face-options.js';
import type { Output } from './output.js';
import { makeFolder } from './parse.js';
import type { PictureOptions } from './picture-options.js';
import type { StopSignal } from './stop-signal.js';
import { describeReport } from './verify.js';

export interface DemoOptions extends Omit<PictureOptions, 'transparent'> {
  readonly keep?: boolean;
  readonly text: string;
  readonly out: string;
  readonly voice: string;
  readonly calibration?: string;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
}

const streamName = 'first-light';

/** Seconds that the stream stays up after the sentence, with somebody watching and without. */
const lingerSeconds = { terminal: 20, script: 2 } as const;

/** The whole chain on this machine, judged from its far end. */
export async function demo(options: DemoOptions, output: Output, stop: StopSignal): Promise<void> {
  const calibration = await calibrationOf(options);
  const ffmpeg = await locateFfmpeg();
  output.progress(`ffmpeg: ${ffmpeg.version} (${ffmpeg.origin})`);
  await makeFolder(options.out);
  const file = join(options.out, 'first-light.mp4');

  await checkWritable(file);

  const ingest = new LocalIngest();
  await ingest.start();
  const url = ingest.pushUrl(streamName);
  const recording = join(options.out, 'first-light.flv');
  const arrivals: number[] = [];
  let listening = true;
  const reader = new FlvReader(ingest.flvUrl(streamName), {
    record: recording,
    onTag: (tag, atMs) => {
      if (listening && tag.type === tagType.video && isMedia(tag)) arrivals.push(atMs);
    },
  });
  await reader.open();
  output.progress(`local ingest up on ${url}`);
  let chain: Chain | undefined;
  try {
    const stays =
      process.env['CI'] === 'true' || !process.stdout.isTTY ? lingerSeconds.script : lingerSeconds.terminal;
    chain = await Chain.open(
      {
        sinks: [new RtmpSink({ url })],
        ...options.size,
        picture: options,
        fps: options.fps,
        voice: options.voice,
        ...(calibration !== undefined && { calibration }),
        pace: 'realtime',
        signal: stop.signal,
        keepsReference: true,
      },
      output,
    );
    output.progress(`streaming an idle face; watch it: ffplay -fflags nobuffer ${url}`);
    // A moment of idle face first, so that the recording begins as a kiosk would look.
    await stop.wait(800);
    output.progress(`saying: ${options.text}`);
    const performance = await chain.say(options.text);
    // The reader was there from the first picture on, so the picture's number is its index.
    const firstIngestMs = arrivals[performance.firstFrame];
    const steps = waterfall({ ...performance.moments, firstIngestMs });
    // The mouth comes to rest before the recording ends.
    await stop.wait(600);
    stop.check();
    listening = false;
    await reader.close();
    await remuxToMp4(recording, file);
    const reference = chain.reference();
    await reference.save(join(options.out, 'first-light.reference.json'));
    const report = await verifyRecording(ffmpeg, file, mouthMeter, reference);
    output.result(
      [
        '',
        'From request to picture:',
        ...drawWaterfall(steps),
        '',
        'What the ingest received:',
        ...describeReport(report),
        '',
        `Recording: ${file}`,
        `  play it: ffplay ${file}, or open it in any player or browser`,
        options.keep === true
          ? `Stream: ${url} stays up until Ctrl-C; also ${ingest.flvUrl(streamName)}`
          : `Stream: ${url} stays up for ${stays} more seconds; npm start -- --keep keeps it up`,
      ],
      { file, url, staysSeconds: options.keep === true ? null : stays, waterfall: steps, report },
    );
    await stop.wait(options.keep === true ? undefined : stays * 1000);
  } finally {
    await chain?.close();
    await reader.close();
    await ingest.stop();
  }
}
