/**
 * The child process of NaudiodonSink. PortAudio may print, block or abort; here it
 * does so alone. Sound comes on stdin (mono s16), reports go out by IPC.
 */
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import type { Writable } from 'node:stream';

import { pickDevice, readPattern } from './pick-device.js';

interface DeviceInfo {
  readonly id: number;
  readonly name: string;
  readonly maxOutputChannels: number;
  readonly defaultSampleRate: number;
  readonly hostAPIName: string;
}
interface PortAudio {
  getDevices(): DeviceInfo[];
  AudioIO(options: { outOptions: Record<string, unknown> }): Writable & { start(): void };
}

const [mode, moduleName = 'naudiodon', wanted = '', rateText = '48000'] = process.argv.slice(2);
const rate = Number(rateText);
const from = createRequire(import.meta.url);

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
// The package's crash handler writes its log to the current folder.
process.chdir(tmpdir());

function say(message: Record<string, unknown>, after?: () => void): void {
  process.send?.(message, () => after?.());
}

function load(): PortAudio | undefined {
  try {
    return from(moduleName) as PortAudio;
  } catch (thrown) {
    say({ noModule: thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : '' }, () =>
      process.exit(2),
    );
    return undefined;
  }
}

function outputs(audio: PortAudio): DeviceInfo[] {
  say({ phase: 'probing' });
  return audio.getDevices().filter((device) => device.maxOutputChannels > 0);
}

/** No name means the default device, number -1. */
function pick(devices: readonly DeviceInfo[]): number | undefined {
  if (devices.length === 0) return undefined;
  return wanted === '' ? -1 : pickDevice(devices, readPattern(wanted))?.id;
}

function play(audio: PortAudio, deviceId: number): void {
  say({ phase: 'opening' });
  const block = Math.round(rate / 100);
  const io = audio.AudioIO({
    outOptions: {
      deviceId,
      sampleRate: rate,
      channelCount: 2,
      sampleFormat: 16,
      framesPerBuffer: block,
      maxQueue: 2,
      highwaterMark: block * 4,
      // Otherwise the first underrun ends the stream.
      closeOnError: false,
    },
  });
  let waiting: Buffer = Buffer.alloc(0);
  let ended = false;
  let tailBlocks = 25;
  let taken = 0;
  let inserted = 0;

  // A starved callback would wait and lose sound, so a block goes out always: sound or silence.
  const feed = (): void => {
    if (ended && waiting.length < 2 && tailBlocks-- === 0) {
      io.once('finished', () => say({ done: true, taken, inserted }, () => process.exit(0)));
      io.end();
      return;
    }
    const frames = Math.min(block, waiting.length >> 1);
    const out = Buffer.alloc(block * 4);
    for (let i = 0; i < frames; i++) {
      const sample = waiting.readInt16LE(i * 2);
      out.writeInt16LE(sample, i * 4);
      out.writeInt16LE(sample, i * 4 + 2);
    }
    waiting = waiting.subarray(frames * 2);
    if (taken > 0 && frames < block && !ended) inserted += block - frames;
    taken += frames;
    io.write(out, feed);
  };
  process.stdin.on(
    'data',
    (bytes: Buffer) => (waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])),
  );
  process.stdin.on('end', () => (ended = true));
  setInterval(() => say({ taken, inserted }), 20);
  io.start();
  feed();
  say({ opened: true });
}

const audio = load();
if (audio !== undefined) {
  const devices = outputs(audio);
  const names = devices.map((device) => device.name);
  if (mode === 'list') say({ devices }, () => process.exit(0));
  else {
    const id = pick(devices);
    if (id === undefined) say({ noDevice: names }, () => process.exit(3));
    else {
      try {
        play(audio, id);
      } catch (thrown) {
        say({ failed: String(thrown).slice(0, 300) }, () => process.exit(4));
      }
    }
  }
}
