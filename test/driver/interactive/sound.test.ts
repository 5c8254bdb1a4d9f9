import { afterEach, describe, expect, it } from 'vitest';
import type { InteractiveSession } from '../../../src/driver/interactive/index.js';
import { readWav } from '../../../src/read-wav.js';
import { StreamResampler } from '../../../src/media/stream-resampler.js';
import { newRequestId, writeChannelError, type AudioCommand } from '../../../src/wire/index.js';
import { codeOf } from '../../code-of.js';
import {
  closeAll,
  failureOf,
  openSession,
  sessionId,
  speakAtOnce,
  startCloud,
  type InteractiveCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, VirtualClock } from '../../tools/virtual-clock.js';

afterEach(closeAll);

interface Stage {
  readonly cloud: InteractiveCloud;
  readonly session: InteractiveSession;
  readonly clock: VirtualClock;
  /** Virtual time at which each packet came. */
  readonly times: number[];
}

async function onStage(more: object = {}): Promise<Stage> {
  const clock = new VirtualClock();
  const times: number[] = [];
  const cloud = await startCloud({
    command: (command, channel) => {
      if (command.kind === 'audio') times.push(clock.now());
      speakAtOnce(command, channel);
    },
  });
  const session = await openSession(cloud, { environment: { clock }, driver: 'audio', ...more });
  return { cloud, session, clock, times };
}

const tone = (seconds: number, rate: number): Int16Array =>
  Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / rate)),
  );
const samplesOf = (packets: readonly AudioCommand[]): Int16Array => {
  const bytes = Buffer.concat(packets.map(({ pcm }) => pcm));
  return Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
};

describe('a sound', () => {
  it('goes out in packets of 160 ms: six at once, then by the absolute schedule, then an empty one', async () => {
    const { cloud, session, clock, times } = await onStage();
    const sound = tone(2.05, 16_000);
    const began = clock.now();
    const drive = session.playAudio(sound, { sampleRate: 16_000, seiInfo: '{}' });
    // One packet at a time, so that each is seen at its own time.
    await advanceUntil(clock, () => drive.isOver, 10);
    expect(await drive.finished).toMatchObject({ kind: 'audio', audioEnd: 'client' });
    const packets = cloud.sent('audio');
    expect(packets.map(({ pcm }) => pcm.byteLength)).toEqual([...Array<number>(12).fill(5120), 4160, 0]);
    expect(packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, index) => index + 1));
    expect(packets.map(({ final }) => final)).toEqual(packets.map((_, index) => index === 13));
    expect(new Set(packets.map(({ requestId, seiInfo }) => requestId + seiInfo))).toEqual(
      new Set([`${drive.requestId}{}`]),
    );
    expect([...samplesOf(packets)]).toEqual([...sound]);
    // The clock moves on by one step of 10 ms before the server sees a packet.
    const due = [0, 0, 0, 0, 0, 0, 120, 240, 360, 480, 600, 720, 840, 840];
    expect(times.map((at, index) => at - began - due[index]).every((late) => late >= 0 && late <= 20)).toBe(
      true,
    );
  });

  it('never runs ahead of 0.75 of real time, whatever the timers do', async () => {
    const { session, clock, times, cloud } = await onStage();
    const began = clock.now();
    const drive = session.playAudio(tone(20, 16_000), { sampleRate: 16_000 });
    let step = 0;
    // Timers that are now punctual, now half a second or two seconds late.
    const lateness = [0, 500, 30, 2000, 0, 0, 110];
    while (!drive.isOver) {
      const before = cloud.commands.length;
      await advanceUntil(clock, () => cloud.commands.length > before || drive.isOver, 60);
      clock.advance(lateness[step++ % lateness.length]);
    }
    const data = times.slice(0, 125);
    data.forEach((at, index) => expect(at - began).toBeGreaterThanOrEqual(Math.max(0, index - 5) * 120));
    // No more than six at once after any pause.
    for (let i = 7; i < data.length; i++) expect(data[i] - data[i - 7]).toBeGreaterThan(0);
  });

  it.each([8000, 22_050, 24_000, 44_100, 48_000])('of %i Hz is converted to 16 kHz', async (rate) => {
    const { cloud, session, clock } = await onStage();
    const drive = session.playAudio(tone(1, rate), { sampleRate: rate });
    await advanceUntil(clock, () => drive.isOver);
    const heard = samplesOf(cloud.sent('audio'));
    expect(heard).toHaveLength(16_000);
    const wanted = tone(1, 16_000);
    // Away from the ends the tone is the same to 1 % of its height.
    for (let i = 800; i < 15_200; i++) expect(Math.abs(heard[i] - wanted[i])).toBeLessThan(80);
  });

  it('may be a WAV file, bytes, or come in pieces of any size', async () => {
    const { cloud, session, clock } = await onStage();
    const sound = tone(0.5, 16_000);
    const bytes = Buffer.from(sound.buffer);
    const play = async (drive: ReturnType<InteractiveSession['playAudio']>): Promise<number[]> => {
      const before = cloud.sent('audio').length;
      await advanceUntil(clock, () => drive.isOver);
      await drive.finished;
      return [...samplesOf(cloud.sent('audio').slice(before))];
    };
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 333) yield bytes.subarray(at, at + 333);
    }
    expect(await play(session.playAudio(wav(sound, 16_000)))).toEqual([...sound]);
    expect(await play(session.playAudio(bytes, { sampleRate: 16_000 }))).toEqual([...sound]);
    expect(await play(session.playAudio(pieces(), { sampleRate: 16_000 }))).toEqual([...sound]);
  });

  it('needs a session for sound, a rate, and a sound', async () => {
    const { session, clock } = await onStage();
    const text = await openSession(await startCloud());
    expect(codeOf(() => text.playAudio(tone(1, 16_000), { sampleRate: 16_000 }))).toBe('ERR_STATE');
    expect(codeOf(() => session.playAudio(tone(0.1, 16_000)))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => session.playAudio(Buffer.from('RIFFxxxxWAVE')))).toBe('ERR_INPUT_UNREADABLE');
    const odd = session.playAudio(tone(0.1, 16_000), { sampleRate: 12_345 });
    await advanceUntil(clock, () => odd.isOver);
    expect(await failureOf(odd.finished)).toMatchObject({ code: 'ERR_SAMPLE_RATE_UNSUPPORTED' });
    const silent = session.playAudio(new Int16Array(0), { sampleRate: 16_000 });
    await advanceUntil(clock, () => silent.isOver);
    expect(await failureOf(silent.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('a packet of sound that the cloud does not take', () => {
  /** A cloud that refuses packets by number as often as it is told, and keeps what it took. */
  async function refusing(
    refusals: Readonly<Record<number, number>>,
    code: number,
    more: { readonly named?: boolean; readonly onRefused?: () => void } = {},
  ): Promise<Stage & { readonly taken: AudioCommand[] }> {
    const left: Record<number, number> = { ...refusals };
    const taken: AudioCommand[] = [];
    const stage = await onStage({ audioIntervalMs: 120 });
    stage.cloud.script = {
      command: (command, channel) => {
        if (command.kind !== 'audio') return;
        if (!command.final) stage.times.push(stage.clock.now());
        if ((left[command.sequence] ?? 0) > 0) {
          left[command.sequence]--;
          const sequence = more.named === false ? undefined : command.sequence;
          const ids = { requestId: command.requestId, sessionId };
          channel.socket.send(writeChannelError(ids, code, 'Refused: once more', 'header', sequence));
          return more.onRefused?.();
        }
        taken.push(command);
        const all = new Set(taken.map(({ sequence }) => sequence));
        const final = taken.find((packet) => packet.final)?.sequence ?? Infinity;
        if (taken.length === 1) channel.status(command.requestId, 'audio-start');
        if (all.size === final) channel.status(command.requestId, 'audio-over', { audioEnd: 'client' });
      },
    };
    return { ...stage, taken };
  }

  const inOrder = (taken: readonly AudioCommand[]): AudioCommand[] =>
    [...taken].sort((a, b) => a.sequence - b.sequence);

  it('because it came too fast (100012) goes out again after a second, and nothing is lost or repeated', async () => {
    const { session, clock, taken, times } = await refusing({ 4: 1, 5: 1, 9: 2, 19: 1 }, 100012);
    const sound = tone(3, 16_000);
    const drive = session.playAudio(sound, { sampleRate: 16_000 });
    const warnings: string[] = [];
    const reading = (async () => {
      for await (const event of drive) if (event.type === 'warning') warnings.push(event.code);
    })();
    await advanceUntil(clock, () => drive.isOver, 10);
    await drive.finished;
    await reading;
    expect([...samplesOf(inOrder(taken))]).toEqual([...sound]);
    expect(taken.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(warnings).toEqual(Array<string>(5).fill('retried'));
    // Four pauses of a second and more, and never faster than before.
    const gaps = times.slice(1).map((at, i) => at - times[i]);
    expect(gaps.filter((gap) => gap >= 1000)).toHaveLength(4);
    expect(Math.min(...gaps.slice(7))).toBeGreaterThanOrEqual(100);
  });

  it('and whose number the cloud does not tell is taken for the last one', async () => {
    const { session, clock, taken } = await refusing({ 9: 1 }, 100012, { named: false });
    const sound = tone(3, 16_000);
    const drive = session.playAudio(sound, { sampleRate: 16_000 });
    await advanceUntil(clock, () => drive.isOver, 10);
    await drive.finished;
    expect([...samplesOf(inOrder(taken))]).toEqual([...sound]);
  });

  it('four times over ends the drive, not the session', async () => {
    const { session, clock } = await refusing({ 3: 99 }, 100012);
    const drive = session.playAudio(tone(3, 16_000), { sampleRate: 16_000 });
    await advanceUntil(clock, () => drive.isOver, 10);
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_RATE_LIMITED', remoteCode: 100012 });
    expect(session.isClosed).toBe(false);
  });

  it.each([
    [-101000, 'ERR_CLOUD_UNAVAILABLE'],
    [-111001, 'ERR_CLOUD_UNAVAILABLE'],
  ])('for %i goes out again, a second time at most as often as the table says', async (code, name) => {
    const good = await refusing({ 2: 1 }, code);
    const drive = good.session.playAudio(tone(1, 16_000), { sampleRate: 16_000 });
    await advanceUntil(good.clock, () => drive.isOver, 10);
    await drive.finished;
    const bad = await refusing({ 2: 99 }, code);
    const failed = bad.session.playAudio(tone(1, 16_000), { sampleRate: 16_000 });
    await advanceUntil(bad.clock, () => failed.isOver, 10);
    expect(await failureOf(failed.finished)).toMatchObject({ code: name });
    expect(bad.cloud.sent('audio').filter(({ sequence }) => sequence === 2)).toHaveLength(
      code === -111001 ? 2 : 4,
    );
  });

  it('because the session is not started (110016) goes out after startsession', async () => {
    const { session, clock, cloud, taken } = await refusing({ 1: 1, 2: 1 }, 110016);
    const drive = session.playAudio(tone(1, 16_000), { sampleRate: 16_000 });
    await advanceUntil(clock, () => drive.isOver, 10);
    await drive.finished;
    expect(cloud.count('start')).toBe(2);
    expect(samplesOf(inOrder(taken))).toHaveLength(16_000);
  });

  it('because something else is being said (110015) waits until that is over', async () => {
    const { session, clock, cloud, taken } = await refusing({ 1: 1 }, 110015);
    const drive = session.playAudio(tone(0.1, 16_000), { sampleRate: 16_000 });
    await advanceUntil(clock, () => cloud.sent('audio').length === 2, 10);
    clock.advance(20_000);
    expect(taken.map(({ final }) => final)).toEqual([true]);
    cloud.channel.status(newRequestId(), 'text-over');
    await advanceUntil(clock, () => drive.isOver, 10);
    await drive.finished;
    expect(samplesOf(inOrder(taken))).toHaveLength(1600);
  });

  it('for good (100001) ends the drive at once', async () => {
    const { session, clock, cloud } = await refusing({ 3: 1 }, 100001);
    const drive = session.playAudio(tone(5, 16_000), { sampleRate: 16_000 });
    await advanceUntil(clock, () => drive.isOver, 10);
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_REQUEST_REFUSED' });
    expect(cloud.sent('audio').filter(({ sequence }) => sequence === 3)).toHaveLength(1);
  });

  it('is not sent any more once the drive was interrupted', async () => {
    const { session, clock, cloud } = await refusing({ 2: 99 }, 100012);
    const drive = session.playAudio(tone(5, 16_000), { sampleRate: 16_000 });
    await advanceUntil(clock, () => cloud.sent('audio').length >= 2, 10);
    const stopped = drive.interrupt();
    await advanceUntil(clock, () => drive.isOver, 100);
    await stopped;
    clock.advance(60_000);
    expect(
      cloud.sent('audio').filter(({ sequence, interrupt }) => sequence === 2 && interrupt !== true),
    ).toHaveLength(1);
    expect(clock.timers).toBeLessThanOrEqual(3);
  });
});

describe('between sound and text', () => {
  it('a text is stopped and over before sound begins', async () => {
    const { cloud, session, clock } = await onStage();
    cloud.script = { command: () => undefined };
    const text = session.speak('Hello');
    await cloud.waitForCommands(1);
    cloud.channel.status(text.requestId, 'text-start');
    const sound = session.playAudio(tone(0.3, 16_000), { sampleRate: 16_000 });
    await cloud.waitForCommands(2);
    expect(cloud.commands[1]).toMatchObject({ kind: 'text', text: '', interrupt: true });
    clock.advance(1000);
    expect(cloud.sent('audio')).toHaveLength(0);
    cloud.channel.status(text.requestId, 'text-over');
    await advanceUntil(clock, () => cloud.sent('audio').length === 3);
    cloud.channel.status(sound.requestId, 'audio-over', { audioEnd: 'client' });
    await sound.finished;
    expect(await failureOf(text.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('a sound is ended and over before a text begins', async () => {
    const { cloud, session, clock } = await onStage();
    cloud.script = { command: () => undefined };
    const sound = session.playAudio(tone(60, 16_000), { sampleRate: 16_000 });
    await advanceUntil(clock, () => cloud.sent('audio').length >= 8);
    const text = session.speak('Hello');
    await advanceUntil(clock, () => cloud.sent('audio').some(({ final }) => final));
    const last = cloud.sent('audio').at(-1)!;
    expect(last).toMatchObject({ final: true, interrupt: true });
    expect(last.pcm.byteLength).toBe(0);
    clock.advance(2000);
    expect(cloud.sent('text')).toHaveLength(0);
    cloud.channel.status(sound.requestId, 'audio-over', { audioEnd: 'interrupted' });
    await advanceUntil(clock, () => cloud.sent('text').length === 1);
    expect(cloud.sent('audio').at(-1)).toBe(last);
    cloud.channel.status(text.requestId, 'text-over');
    await text.finished;
    expect(await failureOf(sound.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

/** A WAV file with a chunk that nobody needs before its data. */
function wav(samples: Int16Array, rate: number, format = { code: 1, channels: 1, bits: 16 }): Uint8Array {
  const frame = (format.channels * format.bits) / 8;
  const body = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const head = Buffer.alloc(56);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(48 + body.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format.code, 20);
  head.writeUInt16LE(format.channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * frame, 28);
  head.writeUInt16LE(frame, 32);
  head.writeUInt16LE(format.bits, 34);
  head.write('LIST', 36, 'latin1');
  head.writeUInt32LE(3, 40);
  head.write('data', 48, 'latin1');
  head.writeUInt32LE(body.length, 52);
  return Buffer.concat([head, body]);
}

describe('readWav', () => {
  const bytesOf = (view: ArrayBufferView): Int16Array => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    return new Int16Array(bytes.slice(0, bytes.length & ~1).buffer);
  };

  it('mixes channels and reads every width', () => {
    expect([
      ...readWav(wav(Int16Array.of(100, 300, -100, -200), 8000, { code: 1, channels: 2, bits: 16 })).pcm,
    ]).toEqual([200, -150]);
    expect([
      ...readWav(wav(bytesOf(Uint8Array.of(128, 255, 0, 128)), 8000, { code: 1, channels: 1, bits: 8 })).pcm,
    ]).toEqual([0, 32512, -32768, 0]);
    expect([
      ...readWav(
        wav(bytesOf(Uint8Array.of(0, 0, 0x40, 0, 0, 0xc0)), 8000, { code: 1, channels: 1, bits: 24 }),
      ).pcm,
    ]).toEqual([16384, -16384]);
    expect([
      ...readWav(wav(bytesOf(Int32Array.of(2 ** 30, -(2 ** 31))), 8000, { code: 1, channels: 1, bits: 32 }))
        .pcm,
    ]).toEqual([16384, -32768]);
    expect([
      ...readWav(wav(bytesOf(Float32Array.of(0.5, -2, NaN)), 8000, { code: 3, channels: 1, bits: 32 })).pcm,
    ]).toEqual([16384, -32768, 0]);
    expect([
      ...readWav(wav(bytesOf(Float64Array.of(0.25)), 8000, { code: 3, channels: 1, bits: 64 })).pcm,
    ]).toEqual([8192]);
  });

  it('reads a file that was cut off as far as it goes', () => {
    const whole = wav(Int16Array.of(1, 2, 3), 8000);
    expect([...readWav(whole.subarray(0, whole.length - 3)).pcm]).toEqual([1]);
  });

  it('has a code for what it cannot read', () => {
    for (const bytes of [
      new Uint8Array(0),
      Buffer.from('RIFFxxxxWAVE'),
      wav(new Int16Array(2), 8000, { code: 2, channels: 1, bits: 4 }),
    ]) {
      expect(codeOf(() => readWav(bytes))).toBe('ERR_INPUT_UNREADABLE');
    }
    const whole = wav(Int16Array.of(1, 2, 3), 8000);
    for (let length = 0; length < whole.length; length++) codeOf(() => readWav(whole.subarray(0, length)));
  });
});

describe('StreamResampler', () => {
  it('gives the same samples in pieces as in one', () => {
    const sound = tone(3, 44_100);
    const whole = new StreamResampler(44_100, 16_000);
    const expected = [...whole.push(sound), ...whole.finish()];
    const pieces = new StreamResampler(44_100, 16_000);
    const heard: number[] = [];
    for (let at = 0; at < sound.length; at += 777) heard.push(...pieces.push(sound.subarray(at, at + 777)));
    heard.push(...pieces.finish());
    expect(heard).toEqual(expected);
    expect(heard).toHaveLength(48_000);
  });
});
