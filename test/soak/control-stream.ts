import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { counterSamples } from '../integration/counter.js';
import type { PulseRig, Recording } from '../integration/pulse.js';
import { CounterFollower } from './counter-follower.js';

const card = 'control';
/** A tenth of a second. */
const pieceFrames = 4800;

/**
 * The counter on a second card of the same sound server, played by its own tool: what is lost of it
 * is the rig's loss, not ours.
 */
export class ControlStream {
  readonly #player: ChildProcess;
  readonly #recording: Recording;
  readonly #follower: CounterFollower;
  #isPlaying = true;
  readonly #fed: Promise<void>;

  private constructor(player: ChildProcess, recording: Recording, frames: number) {
    this.#player = player;
    this.#recording = recording;
    this.#follower = new CounterFollower(frames);
    recording.follow((bytes) => this.#follower.push(bytes));
    this.#fed = this.#feed();
  }

  /** @param frames looked at; what is played after them is not. */
  static async start(rig: PulseRig, frames: number, latencyMs: number): Promise<ControlStream> {
    rig.control(
      'load-module',
      'module-null-sink',
      `sink_name=${card}`,
      'rate=48000',
      'channels=2',
      'format=s16le',
    );
    rig.keepAwake(card);
    const recording = await rig.record(card, 200);
    const raw = ['--raw', '--format=s16le', '--rate=48000', '--channels=2'];
    const player = spawn('pacat', [...raw, `--latency-msec=${latencyMs}`, `--device=${card}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    return new ControlStream(player, recording, frames);
  }

  async #feed(): Promise<void> {
    const { stdin } = this.#player;
    for (let next = 0; this.#isPlaying && stdin !== null;) {
      const piece = Buffer.alloc(pieceFrames * 4);
      for (let i = 0; i < pieceFrames; i++, next++) {
        piece.writeInt16LE(counterSamples(next), i * 4);
        piece.writeInt16LE(counterSamples(next), i * 4 + 2);
      }
      if (!stdin.write(piece)) await once(stdin, 'drain');
    }
  }

  async stop(): Promise<Pick<CounterFollower, 'good' | 'lost' | 'repeated' | 'breaks' | 'silent'>> {
    this.#isPlaying = false;
    await this.#fed;
    const gone = once(this.#player, 'exit');
    this.#player.kill('SIGTERM');
    await gone;
    await this.#recording.stop();
    const { good, lost, repeated, breaks, silent } = this.#follower;
    return { good, lost, repeated, breaks, silent };
  }
}
