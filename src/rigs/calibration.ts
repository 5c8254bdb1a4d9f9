import { FacewireError } from '../errors.js';
import { arkitIndex, arkitNames, frameWidth, weightCount, type ArkitName } from '../frame.js';
import { SettingsFile, type SettingsValue } from '../settings-file.js';

/** What is done to one channel: `gain` times its value plus `offset`, kept within limits. */
export interface ChannelCalibration {
  /** 0 to 4 for a weight, -4 to 4 for an angle. Default 1. */
  readonly gain?: number;
  /** -1 to 1. Default 0. */
  readonly offset?: number;
  /** Default 0 for a weight, -1.6 for an angle. */
  readonly min?: number;
  /** Default 1 for a weight, 1.6 for an angle. */
  readonly max?: number;
}

/** What a calibration file holds. */
export interface CalibrationData {
  /** Whose face it is for. */
  readonly name?: string;
  /** By channel; a name without its side, such as `mouthSmile`, is for both. */
  readonly channels: Readonly<Record<string, ChannelCalibration>>;
}

const format = 'facewire-calibration-1';
const guide = 'docs/rigs.md';
const angles = ['yaw', 'pitch', 'roll'] as const;
const channelNames: readonly string[] = [...arkitNames, ...angles];
const stems = arkitNames.filter((name) => name.endsWith('Left')).map((name) => name.slice(0, -4));
// jawLeft and mouthLeft are directions, not sides; their stems would hide other names.
const sideStems = stems.filter((stem) => stem !== 'jaw' && stem !== 'mouth');

/** Lips this near to each other are closed, in the source and on the character. */
const closed = 0.03;
/** How much faster than the source's lips the character's may part from there, until its own scale holds. */
const release = 8;
/** As in the session: lips closed further below the jaw go through each other. */
const mostOverlap = 0.1;
const { jawOpen, mouthClose } = arkitIndex;

/**
 * Fits faces to a character: scales differ so much between models that the
 * same weights gape on one and mumble on another. Closed lips stay closed
 * whatever is done to the channels that close them.
 */
export class Calibration {
  readonly name: string;
  readonly #columns: Int32Array;
  /** Four for each column: gain, offset, min, max. */
  readonly #terms: Float64Array;
  readonly #jawLeast: number;
  readonly #closeMost: number;

  /** Fails with ERR_OPTION_INVALID for values outside their ranges. */
  constructor(data: CalibrationData) {
    this.name = data.name ?? '';
    const all = new Map<number, Required<ChannelCalibration>>();
    const names = Object.keys(data.channels);
    // Both sides first, so that one side can be set apart.
    const inOrder = [
      ...names.filter((name) => sideStems.includes(name)),
      ...names.filter((name) => !sideStems.includes(name)),
    ];
    for (const name of inOrder) {
      for (const column of columnsOf(name)) {
        const isAngle = column >= weightCount;
        const limit = isAngle ? 1.6 : 1;
        const { gain = 1, offset = 0, min = isAngle ? -limit : 0, max = limit } = data.channels[name];
        const checked = { gain, offset, min, max };
        for (const [term, value] of Object.entries(checked)) {
          const [low, high] = rangeOf(term as keyof ChannelCalibration, isAngle);
          if (typeof value !== 'number' || !(value >= low && value <= high)) {
            throw refusal(`${name}.${term}`, `${low} to ${high}`, value);
          }
        }
        if (min > max) throw refusal(`${name}.min`, `at most max, ${max}`, min);
        all.set(column, checked);
      }
    }
    this.#jawLeast = all.get(jawOpen)?.min ?? 0;
    this.#closeMost = all.get(mouthClose)?.max ?? 1;
    if (this.#jawLeast > this.#closeMost + closed) {
      throw refusal(
        'jawOpen.min',
        `at most mouthClose.max + ${closed}, or the lips never meet`,
        this.#jawLeast,
      );
    }
    this.#columns = Int32Array.from(all.keys());
    this.#terms = Float64Array.from(
      [...all.values()].flatMap(({ gain, offset, min, max }) => [gain, offset, min, max]),
    );
  }

  /** Reads a calibration file, JSON or YAML. Every fault is ERR_INPUT_UNREADABLE with line and field. */
  static async read(path: string): Promise<Calibration> {
    return Calibration.#of(await SettingsFile.read(path, guide));
  }

  /** @param name shown in errors. */
  static parse(text: string, name: string): Calibration {
    return Calibration.#of(SettingsFile.parse(text, name, guide));
  }

  static #of(file: SettingsFile): Calibration {
    const root = file.root.fields(['format', 'name', 'channels']);
    if (root.format.value !== format) throw root.format.not(format);
    const name = root.name.absent ? '' : root.name.text(200);
    if (root.channels.absent) throw root.channels.not('an object with channels');
    const given = root.channels.fields([...channelNames, ...sideStems]);
    const channels: Record<string, ChannelCalibration> = {};
    for (const [channel, value] of Object.entries(given)) {
      if (!value.absent) channels[channel] = readChannel(channel, value);
    }
    const { jawOpen: jaw, mouthClose: lips } = channels;
    if ((jaw?.min ?? 0) > (lips?.max ?? 1) + closed)
      throw given['jawOpen'].not(`such that the lips can meet: its min at most mouthClose's max + ${closed}`);
    return new Calibration({ name, channels });
  }

  /** Changes a weight row (frame.ts) in place. Allocates nothing. */
  apply(row: Float32Array): void {
    const aperture = row[jawOpen] - row[mouthClose];
    const terms = this.#terms;
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i];
      const value = terms[4 * i] * row[column] + terms[4 * i + 1];
      row[column] = Math.min(Math.max(value, terms[4 * i + 2]), terms[4 * i + 3]);
    }
    this.#keepClosed(row, aperture);
  }

  /** Lets the character's lips be no further apart than the source's allow, first by its lips, then by its jaw. */
  #keepClosed(row: Float32Array, aperture: number): void {
    let jaw = row[jawOpen];
    let lips = row[mouthClose];
    // A little closer than the limit, which single precision would miss.
    const most = Math.min(aperture, closed - 1e-4) + release * Math.max(0, aperture - closed);
    lips = Math.min(lips + Math.max(0, jaw - lips - most), Math.max(lips, this.#closeMost));
    jaw = Math.max(jaw - Math.max(0, jaw - lips - Math.max(most, closed - 1e-4)), this.#jawLeast);
    row[jawOpen] = jaw;
    row[mouthClose] = Math.min(lips, jaw + mostOverlap);
  }
}

function readChannel(name: string, value: SettingsValue): ChannelCalibration {
  const isAngle = (angles as readonly string[]).includes(name);
  const fields = value.fields(['gain', 'offset', 'min', 'max']);
  const limit = isAngle ? 1.6 : 1;
  const term = (key: keyof ChannelCalibration, fallback: number): number =>
    fields[key].number(...rangeOf(key, isAngle), fallback);
  const min = term('min', isAngle ? -limit : 0);
  const max = term('max', limit);
  if (min > max) throw fields.min.not(`at most max, ${max}`);
  return { gain: term('gain', 1), offset: term('offset', 0), min, max };
}

function rangeOf(term: keyof ChannelCalibration, isAngle: boolean): [number, number] {
  if (term === 'gain') return isAngle ? [-4, 4] : [0, 4];
  if (term === 'offset') return [-1, 1];
  return isAngle ? [-1.6, 1.6] : [0, 1];
}

function columnsOf(name: string): number[] {
  const angle = (angles as readonly string[]).indexOf(name);
  if (angle >= 0) return [frameWidth - angles.length + angle];
  if (Object.hasOwn(arkitIndex, name)) return [arkitIndex[name as ArkitName]];
  if (sideStems.includes(name))
    return [arkitIndex[`${name}Left` as ArkitName], arkitIndex[`${name}Right` as ArkitName]];
  throw refusal(name, 'the name of a channel, with or without its side', name);
}

function refusal(field: string, expected: string, received: unknown): FacewireError {
  return new FacewireError('ERR_OPTION_INVALID', `the calibration's ${field} is out of range`, {
    expected,
    received: JSON.stringify(received) ?? String(received),
  });
}
