import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { frameWidth, MediaSession, poolFlag, SessionPool, type ErrorCode } from '../../src/media/index.js';
import { typedCodeOf } from '../code-of.js';
import { randomClauses, whole, wireMessage } from '../reference/utterance.js';
import { sameBits } from './drive.js';

/** A session with `seed`'s utterance in it, a different one for each. */
function speaking(seed: number): MediaSession {
  const session = new MediaSession({ idleSeed: seed % 3 === 0 ? -1 : seed });
  session.begin('r');
  for (const piece of whole(randomClauses(1 + (seed % 5), 24000)))
    session.push(wireMessage(piece, 'r', 24000));
  session.commit(1000 * (seed % 7));
  return session;
}

describe('SessionPool', () => {
  it('gives what the sessions give one by one, bit for bit, each at its own sample or all at one', () => {
    const pool = new SessionPool();
    const members = Array.from({ length: 40 }, (_, seed) => speaking(seed));
    const twins = Array.from({ length: 40 }, (_, seed) => speaking(seed));
    expect(members.map((session) => pool.add(session))).toEqual(members.map((_, row) => row));
    const out = new Float32Array(40 * frameWidth);
    const flags = new Uint8Array(40);
    const row = new Float32Array(frameWidth);
    let spoken = 0;
    for (let frame = 0; frame < 300; frame++) {
      const samples = Float64Array.from(members, (_, i) => frame * 800 + 131 * i);
      const next = samples.map((sample) => (frame % 3 === 0 ? 0 : sample + 800));
      const alike = frame % 2 === 0;
      expect(pool.frames(alike ? samples[0] : samples, out, flags, alike ? next[0] : next)).toBe(40);
      for (const [i, twin] of twins.entries()) {
        const speech = twin.frameAt(alike ? samples[0] : samples[i], row, alike ? next[0] : next[i]) === 1;
        spoken += speech ? 1 : 0;
        expect(flags[i]).toBe(speech ? poolFlag.live | poolFlag.speaking : poolFlag.live);
        expect(sameBits(out.subarray(i * frameWidth, (i + 1) * frameWidth), row)).toBe(true);
      }
    }
    expect(spoken).toBeGreaterThan(1000);
    for (const session of [...members, ...twins]) session.close();
  });

  it('goes on with what happens to its sessions in between', () => {
    const pool = new SessionPool();
    const [member, twin] = [speaking(1), speaking(1)];
    pool.add(member);
    const out = new Float32Array(frameWidth);
    const row = new Float32Array(frameWidth);
    const flags = new Uint8Array(1);
    for (let frame = 0; frame < 200; frame++) {
      for (const session of [member, twin]) {
        if (frame === 30) session.interrupt(23_000);
        if (frame === 60) session.begin('r');
        if (frame > 60 && frame % 20 === 0)
          for (const piece of whole(randomClauses(frame, 24000)).slice(0, 2))
            session.push(wireMessage(piece, 'r', 24000));
        session.commit(frame * 800);
      }
      pool.frames(frame * 800, out, flags);
      twin.frameAt(frame * 800, row);
      expect(sameBits(out, row)).toBe(true);
    }
  });

  it('gives free rows again, lowest first, and fills them with 0', () => {
    const pool = new SessionPool();
    const sessions = Array.from({ length: 5 }, (_, seed) => speaking(seed + 1));
    for (const session of sessions) pool.add(session);
    pool.remove(sessions[1]);
    pool.remove(sessions[1]);
    sessions[3].close();
    expect(pool.rows).toBe(5);
    const out = new Float32Array(5 * frameWidth).fill(9);
    const flags = new Uint8Array(5).fill(9);
    pool.frames(20_000, out, flags);
    expect(flags.map((flag) => flag & poolFlag.live)).toEqual(Uint8Array.of(1, 0, 1, 0, 1));
    for (const row of [1, 3])
      expect(out.subarray(row * frameWidth, (row + 1) * frameWidth).every((weight) => weight === 0)).toBe(
        true,
      );
    expect([pool.add(sessions[1]), pool.add(speaking(8)), pool.add(speaking(9))]).toEqual([1, 3, 5]);
    pool.remove(sessions[4]);
    expect(pool.rows).toBe(6);
  });

  it('lets no session disturb another: closed, fed with rubbish, or at no sample at all', () => {
    const pool = new SessionPool();
    const members = Array.from({ length: 6 }, () => speaking(4));
    const reference = speaking(4);
    for (const session of members) pool.add(session);
    members[0].close();
    for (let i = 0; i < 50; i++) members[1].push(Buffer.from(`{"Payload":{"SpeechRsp":[${i}`));
    members[1].pushParsed({ audio: '****', features: [Number.NaN, 1e300, -1], featureDimension: 3 });
    members[2].interrupt(0);
    const samples = Float64Array.of(20_000, 20_000, 20_000, Number.NaN, 20_000, 20_000.5);
    const out = new Float32Array(6 * frameWidth);
    const flags = new Uint8Array(6);
    pool.frames(samples, out, flags);
    const row = new Float32Array(frameWidth);
    reference.frameAt(20_000, row);
    expect(sameBits(out.subarray(4 * frameWidth, 5 * frameWidth), row)).toBe(true);
    expect(sameBits(out.subarray(frameWidth, 2 * frameWidth), row)).toBe(true);
    expect([...flags]).toEqual([0, 3, 1, 0, 3, 0]);
    for (const wrong of [Number.POSITIVE_INFINITY, -Number.NaN, 2 ** 53, 0.5]) {
      pool.frames(wrong, out, flags);
      expect(flags.every((flag) => flag === 0) && out.every((weight) => weight === 0)).toBe(true);
    }
  });

  it('refuses what does not fit, before it writes anything', () => {
    const pool = new SessionPool();
    const session = speaking(1);
    const other = new SessionPool();
    pool.add(session);
    pool.add(speaking(2));
    const out = new Float32Array(2 * frameWidth).fill(9);
    const flags = new Uint8Array(2);
    const detached = new Float32Array(2 * frameWidth);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const calls: (readonly [ErrorCode, () => unknown])[] = [
      ['ERR_STATE', () => pool.add(session)],
      ['ERR_STATE', () => other.add(session)],
      ['ERR_OPTION_INVALID', () => pool.add({} as MediaSession)],
      ['ERR_OPTION_INVALID', () => pool.remove(null as unknown as MediaSession)],
      ['ERR_OPTION_INVALID', () => pool.frames(0, out.subarray(1), flags)],
      ['ERR_OPTION_INVALID', () => pool.frames(0, out, flags.subarray(1))],
      ['ERR_OPTION_INVALID', () => pool.frames(new Float64Array(1), out, flags)],
      ['ERR_OPTION_INVALID', () => pool.frames(0, out, flags, new Float64Array(1))],
      ['ERR_OPTION_INVALID', () => pool.frames('0' as unknown as number, out, flags)],
      ['ERR_OPTION_INVALID', () => pool.frames(0, detached, flags)],
    ];
    for (const [code, call] of calls) expect(typedCodeOf(call), call.toString()).toBe(code);
    expect(out.every((weight) => weight === 9)).toBe(true);
    other.remove(session);
    expect(pool.frames(0, out, flags)).toBe(2);
    session.close();
    expect(typedCodeOf(() => other.add(session))).toBe('ERR_STATE');
  });

  it('works in worker threads side by side, and goes with them', async () => {
    const script = new URL('./pool-worker.mjs', import.meta.url);
    const workers = [1, 2, 3].map(() => new Worker(script));
    const digests = await Promise.all(
      workers.map(async (worker) => ((await once(worker, 'message')) as [string])[0]),
    );
    expect(new Set(digests).size).toBe(1);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});
