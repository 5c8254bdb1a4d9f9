import { createRequire } from 'node:module';

import { Command, Option } from 'commander';

import type { DemoOptions } from './demo.js';
import { FacewireError } from '../errors.js';
import type { KioskCommandOptions } from './kiosk.js';
import type { Output } from './output.js';
import { parseChannels, parseNumber, parseSpeed } from './parse.js';
import { calibration, delay, fps, json, logo, pictureFlags, rig, size, subtitles } from './flags.js';
import type { PlotCommandOptions } from './plot.js';
import type { ReplayOptions } from './replay.js';
import type { SayOptions } from './say.js';
import type { SessionOptions } from './session.js';
import type { ServeOptions } from './serve.js';
import { StopSignal } from './stop-signal.js';
import type { VerifyOptions } from './verify.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const voices = 'slt, rms, awb, kal, kal16, espeak or espeak:LANGUAGE';

/** Commands whose picture may have more than the face in it, or be drawn by somebody else. */
const picturing = ['say', 'session', 'replay', 'serve'];

/** The command line. Each command's file is loaded only when it runs. */
export function makeProgram(output: Output): Command {
  /** Runs a command, prints its failure and sets the exit code. */
  const attempt = async (body: () => Promise<void>): Promise<void> => {
    try {
      await body();
    } catch (error) {
      output.failure(error);
    }
  };
  /** The same for one that has something to finish when a signal comes. */
  const run = async (body: (stop: StopSignal) => Promise<void>): Promise<void> => {
    const stop = new StopSignal();
    await attempt(() => body(stop));
    stop.close();
  };

  const program = new Command('facewire')
    .description("Turns a digital human's drive stream into a synchronous voice and face.")
    .version(version)
    .exitOverride()
    // main.ts says what is wrong, in the form of all our errors.
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined })
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  npx facewire demo                        the whole chain, judged from its far end
  npx facewire say "Hello" --out hello.mp4
  npx facewire doctor                      what works here and what is missing

Exit codes: 0 done, 1 something failed, 2 the command line is wrong.
Progress goes to stderr, the result to stdout.`,
    );

  program
    .command('say')
    .description('Speak a text once: to the sound card, into a file, or to an RTMP ingest.')
    .argument('<text>', 'the text, or - to read it from standard input')
    .option('--out <file>', 'write FILE.mp4 or FILE.wav, as fast as it goes')
    .option('--rtmp [url]', 'push the face to this ingest; without URL to that of FACEWIRE_RTMP_URL')
    .option('--device [name]', 'play on the sound card, or on the one whose name holds NAME')
    .addOption(delay())
    .option('--cloud <url>', 'use this cloud, for example ws://127.0.0.1:8700, not one of its own')
    .option('--appkey <key>', 'app key of that cloud')
    .option('--project <id>', 'project of that cloud')
    .option('--secrets <file>', 'JSON file of mode 0600 with accessToken and rtmpUrl')
    .option('--reference <file>', 'also write what was sent, for facewire verify --reference')
    .option('--record <file>', 'record what passes on the wire, for facewire replay')
    .option('--chat', 'the text is a question: put it to the dialogue and say its answer')
    .option('--voice <name>', `${voices}; with --cloud a timbre of that cloud (default: slt)`)
    .addOption(rig())
    .addOption(calibration())
    .addOption(fps())
    .addOption(size())
    .addOption(json())
    .addHelpText(
      'after',
      `
Without --out, --rtmp or --device the text goes to the address in FACEWIRE_RTMP_URL if that is set,
else to the sound card, and where there is none into out/say.mp4.

Secrets are never arguments: the access token of a cloud is FACEWIRE_ACCESSTOKEN, a push address with
a key is FACEWIRE_RTMP_URL, or both stand in the secrets file.

Examples:
  npx facewire say "Hello"
  npx facewire say "Hello" --out hello.mp4
  npx facewire say "Hello" --out hello.mp4 --subtitles --logo logo.png
  npx facewire say "Hello" --rtmp rtmp://127.0.0.1/live/face --transparent key-and-fill
  npx facewire say "Hello" --out hello.mp4 --renderer python3 --renderer-arg engine.py
  echo "A longer text." | npx facewire say - --out speech.wav
  npx facewire say "Hello" --rtmp rtmp://127.0.0.1/live/face
  npx facewire say "Hello" --rtmp rtmp://127.0.0.1/live/face --device --delay device=80
  npx facewire say "Hello" --cloud wss://gw.tvs.qq.com --appkey KEY --project ID`,
    )
    .action((text: string, options: SayOptions) =>
      run(async (stop) => (await import('./say.js')).say(text, options, output, stop)),
    );

  program
    .command('session')
    .description(
      'Open an interactive session, have the cloud-rendered avatar say texts or a sound, close it.',
    )
    .argument('[texts...]', 'texts, said one after the other')
    .option('--chat', 'the texts are questions: put them to the dialogue')
    .option('--sound <file>', 'then say this WAV file')
    .option('--cloud <url>', 'use this cloud, not one of its own')
    .option('--appkey <key>', 'app key of that cloud')
    .option('--project <id>', 'project of that cloud')
    .option('--secrets <file>', 'JSON file of mode 0600 with accessToken')
    .addOption(
      new Option('--user <id>', 'name of the viewer; a new session closes the older one').default('facewire'),
    )
    .option('--record <file>', 'record what passes on the wire, for facewire replay')
    .addOption(fps())
    .addOption(size())
    .addOption(json())
    .addHelpText(
      'after',
      `
--fps, --size and all else about the picture are those of a cloud of its own. The picture goes to the
address that is printed.

Examples:
  npx facewire session "Hello." "Goodbye."
  npx facewire session --chat "What can you do?" --record talk.jsonl
  npx facewire session "Hello." --subtitles --logo logo.png
  npx facewire session "Hello" --cloud https://gw.tvs.qq.com --appkey KEY --project ID`,
    )
    .action((texts: string[], options: SessionOptions) =>
      run(async (stop) => (await import('./session.js')).session(texts, options, output, stop)),
    );

  program
    .command('record')
    .description('Run a say or session command and record what passes on the wire, without secrets.')
    .argument('<file>', 'the recording')
    .argument('<command...>', 'after --, the command')
    .addHelpText(
      'after',
      `
Examples:
  npx facewire record hello.jsonl -- say "Hello" --out hello.wav
  npx facewire record asked.jsonl -- say --chat "What can you do?" --out answer.wav
  npx facewire record talk.jsonl -- session "Hello." "Goodbye."
  npx facewire record hello.jsonl -- say "Hello" --cloud wss://gw.tvs.qq.com --appkey KEY --project ID`,
    )
    .action(async (file: string, [command, ...words]: string[]) => {
      if (command === 'say' || command === 'session') {
        await program.parseAsync([command, '--record', file, ...words], { from: 'user' });
      } else {
        output.failure(
          new FacewireError('ERR_OPTION_INVALID', 'only a say or session command can be recorded', {
            expected: 'facewire record FILE -- say TEXT [options], or session TEXT [options]',
            received: JSON.stringify(command),
            remedy: 'Run: npx facewire record --help',
          }),
        );
      }
    });

  program
    .command('replay')
    .description(
      'Say a recording again, or list one of a session, without a cloud; damage is left out and told.',
    )
    .argument('<file>', 'a recording of facewire record, or of a driver with the option record')
    .addOption(
      new Option('--speed <n>', '1 as it was, 2 twice as fast, max as fast as it goes').argParser(parseSpeed),
    )
    .option('--check', 'no output, only the checksum of samples and weights')
    .option('--out <file>', 'write FILE.mp4 or FILE.wav')
    .option('--rtmp [url]', 'push the face to this ingest; without URL to that of FACEWIRE_RTMP_URL')
    .option('--device [name]', 'play on the sound card, or on the one whose name holds NAME')
    .addOption(delay())
    .option('--secrets <file>', 'JSON file of mode 0600 with rtmpUrl')
    .addOption(rig())
    .addOption(calibration())
    .addOption(fps())
    .addOption(size())
    .addOption(json())
    .addHelpText(
      'after',
      `
Without an output it plays as say does. The default speed is 1 for an ingest or a sound card, max for a
file. Samples and weights are the same at every speed. Of an interactive session the calls, commands and
messages are listed, with the checksum of the sound that was sent.

Examples:
  npx facewire replay hello.jsonl
  npx facewire replay hello.jsonl --check
  npx facewire replay hello.jsonl --speed 4 --out again.mp4`,
    )
    .action((file: string, options: ReplayOptions) =>
      run(async (stop) => (await import('./replay.js')).replay(file, options, output, stop)),
    );

  program
    .command('kiosk')
    .description(
      'Run a box that never goes dark: sound card, picture, cloud, and a local voice for when that is gone.',
    )
    .requiredOption('--config <file>', 'YAML or JSON; docs/kiosk.md describes it')
    .option('--check', 'only say whether the file is in order')
    .option('--unit', 'print a systemd unit for it')
    .addOption(json())
    .addHelpText(
      'after',
      `
Runs until Ctrl-C or SIGTERM. Its log goes to stderr, which systemd keeps and rotates. Secrets are
those of facewire say: FACEWIRE_ACCESSTOKEN and FACEWIRE_RTMP_URL, or the file named by secrets.
With picture: { screen: true } in the file it opens its page in full screen itself, in Chromium or
one of its kin (FACEWIRE_BROWSER names another), and --unit brings a graphical session.

Examples:
  npx facewire kiosk --config kiosk.yaml
  npx facewire kiosk --config /etc/facewire/kiosk.yaml --unit > /etc/systemd/system/facewire.service`,
    )
    .action((options: KioskCommandOptions) =>
      run(async (stop) => (await import('./kiosk.js')).kiosk(options, output, stop)),
    );

  program
    .command('serve')
    .description('Run the local cloud until Ctrl-C and print the line that talks to it.')
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      new Option('--port <n>', 'port, 0 for a free one').argParser(parseNumber(0, 65535)).default(8700),
    )
    .option('--secrets <file>', 'where the key pair is kept (default: facewire/secrets.json in ~/.config)')
    .addOption(new Option('--voice <name>', voices).default('slt'))
    .addOption(
      new Option(
        '--sessions <n>',
        'interactive sessions at once, 0 for none (default: two for each core)',
      ).argParser(parseNumber(0, 1000)),
    )
    .addOption(calibration())
    .addOption(
      new Option(
        '--push-hosts <list>',
        'where clients may have sessions pushed to, by commas: public, loopback, names, *.domain, addresses, ranges (default: public, and loopback if the server listens there)',
      ).argParser((list) => list.split(',').map((entry) => entry.trim())),
    )
    .addOption(fps())
    .addOption(size())
    .option(
      '--background <colour>',
      'colour (#rgb, #rrggbb, a CSS name) or image file behind the face of sessions',
    )
    .option('--script <file>', 'fixed replies and marks, YAML or JSON (docs/server-text.md)')
    .option('--sensitive-words <file>', 'words that are neither taken in nor said, one a line')
    .option('--answers <file>', 'questions and their answers for CHAT, YAML or JSON (docs/server-text.md)')
    .option(
      '--chat-url <url>',
      'OpenAI-compatible endpoint that answers CHAT, for example http://127.0.0.1:11434/v1',
    )
    .option('--chat-model <name>', 'model of that endpoint')
    .option('--chat-instructions <text>', 'what that model is told about itself')
    .addOption(json())
    .addHelpText(
      'after',
      `
An interactive session is rendered here and pushed by RTMP, to an ingest of the server's own or to the
address that the client gives; --fps, --size, --background and those from --subtitles on are its picture.

The key pair is made at the first start, in a file that only its owner can read.
The key of the chat endpoint is a secret: it is taken from FACEWIRE_CHAT_KEY only.
With --answers and --chat-url the model is asked what the file does not answer.

Examples:
  npx facewire serve
  npx facewire serve --port 0 --voice rms
  npx facewire serve --answers answers.yaml --script script.yaml
  FACEWIRE_CHAT_KEY=... npx facewire serve --chat-url https://api.example.com/v1 --chat-model NAME`,
    )
    .action((options: ServeOptions) =>
      run(async (stop) => (await import('./serve.js')).serve(options, output, stop)),
    );

  program
    .command('verify')
    .description('Judge a recording or a stream: frames, gaps, A/V offset.')
    .argument('<file>', 'an MP4 or FLV file, or an http-flv address')
    .option(
      '--reference <file>',
      'what was sent (say --reference, or beside the file as NAME.reference.json)',
    )
    .addOption(
      new Option('--seconds <n>', 'how long to watch a stream').argParser(parseNumber(1, 3600)).default(10),
    )
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  npx facewire verify out/first-light.mp4
  npx facewire verify http://127.0.0.1:8000/live/face.flv --seconds 20`,
    )
    .action((file: string, options: VerifyOptions) =>
      run(async (stop) => (await import('./verify.js')).verify(file, options, output, stop)),
    );

  program
    .command('plot')
    .description('Draw sound, phones, aperture and weights over time as a picture.')
    .argument('<file>', 'the picture, a PNG')
    .option('--text <text>', 'what to say and draw, or - to read it from standard input')
    .option('--recording <file>', 'a recording to draw instead (facewire record)')
    .option('--voice <name>', `${voices} (default: slt)`)
    .addOption(
      new Option('--from <s>', 'first second of the picture').argParser(parseNumber(0, 86400, false)),
    )
    .addOption(new Option('--to <s>', 'last second of the picture').argParser(parseNumber(0, 86400, false)))
    .addOption(
      new Option('--channels <names>', 'ARKit weights to draw, up to 8')
        .argParser(parseChannels)
        .default(
          ['jawOpen', 'mouthClose', 'mouthPucker', 'mouthFunnel', 'mouthRollLower', 'mouthSmileLeft'],
          'jawOpen,mouthClose,mouthPucker,mouthFunnel,mouthRollLower,mouthSmileLeft',
        ),
    )
    .addOption(
      new Option('--fps <n>', 'pictures per second, 5 to 120').argParser(parseNumber(5, 120)).default(60),
    )
    .addOption(json())
    .addHelpText(
      'after',
      `
Red bands are when p, b or m ask for closed lips; a green dot above is a closure, a red one is none.

Examples:
  npx facewire plot out.png --text "Please bring the big map."
  npx facewire plot out.png --text "我们明天去北京。"
  npx facewire plot out.png --recording hello.jsonl --from 2 --to 6 --channels jawOpen,mouthClose`,
    )
    .action((file: string, options: PlotCommandOptions) =>
      run(async (stop) => (await import('./plot.js')).plot(file, options, output, stop)),
    );

  program
    .command('doctor')
    .description('Say what works here, what is missing and what to do about it.')
    .addOption(json())
    .addHelpText('after', '\nExamples:\n  npx facewire doctor\n  npx facewire doctor --json')
    .action(() => attempt(async () => (await import('./doctor.js')).doctor(output)));

  program
    .command('demo')
    .description('Run the whole chain on this machine: cloud, face, RTMP push, ingest, recording.')
    .option('--keep', 'keep cloud, idle face and stream up until Ctrl-C')
    .addOption(
      new Option('--text <text>', 'what to say').default(
        'Hello. I am Facewire. My voice and my lips share one clock, from the first word to the last.',
      ),
    )
    .addOption(new Option('--out <folder>', 'where the recording goes').default('out'))
    .addOption(new Option('--voice <name>', voices).default('slt'))
    .addOption(calibration())
    .addOption(subtitles())
    .addOption(logo())
    .addOption(fps())
    .addOption(size())
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  npm start
  npm start -- --keep
  npx facewire demo --text "Good evening." --size 1920x1080`,
    )
    .action((options: DemoOptions) =>
      run(async (stop) => (await import('./demo.js')).demo(options, output, stop)),
    );

  // Those that make pictures of what any cloud says.
  for (const command of program.commands) {
    if (!picturing.includes(command.name())) continue;
    for (const option of pictureFlags()) command.addOption(option);
  }
  return program;
}
