import { inRange } from '../../option-values.js';
import { readPattern, type SoundDevice } from './pick-device.js';

/** What happened to the device of a sink. */
export interface DeviceChange {
  /**
   * stalled: no callback for 250 ms, it may go on by itself; when it takes longer, time passes silently. lost: it is
   * gone, or another one became the default; time passes silently. back: a device plays again.
   */
  readonly change: 'stalled' | 'lost' | 'back';
  /** The device that plays now, if any. */
  readonly device: SoundDevice | undefined;
}

export interface DeviceOptions {
  /**
   * Name of the device or a part of it (case does not matter), or a pattern; text between slashes is a pattern,
   * too. Default: the system's default device, also after that changes.
   */
  readonly device?: string | RegExp;
  /**
   * Speech kept ready before the device once it has arrived, in ms, 60 to 2000: so long may the event loop be
   * blocked. Costs no delay. Default 800; 120 where another clock is followed, which then is a delay.
   */
  readonly bufferMs?: number;
  /** Silence kept ready while nothing is said, in ms, 10 to 500: speech is heard behind it. Default 40. */
  readonly silenceMs?: number;
  /** Wished latency of the device in ms, 0 to 2000; 0: the lowest that it recommends. Default 60. */
  readonly latencyMs?: number;
  /** Length of a callback's block in ms, 0 to 200; 0: as the device likes. Default 10. */
  readonly blockMs?: number;
  /**
   * True (default): the player follows this card. False: it follows another clock, and the card's ratio is
   * corrected so that `bufferMs` keep waiting.
   */
  readonly isClock?: boolean;
  /** What to do when there is no device at the start: fail (default), or wait for one on a silent clock. */
  readonly whenMissing?: 'fail' | 'silent';
  /**
   * How often to see whether another device became the default, in ms; 0: never. Costs a short process each time.
   * Default 0 on Linux, where the sound server moves what plays by itself, else 5000.
   */
  readonly defaultCheckMs?: number;
  /** Path or name of a PortAudio library. Default: FACEWIRE_PORTAUDIO, else see docs/sound.md. */
  readonly library?: string;
  readonly onChange?: (change: DeviceChange) => void;
}

export type DeviceSettings = Required<Omit<DeviceOptions, 'library' | 'onChange'>> &
  Pick<DeviceOptions, 'library' | 'onChange'>;

/** Throws ERR_OPTION_INVALID. */
export function readSettings(options: DeviceOptions): DeviceSettings {
  const number = (
    name: 'bufferMs' | 'silenceMs' | 'latencyMs' | 'blockMs' | 'defaultCheckMs',
    low: number,
    high: number,
    usual: number,
  ): number => inRange(name, options[name] ?? usual, low, high);
  const device = options.device ?? '';
  const library = options.library ?? process.env['FACEWIRE_PORTAUDIO'];
  return {
    device: typeof device === 'string' ? readPattern(device) : device,
    bufferMs: number('bufferMs', 60, 2000, options.isClock === false ? 120 : 800),
    silenceMs: number('silenceMs', 10, 500, 40),
    latencyMs: number('latencyMs', 0, 2000, 60),
    blockMs: number('blockMs', 0, 200, 10),
    isClock: options.isClock ?? true,
    whenMissing: options.whenMissing ?? 'fail',
    defaultCheckMs: number('defaultCheckMs', 0, 3_600_000, process.platform === 'linux' ? 0 : 5000),
    ...(library !== undefined && { library }),
    ...(options.onChange !== undefined && { onChange: options.onChange }),
  };
}
