import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRequestId } from '../../src/wire/ids.js';
import { call, paths } from '../server/interactive/client.js';
import { Driven } from './session-rig.js';
import { cases, describeTargets, type Running, type Target } from './target.js';

/** SEND_AUDIO, SEND_HEARTBEAT, and what may follow what: §6.3, §6.4. One session serves all cases. */
describeTargets('sound and heartbeats', rules);

const packetBytes = 5120;
const audioChain = ['WaitingAudioStart', 'AudioStart', 'WaitingAudioOver', 'AudioOver'];

function rules(server: () => Running, target: Target): void {
  const { ours, timed } = cases(target);
  let s: Driven;
  beforeAll(async () => {
    s = await Driven.open(server(), { DriverType: 3 });
  });
  afterAll(() => s.close());

  const tone = (bytes: number): string =>
    Buffer.from(Int16Array.from({ length: bytes / 2 }, (_, i) => 8000 * Math.sin(i / 10)).buffer).toString(
      'base64',
    );
  const packet = (id: string, Seq: number, Audio = tone(packetBytes), more: object = {}): void =>
    void s.channel.send('SEND_AUDIO', { Audio, Seq, ...more }, id);
  const last = (id: string, Seq: number): void => packet(id, Seq, '', { IsFinal: true });
  /** A sound of so many packets at the documented pace; gives its ReqId when it is over. */
  const sound = async (packets: number, firstSeq = 1): Promise<string> => {
    const id = newRequestId();
    for (let n = 0; n < packets; n++) {
      if (n >= 6) await server().time.pass(120);
      packet(id, firstSeq + n);
      await s.channel.settled();
    }
    last(id, firstSeq + packets);
    await s.over(id);
    return id;
  };
  const sounding = async (): Promise<string> => {
    const id = newRequestId();
    for (let n = 1; n <= 6; n++) packet(id, n);
    await s.has(id, 'AudioStart');
    return id;
  };

  describe('§6.3 SEND_AUDIO', () => {
    it('tells its statuses in order, AudioOver with FinalType 1 last', async () => {
      const story = s.channel.story(await sound(8));
      const statuses = story.map((word) => word.split(' ')[0]);
      expect(audioChain.filter((status) => statuses.includes(status))).toEqual(statuses);
      expect(story.at(-1)).toBe('AudioOver final1');
      if (target.isOurs) expect(statuses).toEqual(audioChain);
    });
    it('takes 6 packets of 160 ms at once, then one every 120 ms', async () => {
      const id = await sound(20);
      expect(s.of(id).filter(({ Type }) => Type === 9)).toEqual([]);
    });
    timed('takes no more than that: what is too early is 100012 and may come again', async () => {
      const id = newRequestId();
      // Six, and one that the network may have bunched with them.
      for (let n = 1; n <= 8; n++) packet(id, n);
      expect(await s.refused(id)).toBe(100012);
      await server().time.pass(200);
      packet(id, 8);
      await server().time.pass(200);
      last(id, 9);
      expect((await s.over(id)).at(-1)).toBe('AudioOver final1');
      expect(s.of(id).filter(({ Type }) => Type === 9)).toHaveLength(1);
    });
    it('takes a last packet that is shorter, and packets that are', async () => {
      const id = newRequestId();
      packet(id, 1);
      packet(id, 2, tone(640));
      packet(id, 3, tone(2));
      last(id, 4);
      expect((await s.over(id)).at(-1)).toBe('AudioOver final1');
    });
    ours('counts from 1, or from 0 as in a sample', async () =>
      expect(s.channel.story(await sound(3, 0)).at(-1)).toBe('AudioOver final1'),
    );
    ours('takes a final packet with sound in it, and one sample cut in two', async () => {
      const id = newRequestId();
      packet(id, 1, Buffer.alloc(3).toString('base64'));
      packet(id, 2, Buffer.alloc(5).toString('base64'), { IsFinal: true });
      expect((await s.over(id)).at(-1)).toBe('AudioOver final1');
    });
    it('must be base64', async () =>
      expect(await s.attempt('SEND_AUDIO', { Audio: 'not base64!', Seq: 1 })).not.toBe(0));
    ours('needs a Seq', async () =>
      expect(await s.attempt('SEND_AUDIO', { Audio: tone(packetBytes) })).toBe(100001),
    );
    timed('is ended by the server after StreamMaxInterval without a packet: FinalType 2', async () => {
      const id = newRequestId();
      packet(id, 1);
      await s.channel.settled();
      await server().time.pass(1999);
      expect(s.statuses(id)).toEqual(['WaitingAudioStart', 'AudioStart']);
      await server().time.pass(1);
      expect((await s.over(id)).at(-1)).toBe('AudioOver final2');
      packet(id, 2);
      expect(await s.refused(id)).toBe(110015);
    });
    ours('is interrupted with Interrupt and no sound: FinalType 3', async () => {
      const id = await sounding();
      packet(id, 7, '', { Interrupt: true });
      expect((await s.over(id)).at(-1)).toBe('AudioOver final3');
    });
    ours('takes no packet after its final one', async () => {
      const id = await sounding();
      last(id, 7);
      packet(id, 8);
      expect(await s.refused(id)).toBe(110015);
      await s.over(id);
    });
    ours('may carry VideoSeiInfo', async () => {
      const id = newRequestId();
      packet(id, 1, tone(packetBytes), { VideoSeiInfo: '{}' });
      last(id, 2);
      expect((await s.over(id)).at(-1)).toBe('AudioOver final1');
    });
    ours('goes over HTTPS as well', async () => {
      const ReqId = newRequestId();
      for (const [Seq, Audio] of [
        [1, tone(packetBytes)],
        [2, ''],
      ] as const) {
        const Data = { Audio, Seq, IsFinal: Audio === '' };
        const payload = { ReqId, SessionId: s.id, Command: 'SEND_AUDIO', Data };
        expect((await call(server().connection, paths.command, payload)).Header.Code).toBe(0);
      }
      expect((await s.over(ReqId)).at(-1)).toBe('AudioOver final1');
    });
  });

  describe('§6.3 from one to the other', () => {
    it('text, then sound: stop the text, wait for TextOver, send', async () => {
      const text = await s.speaking();
      s.stop();
      await s.over(text);
      expect(s.channel.story(await sound(2)).at(-1)).toBe('AudioOver final1');
    });
    it('sound, then text: end the sound, wait for AudioOver, send', async () => {
      await sound(2);
      expect(await s.over(await s.say('Good morning.'))).toContain('TextOver');
    });
    it('one sound after the other', async () => {
      for (let i = 0; i < 2; i++) expect(s.channel.story(await sound(2)).at(-1)).toBe('AudioOver final1');
    });
    ours('sound while a text is said is 110015, and the text goes on', async () => {
      const text = await s.speaking();
      const id = newRequestId();
      packet(id, 1);
      expect(await s.refused(id)).toBe(110015);
      expect((await s.over(text)).at(-1)).toBe('TextOver');
    });
    ours('text, or another sound, while a sound is heard is 110015', async () => {
      const id = await sounding();
      expect(await s.refused(await s.say('Not now.'))).toBe(110015);
      const other = newRequestId();
      packet(other, 1);
      expect(await s.refused(other)).toBe(110015);
      last(id, 7);
      expect((await s.over(id)).at(-1)).toBe('AudioOver final1');
    });
    ours('text with Interrupt takes the place of a sound', async () => {
      const id = await sounding();
      const text = await s.say('Now.', { Interrupt: true });
      expect((await s.over(text)).at(-1)).toBe('TextOver');
      expect(s.channel.story(id).at(-1)).toBe('AudioOver final3');
    });
    ours('empty text with Interrupt stops a sound, too', async () => {
      const id = await sounding();
      s.stop();
      expect((await s.over(id)).at(-1)).toBe('AudioOver final3');
    });
  });

  describe('§6.4 SEND_HEARTBEAT', () => {
    it('is taken, while a drive runs too, and disturbs nothing', async () => {
      const text = await s.speaking();
      const beat = s.channel.send('SEND_HEARTBEAT', { Text: 'PING' });
      expect((await s.over(text)).at(-1)).toMatch(/^TextOver/);
      expect(s.of(beat).filter(({ Type }) => Type === 9)).toEqual([]);
    });
    ours('may have another text, or none', async () => {
      const beats = [
        s.channel.send('SEND_HEARTBEAT', { Text: 'ping' }),
        s.channel.send('SEND_HEARTBEAT', {}),
      ];
      await s.channel.settled();
      for (const beat of beats) expect(s.of(beat)).toEqual([]);
    });
  });
}
