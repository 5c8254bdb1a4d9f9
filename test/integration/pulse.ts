import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const raw = ['--raw', '--format=s16le', '--rate=48000', '--channels=2'];
const variables = ['XDG_RUNTIME_DIR', 'PULSE_RUNTIME_PATH', 'PULSE_SERVER', 'ALSA_CONFIG_PATH'];

/** What the monitor of a sink recorded: the left channel, as it goes on. */
export class Recording {
  readonly #recorder: ChildProcess;
  readonly #parts: Buffer[] = [];
  #listener: ((bytes: Buffer) => void) | undefined;

  constructor(recorder: ChildProcess) {
    this.#recorder = recorder;
    recorder.stdout?.on('data', (bytes: Buffer) => {
      if (this.#listener === undefined) this.#parts.push(bytes);
      else this.#listener(bytes);
    });
  }

  /** Hands on what comes instead of keeping it: interleaved stereo, cut anywhere. */
  follow(listener: (bytes: Buffer) => void): void {
    this.#listener = listener;
  }

  /** Frames recorded so far. */
  get length(): number {
    return Math.floor(this.#parts.reduce((sum, part) => sum + part.length, 0) / 4);
  }

  samples(): Int16Array {
    const all = Buffer.concat(this.#parts);
    return Int16Array.from({ length: all.length >> 2 }, (_, i) => all.readInt16LE(i * 4));
  }

  async stop(): Promise<Int16Array> {
    const gone = once(this.#recorder, 'exit');
    this.#recorder.kill('SIGTERM');
    await gone;
    return this.samples();
  }
}

/**
 * A PulseAudio of our own with null sinks for cards. While it runs, this process
 * and its children see them as the only sound system.
 */
export class PulseRig {
  readonly folder: string;
  readonly #before = { ...process.env };
  readonly #children: ChildProcess[] = [];
  readonly #socket: string;

  readonly #isRealtime: boolean;

  private constructor(folder: string, isRealtime: boolean) {
    this.folder = folder;
    this.#isRealtime = isRealtime;
    this.#socket = join(folder, 'pulse.sock');
  }

  static async start(isRealtime = false): Promise<PulseRig> {
    const rig = new PulseRig(await mkdtemp(join(tmpdir(), 'facewire-pulse-')), isRealtime);
    const alsa = 'pcm.!default { type pulse }\nctl.!default { type pulse }\npcm.pulse { type pulse }\n';
    await rig.writeConfig('asound.conf', alsa);
    Object.assign(process.env, {
      XDG_RUNTIME_DIR: rig.folder,
      PULSE_RUNTIME_PATH: join(rig.folder, 'pulse'),
      PULSE_SERVER: `unix:${rig.#socket}`,
    });
    rig.useConfig('asound.conf');
    await rig.plug();
    return rig;
  }

  writeConfig(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  /** Which configuration of ALSA is in force. */
  useConfig(name: string): void {
    process.env['ALSA_CONFIG_PATH'] = join(this.folder, name);
  }

  /** Starts the daemon with its cards. */
  async plug(): Promise<void> {
    const quiet = [
      '-n',
      '--daemonize=no',
      '--exit-idle-time=-1',
      '--use-pid-file=no',
      '--realtime=no',
      '--high-priority=no',
    ];
    const modules = [
      ...['-L', `module-native-protocol-unix auth-anonymous=1 socket=${this.#socket}`],
      ...['-L', 'module-null-sink sink_name=nullsink rate=48000 channels=2 format=s16le'],
    ];
    const env = { ...process.env, HOME: this.folder, PULSE_SERVER: '' };
    this.#children.push(this.#spawn('pulseaudio', [...quiet, ...modules], env));
    while (!existsSync(this.#socket)) await sleep(20);
    this.keepAwake('nullsink');
  }

  /** An idle null sink has rendered two seconds ahead; this keeps it at the present. */
  keepAwake(sink: string): void {
    const args = [...raw, '--latency-msec=10', `--device=${sink}`, '/dev/zero'];
    this.#children.push(this.#spawn('pacat', args, process.env));
  }

  /** With real-time priority when it was asked for, as rtkit gives it to the sound server of a desktop. */
  #spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const all = this.#isRealtime ? ['chrt', '--fifo', '20', command, ...args] : [command, ...args];
    return spawn(all[0] ?? command, all.slice(1), { stdio: 'ignore', env });
  }

  /** Takes the cards away: the daemon is killed, as by the removal of its card. */
  async unplug(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
    }
    await rm(this.#socket, { force: true });
  }

  /** Stops the daemon in its tracks, or lets it run again. */
  freeze(): void {
    this.#children[0]?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#children[0]?.kill('SIGCONT');
  }

  /** Runs pactl and returns what it prints. */
  control(...args: string[]): string {
    return execFileSync('pactl', args, { encoding: 'utf8' });
  }

  /** Records a sink in pieces of about `latencyMs`; resolves when the first samples have come. */
  async record(sink = 'nullsink', latencyMs = 5): Promise<Recording> {
    const recorder = spawn('parec', ['-d', `${sink}.monitor`, ...raw, `--latency-msec=${latencyMs}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const recording = new Recording(recorder);
    await once(recorder.stdout, 'data');
    return recording;
  }

  async stop(): Promise<void> {
    await this.unplug();
    for (const name of variables) {
      if (this.#before[name] === undefined) delete process.env[name];
      else process.env[name] = this.#before[name];
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
