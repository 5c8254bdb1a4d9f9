import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arkitIndex, frameWidth, yawIndex } from '../../src/frame.js';
import { Calibration, type CalibrationData } from '../../src/rigs/calibration.js';
import { rowOf } from '../../src/avatar/poses.js';
import { codeOf } from '../code-of.js';
import { Random } from '../reference/random.js';

const file = (channels: unknown, more: object = {}): string =>
  JSON.stringify({ format: 'facewire-calibration-1', channels, ...more }, undefined, 2);
const aperture = (row: Float32Array): number => row[arkitIndex.jawOpen] - row[arkitIndex.mouthClose];

describe('a calibration', () => {
  it('scales, shifts and limits channels by name, both sides by their stem', () => {
    const calibration = Calibration.parse(
      file({
        mouthSmile: { gain: 0.5 },
        mouthSmileRight: { gain: 2, max: 0.9 },
        browInnerUp: { offset: 0.1 },
        jawOpen: { gain: 0.5 },
        yaw: { gain: -1 },
      }),
      'a.json',
    );
    const row = rowOf({ mouthSmileLeft: 0.5, mouthSmileRight: 0.5, jawOpen: 0.8, cheekPuff: 0.3, yaw: 0.2 });
    calibration.apply(row);
    const expected = rowOf({
      mouthSmileLeft: 0.25,
      mouthSmileRight: 0.9,
      browInnerUp: 0.1,
      jawOpen: 0.4,
      cheekPuff: 0.3,
      yaw: -0.2,
    });
    for (let i = 0; i < frameWidth; i++) expect(row[i], String(i)).toBeCloseTo(expected[i], 6);
    expect(row[yawIndex]).toBeCloseTo(-0.2, 6);
  });

  it('leaves a face alone that it says nothing of', () => {
    const random = new Random(4);
    const calibration = new Calibration({ channels: {} });
    for (let run = 0; run < 500; run++) {
      const row = Float32Array.from({ length: frameWidth }, () => random.next());
      const close = Math.min(row[arkitIndex.mouthClose], row[arkitIndex.jawOpen] + 0.1);
      row[arkitIndex.mouthClose] = close;
      const before = Float32Array.from(row);
      calibration.apply(row);
      row.forEach((value, i) => expect(value).toBeCloseTo(before[i], 3));
    }
  });

  it('keeps closed lips closed and everything within its limits, whatever it does to them', () => {
    const random = new Random(5);
    let closures = 0;
    for (let run = 0; run < 20_000; run++) {
      const term = (low: number, high: number): number => low + random.next() * (high - low);
      const channel = (): { gain: number; offset: number; min: number; max: number } => {
        const min = term(0, 0.3);
        return { gain: term(0, 3), offset: term(-0.5, 0.5), min, max: term(min, 1) };
      };
      const data: CalibrationData = { channels: { jawOpen: channel(), mouthClose: channel() } };
      const { jawOpen: jaw, mouthClose: lips } = data.channels;
      if ((jaw.min ?? 0) > (lips.max ?? 1) + 0.03) {
        expect(codeOf(() => new Calibration(data))).toBe('ERR_OPTION_INVALID');
        continue;
      }
      const row = new Float32Array(frameWidth);
      row[arkitIndex.jawOpen] = random.next();
      row[arkitIndex.mouthClose] = Math.max(
        0,
        row[arkitIndex.jawOpen] - 0.13 * random.next() + 0.1 * random.next(),
      );
      const before = aperture(row);
      new Calibration(data).apply(row);
      expect(row.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(row[arkitIndex.mouthClose]).toBeLessThanOrEqual(row[arkitIndex.jawOpen] + 0.1 + 1e-6);
      if (before > 0.03) continue;
      closures += 1;
      expect(aperture(row)).toBeLessThanOrEqual(0.03);
    }
    expect(closures).toBeGreaterThan(5000);
  });

  it('is steady: a mouth that opens a little more shows no jump', () => {
    const calibration = new Calibration({
      channels: { jawOpen: { gain: 1.8 }, mouthClose: { gain: 0.6, max: 0.5 } },
    });
    let before: number | undefined;
    for (let jaw = 0.3; jaw < 0.6; jaw += 0.001) {
      const row = rowOf({ jawOpen: jaw, mouthClose: 0.29 });
      calibration.apply(row);
      if (before !== undefined) expect(Math.abs(aperture(row) - before)).toBeLessThan(0.025);
      before = aperture(row);
    }
  });

  it('is read from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'facewire-calibration-'));
    try {
      const path = join(folder, 'ada.json');
      writeFileSync(path, file({ jawOpen: { gain: 0.5 } }, { name: 'Ada' }));
      const calibration = await Calibration.read(path);
      expect(calibration.name).toBe('Ada');
      await expect(Calibration.read(join(folder, 'none.json'))).rejects.toMatchObject({
        code: 'ERR_INPUT_UNREADABLE',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['no format', '{"channels":{}}', 'format must be facewire-calibration-1'],
    ['no channels', '{"format":"facewire-calibration-1"}', 'channels must be an object'],
    ['an unknown channel', file({ jawOpened: {} }), 'channels.jawOpened must be one of'],
    [
      'an unknown term',
      file({ jawOpen: { scale: 2 } }),
      'channels.jawOpen.scale must be one of gain, offset, min, max',
    ],
    [
      'a gain out of range',
      file({ jawOpen: { gain: 9 } }),
      'calibration.json:5: channels.jawOpen.gain must be a number of 0 to 4',
    ],
    ['a gain that is a text', file({ jawOpen: { gain: '1' } }), 'channels.jawOpen.gain must be a number'],
    [
      'limits the wrong way round',
      file({ eyeBlink: { min: 0.5, max: 0.2 } }),
      'channels.eyeBlink.min must be at most max',
    ],
    ['lips that never meet', file({ jawOpen: { min: 0.4 }, mouthClose: { max: 0.2 } }), 'the lips can meet'],
    ['half a file', '{"format": "facewire-cal', 'calibration.json:1'],
    ['the side that is a direction', file({ jaw: { gain: 1 } }), 'channels.jaw must be one of'],
  ])('refuses %s with its line and field', (_, text, message) => {
    expect(() => Calibration.parse(text, 'calibration.json')).toThrow(message);
    expect(codeOf(() => Calibration.parse(text, 'calibration.json'))).toBe('ERR_INPUT_UNREADABLE');
  });

  it('refuses values out of range that come by program, too', () => {
    for (const channels of [
      { jawOpen: { gain: Number.NaN } },
      { nose: {} },
      { jawOpen: { min: 0.5, max: 0.1 } },
      { toString: {} },
    ])
      expect(codeOf(() => new Calibration({ channels: channels as CalibrationData['channels'] }))).toBe(
        'ERR_OPTION_INVALID',
      );
  });
});
