import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arkitNames, frameWidth, weightCount } from '../../src/frame.js';
import {
  faceChannels,
  faceWidth,
  makeRig,
  readRig,
  rigNamed,
  rigs,
  writeRig,
  type RigName,
} from '../../src/rigs/rigs.js';
import { codeOf } from '../code-of.js';

const names = Object.keys(rigs) as RigName[];
const facts = JSON.parse(
  readFileSync(new URL('../fixtures/channel-orders.json', import.meta.url), 'utf8'),
) as Record<string, { order: string[] }>;

/** A different number for each channel. */
function numbered(width: number): Float32Array {
  return Float32Array.from({ length: width }, (_, i) => (i + 1) / 128);
}

describe('the rigs', () => {
  it.each([
    ['arkit', 'A_arkit_header'],
    ['live-link-face', 'B_livelinkface_csv'],
    ['alphabetical', 'C_alphabetical'],
    ['tencent-effect', 'D_tencent_effect_audio2exp'],
    ['tencent-3d-standard', 'E_tencent_thfeat_3d'],
  ] as const)('%s has the order of the facts', (rig, fact) => {
    expect(rigs[rig].channels).toEqual(facts[fact].order);
  });

  it('have as many channels as their users say', () => {
    const lengths = Object.fromEntries(names.map((name) => [name, rigs[name].channels.length]));
    expect(lengths).toEqual({
      arkit: 52, 'live-link-face': 52, alphabetical: 52, 'tencent-effect': 52, 'tencent-3d-standard': 52,
      mediapipe: 52, 'live-link-61': 61, 'live-link-csv': 61, 'azure-55': 55,
    }); // prettier-ignore
    expect(rigs.mediapipe.channels[0]).toBe('_neutral');
    expect(rigs.mediapipe.missing).toContain('tongueOut');
    expect(rigs['live-link-61'].channels.slice(50, 54)).toEqual([
      'NoseSneerRight',
      'TongueOut',
      'HeadYaw',
      'HeadPitch',
    ]);
    expect(rigs['live-link-csv'].channels.slice(15, 17)).toEqual(['JawRight', 'JawLeft']);
    expect(rigs['azure-55'].channels.slice(51)).toEqual([
      'tongueOut',
      'headRoll',
      'leftEyeRoll',
      'rightEyeRoll',
    ]);
  });

  it.each(names)('%s comes back whole through a face, channel by channel', (name) => {
    const rig = rigs[name];
    const face = new Float32Array(faceWidth);
    const back = new Float32Array(rig.channels.length);
    for (let place = 0; place < rig.channels.length; place++) {
      const values = new Float32Array(rig.channels.length);
      values[place] = 0.75;
      readRig(rig, values, face);
      expect(face.filter((value) => value !== 0)).toHaveLength(1);
      expect(face[rig.columns[place]]).toBe(0.75);
      writeRig(rig, face, back);
      expect(back, rig.channels[place]).toEqual(values);
    }
  });

  it.each(names.flatMap((from) => names.map((to) => [from, to] as const)))(
    '%s to %s and back keeps every channel that both have, by name',
    (from, to) => {
      const values = numbered(rigs[from].channels.length);
      const [face, other] = [new Float32Array(faceWidth), new Float32Array(rigs[to].channels.length)];
      readRig(rigs[from], values, face);
      writeRig(rigs[to], face, other);
      const plain = (name: string): string => name.replace('_', '').toLowerCase();
      rigs[to].channels.forEach((channel, place) => {
        const source = rigs[from].channels.findIndex((name) => plain(name) === plain(channel));
        expect(other[place], channel).toBe(source < 0 ? 0 : values[source]);
      });
      const back = new Float32Array(values.length);
      readRig(rigs[to], other, face);
      writeRig(rigs[from], face, back);
      rigs[from].channels.forEach((channel, place) => {
        const both = rigs[to].columns.includes(rigs[from].columns[place]);
        expect(back[place], channel).toBe(both ? values[place] : 0);
      });
    },
  );

  it('take the weight rows of a session as they are', () => {
    const row = numbered(frameWidth);
    const out = new Float32Array(61);
    writeRig(rigs['live-link-61'], row, out);
    expect(Array.from(out.subarray(0, 55))).toEqual(Array.from(row));
    expect(Array.from(out.subarray(55))).toEqual([0, 0, 0, 0, 0, 0]);
    const back = new Float32Array(frameWidth).fill(9);
    readRig(rigs['live-link-61'], out, back);
    expect(back).toEqual(row);
    readRig(rigs.arkit, row.subarray(0, weightCount), back);
    expect(Array.from(back.subarray(weightCount))).toEqual([0, 0, 0]);
  });

  it('stand anywhere in a larger array', () => {
    const row = numbered(frameWidth);
    const many = new Float32Array(3 * 52);
    writeRig(rigs.alphabetical, row, many, 52);
    expect(many.subarray(0, 52).every((value) => value === 0)).toBe(true);
    const back = new Float32Array(frameWidth);
    readRig(rigs.alphabetical, many, back, 52);
    expect(back.subarray(0, 52)).toEqual(row.subarray(0, 52));
    expect(codeOf(() => writeRig(rigs.arkit, row, many, 105))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => readRig(rigs.arkit, many, row, -1))).toBe('ERR_OPTION_INVALID');
  });
});

describe('makeRig', () => {
  it('reads names in other spellings', () => {
    const rig = makeRig('mirror', ['EyeBlinkRight', 'eyeBlink_L', 'mouth_smile_r', 'HEADYAW']);
    expect(rig.columns.map((at) => faceChannels[at])).toEqual([
      'eyeBlinkRight',
      'eyeBlinkLeft',
      'mouthSmileRight',
      'headYaw',
    ]);
    expect(makeRig('all', [...arkitNames].reverse()).missing).not.toContain('jawOpen');
  });

  it('refuses what it does not know or has had', () => {
    expect(codeOf(() => makeRig('x', ['jawOpen', 'jawOpened']))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => makeRig('x', ['jawOpen', 'JawOpen']))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => rigNamed('toString'))).toBe('ERR_OPTION_INVALID');
    expect(rigNamed('azure-55')).toBe(rigs['azure-55']);
  });
});
