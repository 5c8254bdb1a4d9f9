#!/usr/bin/env node
import { createRequire } from 'node:module';

import { Command, Option } from 'commander';

import type { DemoOptions } from './demo.js';
import { Output } from './output.js';
import { parseNumber, parseSize } from './parse.js';
import type { SayOptions } from './say.js';
import type { ServeOptions } from './serve.js';
import type { VerifyOptions } from './verify.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Runs a command, prints its failure, and sets the exit code. Each command's file is loaded only when it runs. */
function action<Args extends unknown[]>(
  body: (output: Output, ...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const output = new Output(
      program.opts<{ json?: boolean }>().json === true ||
        args.some((arg) => (arg as { json?: boolean } | undefined)?.json === true),
    );
    try {
      await body(output, ...args);
    } catch (error) {
      output.failure(error);
      process.exitCode = 1;
    }
  };
}

const json = (): Option => new Option('--json', 'print the result as one line of JSON');
const size = (): Option =>
  new Option('--size <WxH>', 'picture size, even numbers')
    .argParser(parseSize)
    .default({ width: 1280, height: 720 }, '1280x720');
const fps = (): Option =>
  new Option('--fps <n>', 'pictures per second').argParser(parseNumber(5, 120)).default(25);
const voice = (): Option =>
  new Option('--voice <name>', 'local voice: slt, rms, awb, kal, kal16, espeak or espeak:LANGUAGE').default(
    'slt',
  );

const program = new Command('facewire')
  .description("Turns a digital human's drive stream into a synchronous voice and face.")
  .version(version)
  .showHelpAfterError('(facewire --help shows what is possible)')
  .addOption(json());

program
  .command('say')
  .description('speak a text once')
  .argument('<text>', 'the text, or - to read it from standard input')
  .option('--rtmp <url>', 'push the face to this address; for one with a key use FACEWIRE_RTMP_URL')
  .option('--out <file>', 'write FILE.mp4 or FILE.wav')
  .option('--device [name]', 'play on the sound card, or on the one whose name holds NAME')
  .option('--cloud <url>', 'use this cloud instead of the local one, for example ws://127.0.0.1:8700')
  .option('--appkey <key>', 'app key of that cloud')
  .option('--project <id>', 'project of that cloud')
  .option('--secrets <file>', 'JSON file of mode 0600 with accessToken and rtmpUrl')
  .option('--reference <file>', 'also write what was sent, for facewire verify --reference')
  .addOption(voice())
  .addOption(fps())
  .addOption(size())
  .addOption(json())
  .addHelpText(
    'after',
    `
Without --rtmp, --out or --device the sound card is used if there is one, else out/say.mp4 is written.
The access token of a cloud comes from FACEWIRE_ACCESSTOKEN or the secrets file, never from the command line.

Examples:
  facewire say "Hello"
  facewire say "Hello" --out hello.mp4
  echo "A longer text." | facewire say - --out speech.wav
  facewire say "Hello" --rtmp rtmp://127.0.0.1/live/face
  FACEWIRE_ACCESSTOKEN=… facewire say "Hello" --cloud wss://gw.tvs.qq.com --appkey KEY --project ID`,
  )
  .action(
    action(async (output, text: string, options: SayOptions) =>
      (await import('./say.js')).say(text, options, output),
    ),
  );

program
  .command('serve')
  .description('run the local cloud')
  .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
  .addOption(
    new Option('--port <n>', 'port, 0 for a free one').argParser(parseNumber(0, 65535)).default(8700),
  )
  .option('--secrets <file>', 'where the key pair is kept')
  .addOption(voice())
  .addOption(json())
  .addHelpText(
    'after',
    '\nThe key pair is made at the first start, in a file of mode 0600.\n\nExample:\n  facewire serve --port 0',
  )
  .action(
    action(async (output, options: ServeOptions) => (await import('./serve.js')).serve(options, output)),
  );

program
  .command('verify')
  .description('judge a recording or a stream: frames, gaps, A/V offset')
  .argument('<file>', 'an MP4 or FLV file, or an http-flv address')
  .option('--reference <file>', 'what was sent (say --reference, or beside the file as NAME.reference.json)')
  .addOption(
    new Option('--seconds <n>', 'how long to watch a stream').argParser(parseNumber(1, 3600)).default(10),
  )
  .addOption(json())
  .addHelpText(
    'after',
    '\nExamples:\n  facewire verify out/first-light.mp4\n  facewire verify http://127.0.0.1:8000/live/face.flv --seconds 20',
  )
  .action(
    action(async (output, file: string, options: VerifyOptions) =>
      (await import('./verify.js')).verify(file, options, output),
    ),
  );

program
  .command('doctor')
  .description('say what works here, what is missing and what to do')
  .addOption(json())
  .action(action(async (output) => (await import('./doctor.js')).doctor(output)));

program
  .command('demo')
  .description('the whole chain on this machine: cloud, face, RTMP push, ingest, recording')
  .option('--keep', 'keep cloud, idle face and stream up until Ctrl-C')
  .addOption(
    new Option('--text <text>', 'what to say').default(
      'Hello. I am Facewire. My voice and my lips share one clock, from the first word to the last.',
    ),
  )
  .addOption(new Option('--out <folder>', 'where the recording goes').default('out'))
  .addOption(voice())
  .addOption(fps())
  .addOption(size())
  .addOption(json())
  .addHelpText(
    'after',
    '\nExamples:\n  npm start\n  npm start -- --keep\n  facewire demo --text "Good evening." --size 1920x1080',
  )
  .action(action(async (output, options: DemoOptions) => (await import('./demo.js')).demo(options, output)));

program.exitOverride((error) => {
  // Wrong usage is 2, help and version are 0.
  process.exit(error.exitCode === 0 ? 0 : 2);
});
for (const command of program.commands)
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

await program.parseAsync();
