import { FacewireError } from '../errors.js';
import { arkitNames } from '../frame.js';
import { featureOrders } from '../media/orders.js';

/**
 * Everything that a face on some wire has: the row of frame.ts, and after it
 * what only some rigs carry. Angles are in radians.
 */
export const faceChannels = [
  ...arkitNames,
  'headYaw',
  'headPitch',
  'headRoll',
  'leftEyeYaw',
  'leftEyePitch',
  'leftEyeRoll',
  'rightEyeYaw',
  'rightEyePitch',
  'rightEyeRoll',
  'neutral',
] as const;
export type FaceChannel = (typeof faceChannels)[number];

/** Width of a row with all of them. A weight row of a session, 55 wide, is its beginning. */
export const faceWidth = faceChannels.length;

/** The channels of one renderer, model or file, in its order and spelling. */
export interface Rig {
  readonly name: string;
  readonly channels: readonly string[];
  /** Place in `faceChannels` of each of them. */
  readonly columns: readonly number[];
  /** What a face has and this rig has not. */
  readonly missing: readonly FaceChannel[];
}

const rotations = [
  'HeadYaw', 'HeadPitch', 'HeadRoll', 'LeftEyeYaw', 'LeftEyePitch', 'LeftEyeRoll', 'RightEyeYaw', 'RightEyePitch', 'RightEyeRoll',
]; // prettier-ignore
const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The rigs that are known, by name. The first five are the orders of the 52 ARKit shapes, see featureOrders. */
export const rigs = {
  arkit: makeRig('arkit', featureOrders.arkit),
  'live-link-face': makeRig('live-link-face', featureOrders['live-link-face']),
  alphabetical: makeRig('alphabetical', featureOrders.alphabetical),
  'tencent-effect': makeRig('tencent-effect', featureOrders['tencent-effect']),
  'tencent-3d-standard': makeRig('tencent-3d-standard', featureOrders['tencent-3d-standard']),
  /** MediaPipe's face landmarker: `_neutral` first, no tongueOut. */
  mediapipe: makeRig('mediapipe', [
    '_neutral',
    ...featureOrders.alphabetical.filter((name) => name !== 'tongueOut'),
  ]),
  /** The values of a Live Link Face packet (version 6). */
  'live-link-61': makeRig('live-link-61', [...featureOrders.arkit.map(capital), ...rotations]),
  /** Columns of a Live Link Face CSV recording, after its time columns. */
  'live-link-csv': makeRig('live-link-csv', [...featureOrders['live-link-face'].map(capital), ...rotations]),
  /** `BlendShapes` of Azure Speech's facial expressions. */
  'azure-55': makeRig('azure-55', [...featureOrders.arkit, 'headRoll', 'leftEyeRoll', 'rightEyeRoll']),
} as const satisfies Record<string, Rig>;

export type RigName = keyof typeof rigs;

/**
 * A rig from the names of its channels, for example the header of a file. Names
 * are matched whatever their case; `_L` and `_R` stand for sides, too. Fails with
 * ERR_OPTION_INVALID for a name that is unknown or stands twice.
 */
export function makeRig(name: string, channels: readonly string[]): Rig {
  const columns = channels.map((channel) => {
    const plain = channel
      .replace(/_L$/i, 'Left')
      .replace(/_R$/i, 'Right')
      .replace(/[^a-z]/gi, '');
    return faceChannels.findIndex((known) => known.toLowerCase() === plain.toLowerCase());
  });
  const wrong = columns.findIndex((column, place) => column < 0 || columns.indexOf(column) !== place);
  if (wrong >= 0) {
    throw new FacewireError(
      'ERR_OPTION_INVALID',
      `rig ${name} has a channel that is unknown or stands twice`,
      {
        expected: 'names of ARKit blend shapes, headYaw, leftEyeRoll and the like, each once',
        received: JSON.stringify(channels[wrong]),
      },
    );
  }
  return {
    name,
    channels: [...channels],
    columns,
    missing: faceChannels.filter((_, column) => !columns.includes(column)),
  };
}

/** The rig of a name, or ERR_OPTION_INVALID. */
export function rigNamed(name: string): Rig {
  if (Object.hasOwn(rigs, name)) return rigs[name as RigName];
  throw new FacewireError('ERR_OPTION_INVALID', 'there is no rig of this name', {
    expected: Object.keys(rigs).join(', '),
    received: JSON.stringify(name),
  });
}

/**
 * Writes a face as a rig has it, from `out[offset]` on. What the face row is too
 * short for is 0. Allocates nothing.
 */
export function writeRig(rig: Rig, face: Float32Array, out: Float32Array, offset = 0): void {
  const { columns } = rig;
  checkRoom(rig, out, offset);
  for (let place = 0; place < columns.length; place++) {
    const column = columns[place];
    out[offset + place] = column < face.length ? face[column] : 0;
  }
}

/**
 * Reads the values of a rig, from `values[offset]` on, into a face row of 55 (a
 * weight row) up to `faceWidth` numbers; what the rig has not is 0, what the row has
 * no room for is left out. Allocates nothing.
 */
export function readRig(rig: Rig, values: Float32Array, face: Float32Array, offset = 0): void {
  const { columns } = rig;
  checkRoom(rig, values, offset);
  face.fill(0);
  for (let place = 0; place < columns.length; place++) {
    const column = columns[place];
    if (column < face.length) face[column] = values[offset + place];
  }
}

function checkRoom(rig: Rig, values: Float32Array, offset: number): void {
  if (offset >= 0 && offset + rig.columns.length <= values.length) return;
  throw new FacewireError('ERR_OPTION_INVALID', `the array is too short for rig ${rig.name}`, {
    expected: `${rig.columns.length} numbers from ${offset} on`,
    received: `${values.length} in all`,
  });
}
