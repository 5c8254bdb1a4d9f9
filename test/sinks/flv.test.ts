import { describe, expect, it } from 'vitest';

import { FacewireError } from '../../src/errors.js';
import {
  flvHeader,
  FlvParser,
  isMedia,
  makeTag,
  serialiseTag,
  tagType,
  type FlvTag,
} from '../../src/sinks/flv.js';
import { randomNumbers } from './synthetic.js';

const tags = [
  makeTag(tagType.script, 0, Buffer.from([2, 0, 1, 0x61])),
  makeTag(tagType.video, 0, Buffer.from([0x17, 0, 0, 0, 0, 1])),
  makeTag(tagType.audio, 0, Buffer.from([0xaf, 0, 0x11, 0x88])),
  makeTag(tagType.video, 21, Buffer.from([0x17, 1, 0, 0, 0, 9, 9])),
  makeTag(tagType.audio, 0xffffff + 5, Buffer.from([0xaf, 1, 7])),
  makeTag(tagType.video, 0xfffffffe, Buffer.from([0x27, 1, 0, 0, 0])),
  makeTag(tagType.video, 5, Buffer.alloc(0)),
];
const file = Buffer.concat([flvHeader(), ...tags.map(serialiseTag)]);

describe('FlvParser', () => {
  it('returns the tags of any split', () => {
    const random = randomNumbers(1);
    for (let round = 0; round < 200; round++) {
      const found: FlvTag[] = [];
      const parser = new FlvParser((tag) => found.push(tag));
      for (let at = 0; at < file.length;) {
        const next = at + 1 + Math.floor(random() * (round % 40));
        parser.push(file.subarray(at, next));
        at = next;
      }
      expect(found).toEqual(tags);
      expect(parser.isBetweenTags).toBe(true);
    }
  });

  it('recognises set-up, keyframes and media', () => {
    expect(tags.map((tag) => tag.isConfig)).toEqual([false, true, true, false, false, false, false]);
    expect(tags.map((tag) => tag.isKeyframe)).toEqual([false, false, false, true, false, false, false]);
    expect(tags.map(isMedia)).toEqual([false, false, false, true, true, true, false]);
  });

  it('throws nothing but its own coded error on damaged bytes', () => {
    const random = randomNumbers(2);
    let refused = 0;
    for (let round = 0; round < 5000; round++) {
      const damaged = Buffer.from(file);
      for (let i = 0; i <= round % 4; i++)
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      try {
        new FlvParser(() => undefined).push(damaged);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(FacewireError);
        expect((thrown as FacewireError).code).toBe('ERR_INPUT_UNREADABLE');
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('refuses a tag over the cap before its bytes arrive', () => {
    const big = serialiseTag(makeTag(tagType.video, 0, Buffer.alloc(2000)));
    const parser = new FlvParser(() => undefined, 1000);
    parser.push(flvHeader());
    expect(() => parser.push(big.subarray(0, 11))).toThrow(/at most 1000 bytes/);
  });
});
