import { afterEach, describe, expect, it } from 'vitest';

import { tagType } from '../../src/sinks/flv.js';
import { mute } from '../tools/rtmp-ingest.js';
import { canary, format, media, numberOf, Rig } from './push-rig.js';

let rig: Rig;
afterEach(() => rig.close());

describe('a push', () => {
  it('goes on after a restart of the ingest: on a keyframe, nothing twice, with the times it would have had', async () => {
    rig = new Rig();
    await rig.open();
    rig.write(15);
    await rig.ingest.until(() => media(rig.ingest.visits[0]).length === 30);
    await rig.ingest.stop();
    await rig.pass(() => rig.has('down'));
    rig.write(7);
    await rig.pass(() => rig.has('unreachable'));
    rig.write(5);
    await rig.ingest.listen();
    await rig.pass(() => rig.has('back'));
    rig.write(20);
    await rig.ingest.until(() => media(rig.ingest.visits.at(-1)).some((tag) => numberOf(tag) === 46));
    expect(rig.types().filter((type) => type !== 'unreachable')).toEqual(['live', 'down', 'back']);
    const second = rig.ingest.last;
    // Set-up first, at the time of what follows it, and then from the newest keyframe of the break on.
    expect(
      second.tags.slice(0, 3).map(({ type, isConfig, isKeyframe }) => [type, isConfig, isKeyframe]),
    ).toEqual([
      [tagType.video, true, false],
      [tagType.audio, true, false],
      [tagType.video, false, true],
    ]);
    expect(second.tags.slice(0, 2).map(({ timestampMs }) => timestampMs)).toEqual([821, 821]);
    expect(media(second).map(numberOf)[0]).toBe(20);
    const all = rig.ingest.visits.flatMap(media);
    for (const type of [tagType.audio, tagType.video]) {
      const tags = all.filter((tag) => tag.type === type);
      const numbers = tags.map(numberOf);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      const late = type === tagType.video ? 21 : 0;
      expect(tags.map(({ timestampMs }) => timestampMs)).toEqual(numbers.map((number) => number * 40 + late));
    }
    // Lost were the five pictures before the keyframe, and the sound before it; whatever was lost is counted.
    expect(rig.output.counts).toMatchObject({
      connections: 2,
      breaks: 1,
      stalls: 0,
      sent: { audio: 41, video: 42 },
      dropped: {
        audio: { offAir: 6, late: 0, noKeyframe: 0, full: 0 },
        video: { offAir: 5, late: 0, noKeyframe: 0, full: 0 },
      },
    });
    expect(second.metadata).toMatchObject({ width: 320, height: 180 });
  });

  it('waits for the next keyframe when the break was short', async () => {
    rig = new Rig();
    await rig.open();
    rig.write(12);
    await rig.ingest.until(() => media(rig.ingest.visits[0]).length === 24);
    rig.ingest.reset();
    await rig.pass(() => rig.has('back'));
    rig.write(9);
    await rig.ingest.until(() => media(rig.ingest.visits[1]).length === 1);
    expect(media(rig.ingest.visits[1]).map((tag) => [numberOf(tag), tag.isKeyframe])).toEqual([[20, true]]);
    expect(rig.output.counts.dropped.video).toMatchObject({ offAir: 8 });
  });

  it('asks for a fresh address before each attempt', async () => {
    rig = new Rig();
    let asked = 0;
    await rig.open({}, () => Promise.resolve(rig.ingest.url(`room?txSecret=CanarySecret${++asked}`)));
    rig.ingest.manner = (stream) => (stream.endsWith('2') ? 'denied' : 'accept');
    rig.ingest.reset();
    await rig.pass(() => rig.has('back'));
    expect(rig.ingest.visits.map(({ stream }) => stream)).toEqual([
      'room?txSecret=CanarySecret1',
      'room?txSecret=CanarySecret2',
      'room?txSecret=CanarySecret3',
    ]);
    expect(rig.types()).toEqual(['live', 'down', 'refused', 'back']);
  });

  it('stops when a fresh address is denied, too', async () => {
    rig = new Rig();
    await rig.open();
    rig.ingest.manner = () => 'denied';
    rig.ingest.reset();
    await rig.pass(() => rig.has('failed'));
    expect(rig.types()).toEqual(['live', 'down', 'refused', 'failed']);
    expect(rig.errors.map(({ code }) => code)).toEqual(['ERR_RTMP_REFUSED']);
    expect(rig.ingest.visits).toHaveLength(3);
    expect(rig.output.state).toBe('failed');
  });

  it('tries again, at most once in 2 s, while somebody else publishes', async () => {
    rig = new Rig();
    await rig.open();
    const times: number[] = [];
    rig.ingest.manner = (_, visit) => {
      times.push(rig.clock.now());
      return visit < 6 ? 'busy' : 'accept';
    };
    rig.ingest.reset();
    await rig.pass(() => rig.has('back'));
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(steps).toHaveLength(5);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...steps)).toBeLessThanOrEqual(3000);
    expect(rig.output.counts).toMatchObject({ refusals: 5, connections: 2 });
  });

  it('treats a door that is closed without a word like somebody else', async () => {
    rig = new Rig();
    await rig.open();
    rig.ingest.manner = (_, visit) => (visit < 3 ? 'close' : 'accept');
    rig.ingest.reset();
    await rig.pass(() => rig.has('back'));
    const waits = rig.events.flatMap((event) => (event.type === 'refused' ? [event.waitMs] : []));
    expect(waits).toHaveLength(2);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2000);
  });

  it('draws its waits at random below a ceiling that grows', async () => {
    rig = new Rig();
    const drawn = [0.999, 0, 0.5];
    await rig.open({ random: () => drawn[rig.events.length % 3] ?? 0 });
    await rig.ingest.stop();
    await rig.pass(() => rig.events.length > 12);
    const waits = rig.events.flatMap((event) => (event.type === 'unreachable' ? [event.waitMs] : []));
    expect(waits.every((wait) => wait >= 0 && wait < 2500)).toBe(true);
    expect(Math.max(...waits)).toBeGreaterThan(2400);
    expect(waits.filter((wait) => wait === 0).length).toBeGreaterThan(1);
  });

  it('gives up after the time it was told, and says so once', async () => {
    rig = new Rig();
    await rig.open({ giveUpMs: 20_000 });
    await rig.ingest.stop();
    await rig.pass(() => rig.errors.length > 0);
    expect(rig.clock.now()).toBeGreaterThanOrEqual(20_000);
    expect(rig.clock.now()).toBeLessThan(21_000);
    expect(rig.errors[0]).toMatchObject({ code: 'ERR_RTMP_LOST' });
    expect(rig.errors[0]?.message).toContain('ECONNREFUSED');
    expect(rig.types().filter((type) => type === 'failed')).toHaveLength(1);
    await rig.output.close();
    expect(rig.errors).toHaveLength(1);
  });

  it('says at its end that the end was not on the air', async () => {
    rig = new Rig();
    await rig.open();
    await rig.ingest.stop();
    await rig.pass(() => rig.has('down'));
    await expect(rig.output.close()).rejects.toMatchObject({ code: 'ERR_RTMP_LOST' });
    expect(rig.output.state).toBe('closed');
  });

  it('sends what waits before it says goodbye', async () => {
    rig = new Rig();
    await rig.open();
    // More than what may be on its way at once.
    rig.write(20, 100_000);
    await rig.reach(rig.output.close());
    expect(media(rig.ingest.last)).toHaveLength(40);
    expect(rig.ingest.last.commands.slice(-2)).toEqual(['FCUnpublish', 'deleteStream']);
  });

  it('keeps trying to open for as long as it was told', async () => {
    rig = new Rig();
    rig.ingest.manner = (_, visit) => (visit < 2 ? 'busy' : 'accept');
    await rig.open({ openPatienceMs: 10_000 });
    expect(rig.types()).toEqual(['refused', 'refused', 'live']);
  });

  it.each([
    ['busy', 'ERR_RTMP_REFUSED'],
    ['denied', 'ERR_RTMP_REFUSED'],
    ['close', 'ERR_RTMP_REFUSED'],
  ] as const)('fails to open at the first attempt when the ingest answers %s', async (manner, code) => {
    rig = new Rig();
    rig.ingest.manner = () => manner;
    await expect(rig.open()).rejects.toMatchObject({ code });
    expect(rig.ingest.visits).toHaveLength(1);
  });

  it('can be closed while it opens', async () => {
    rig = new Rig();
    rig.ingest.manner = mute;
    await rig.ingest.listen();
    const opening = rig.make().open(format);
    await rig.ingest.until(() => rig.ingest.visits.length === 1);
    await rig.output.close();
    await expect(opening).rejects.toMatchObject({ code: 'ERR_STATE' });
  });

  it('goes on to try when its address cannot be had, and shows nothing of why', async () => {
    rig = new Rig();
    let asked = 0;
    await rig.open({}, () => {
      asked += 1;
      if (asked === 2) throw new TypeError(`cannot fetch ${rig.ingest.url(canary)}`);
      if (asked === 3) return new Promise(() => undefined);
      return rig.ingest.url(canary);
    });
    rig.ingest.reset();
    await rig.pass(() => rig.has('back'));
    const messages = rig.events.flatMap((event) => ('error' in event ? [event.error.message] : []));
    expect(messages[1]).toBe('the push address could not be had (TypeError)');
    expect(messages[2]).toBe('the push address could not be had within 8000 ms');
  });

  it('shows its key in no event, error or count', async () => {
    rig = new Rig();
    await rig.open();
    rig.ingest.manner = (_, visit) => (['close', 'busy', 'close', 'denied'] as const)[visit - 1] ?? 'denied';
    rig.ingest.reset();
    await rig.pass(() => rig.has('failed'));
    await rig.output.close();
    const shown = rig.events.map((event) =>
      'error' in event ? [event.error.message, event.error.stack, event.error.received] : [event],
    );
    expect(shown.length).toBeGreaterThan(4);
    expect(JSON.stringify([shown, rig.output.counts, rig.output])).not.toMatch(/Canary/);
  });
});
