import { describe, expect, it } from 'vitest';

import { makeTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { SendQueue, type DropCounts } from '../../src/sinks/rtmp/send-queue.js';
import { randomNumbers } from './synthetic.js';

const key = (time: number, bytes = 10): FlvTag =>
  makeTag(tagType.video, time, Buffer.concat([Buffer.from([0x17, 1]), Buffer.alloc(bytes)]));
const picture = (time: number, bytes = 10): FlvTag =>
  makeTag(tagType.video, time, Buffer.concat([Buffer.from([0x27, 1]), Buffer.alloc(bytes)]));
const sound = (time: number, bytes = 10): FlvTag =>
  makeTag(tagType.audio, time, Buffer.concat([Buffer.from([0xaf, 1]), Buffer.alloc(bytes)]));
const setUp = (byte: number): FlvTag => makeTag(tagType.video, 0, Buffer.from([0x17, 0, byte]));
const none = { offAir: 0, late: 0, noKeyframe: 0, full: 0 };

function takeAll(queue: SendQueue): number[] {
  const times: number[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) times.push(next.tag.timestampMs);
  return times;
}

describe('SendQueue', () => {
  it('hands on everything in order when nothing is wrong, sound first once it has begun', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    for (const tag of [sound(0), key(1), sound(2), picture(3)]) queue.push(tag, 5);
    expect(queue.head?.at).toBe(5);
    expect(takeAll(queue)).toEqual([0, 2, 1, 3]);
    expect(queue.drops).toEqual({ audio: none, video: none });
    expect(queue.bytes).toBe(0);
  });

  it('gives up pictures that are late, up to a keyframe that waits', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    for (const tag of [picture(0), sound(1), picture(2), key(3), picture(4), sound(5)]) queue.push(tag, 0);
    queue.shed();
    expect(takeAll(queue)).toEqual([1, 5, 3, 4]);
    expect(queue.drops).toEqual({ audio: none, video: { ...none, late: 2 } });
  });

  it('gives up all pictures that wait when that frees nothing, and those behind that need them', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    for (const tag of [key(0), sound(1), picture(2)]) queue.push(tag, 0);
    queue.shed();
    for (const tag of [picture(3), sound(4), key(5), picture(6)]) queue.push(tag, 0);
    expect(takeAll(queue)).toEqual([1, 4, 5, 6]);
    expect(queue.drops.video).toEqual({ ...none, late: 2, noKeyframe: 1 });
  });

  it('keeps only what comes from the newest keyframe on while there is no connection', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    for (const tag of [key(0), sound(1), picture(2)]) queue.push(tag, 0);
    queue.take();
    queue.stop();
    for (const tag of [picture(3), sound(4), key(5), sound(6), key(7), picture(8)]) queue.push(tag, 0);
    expect(queue.take()).toBeUndefined();
    queue.start(100);
    expect(queue.head?.at).toBe(100);
    expect(takeAll(queue)).toEqual([7, 8]);
    expect(queue.drops).toEqual({ audio: { ...none, offAir: 3 }, video: { ...none, offAir: 3 } });
  });

  it('keeps from a keyframe that was waiting when the connection was lost', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    for (const tag of [picture(0), sound(1), key(2), sound(3)]) queue.push(tag, 0);
    queue.stop();
    queue.start(1);
    expect(takeAll(queue)).toEqual([2, 3]);
  });

  it('waits for a keyframe after a break, sound included', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    queue.stop();
    queue.start(0);
    for (const tag of [picture(0), sound(1)]) queue.push(tag, 0);
    expect(queue.isReady).toBe(false);
    for (const tag of [key(2), sound(3)]) queue.push(tag, 0);
    expect(takeAll(queue)).toEqual([2, 3]);
  });

  it('begins after a break with no sound that is older than its first picture, also where times wrap', () => {
    for (const base of [1000, 2 ** 32 - 5]) {
      const queue = new SendQueue(1e6);
      queue.start(0);
      const at = (time: number): number => (base + time) % 2 ** 32;
      for (const tag of [key(at(10)), sound(at(5)), sound(at(12))]) queue.push(tag, 0);
      queue.stop();
      queue.push(sound(at(9)), 0);
      queue.push(sound(at(11)), 0);
      queue.start(0);
      queue.push(sound(at(8)), 0);
      expect(takeAll(queue)).toEqual([10, 12, 11].map(at));
      expect(queue.drops.audio).toEqual({ ...none, offAir: 3 });
    }
  });

  it('never loses the set-up, and knows the one that applies', () => {
    const queue = new SendQueue(1e6);
    queue.start(0);
    for (const tag of [setUp(1), key(1), setUp(2), key(2)]) queue.push(tag, 0);
    expect(queue.setUp).toEqual([]);
    queue.take();
    expect(queue.setUp.map(({ payload }) => payload[2])).toEqual([1]);
    queue.stop();
    expect(queue.setUp.map(({ payload }) => payload[2])).toEqual([2]);
    queue.push(setUp(3), 0);
    queue.push(key(3), 0);
    expect(queue.setUp.map(({ payload }) => payload[2])).toEqual([3]);
    // Dropping what waits keeps a change that comes before what stays.
    queue.start(0);
    queue.push(setUp(4), 0);
    queue.push(picture(4), 0);
    queue.shed();
    expect(queue.take()?.tag.payload[2]).toBe(4);
  });

  it('stays below its cap, pictures first, and counts every tag exactly once', () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 200; round++) {
      const cap = 20_000;
      const queue = new SendQueue(cap);
      queue.start(0);
      const pushed = { audio: 0, video: 0 };
      const taken = { audio: 0, video: 0 };
      let isUp = true;
      for (let i = 0; i < 300; i++) {
        const draw = random();
        const bytes = Math.floor(random() * 3000);
        const tag = draw < 0.05 ? key(i, bytes) : draw < 0.5 ? picture(i, bytes) : sound(i, bytes / 10);
        pushed[tag.type === tagType.video ? 'video' : 'audio'] += 1;
        const before = queue.drops;
        queue.push(tag, i);
        expect(queue.bytes).toBeLessThanOrEqual(cap);
        // Sound goes for want of room only when no picture is left.
        if (queue.drops.audio.full > before.audio.full) {
          const rest = new Set<number>();
          if (isUp)
            for (let next = queue.take(); next !== undefined; next = queue.take()) {
              rest.add(next.tag.type);
              taken[next.tag.type === tagType.video ? 'video' : 'audio'] += 1;
            }
          expect(rest.has(tagType.video)).toBe(false);
        }
        const step = random();
        if (step < 0.02) {
          if (isUp) queue.stop();
          else queue.start(i);
          isUp = !isUp;
        } else if (step < 0.1) queue.shed();
        else if (step < 0.4) {
          const next = queue.take();
          if (next !== undefined) taken[next.tag.type === tagType.video ? 'video' : 'audio'] += 1;
        }
      }
      if (!isUp) queue.start(0);
      for (let next = queue.take(); next !== undefined; next = queue.take())
        taken[next.tag.type === tagType.video ? 'video' : 'audio'] += 1;
      const { audio, video } = queue.drops;
      const sum = (counts: DropCounts['audio']): number => {
        const { offAir, late, noKeyframe, full } = counts;
        return offAir + late + noKeyframe + full;
      };
      expect({ audio: taken.audio + sum(audio), video: taken.video + sum(video) }).toEqual(pushed);
      expect(audio.late + audio.noKeyframe).toBe(0);
    }
  });
});
