import { afterEach, describe, expect, it } from 'vitest';
import { classifySessionCode, writeChannelError } from '../../../src/wire/index.js';
import { closeAll, failureOf, sessionId, speakAtOnce } from '../../tools/interactive-cloud.js';
import { advanceUntil, until } from '../../tools/virtual-clock.js';
import { onStage, type Stage } from './stage.js';

afterEach(closeAll);

interface Row {
  /** How often a text is sent that is always refused. Default 1. */
  readonly sends?: number;
  /** Least time that this takes. Default 0. */
  readonly leastMs?: number;
  /** What is over then. Default the drive alone. */
  readonly ends?: 'drive' | 'session';
  /** Calls of startsession beside the first. Default 0. */
  readonly starts?: number;
}

/** The error and what a client does, for every code of the vendor's tables. */
const rows: readonly (readonly [code: number, error: string, row: Row])[] = [
  [-101000, 'ERR_CLOUD_UNAVAILABLE', { sends: 4 }],
  [-101001, 'ERR_CLOUD_UNAVAILABLE', { sends: 4, leastMs: 6000 }],
  [-101002, 'ERR_SESSION_FAILED', {}],
  [-111001, 'ERR_CLOUD_UNAVAILABLE', { sends: 2 }],
  [-111003, 'ERR_SESSION_FAILED', {}],
  [-111004, 'ERR_SESSION_FAILED', { ends: 'session' }],
  [-111005, 'ERR_DRIVE_FAILED', {}],
  [100001, 'ERR_REQUEST_REFUSED', {}],
  [100005, 'ERR_AUTH_REJECTED', {}],
  [100008, 'ERR_QUOTA_EXCEEDED', {}],
  [100012, 'ERR_RATE_LIMITED', { sends: 4, leastMs: 3000 }],
  [100014, 'ERR_QUOTA_EXCEEDED', {}],
  [100015, 'ERR_QUOTA_EXCEEDED', {}],
  [110013, 'ERR_SESSION_CLOSED', { ends: 'session' }],
  [110014, 'ERR_SESSION_NOT_READY', { ends: 'session' }],
  [110015, 'ERR_WRONG_MOMENT', { sends: 4 }],
  [110016, 'ERR_SESSION_NOT_STARTED', { sends: 4, starts: 3 }],
  [110018, 'ERR_SESSION_UNKNOWN', { ends: 'session' }],
  [110021, 'ERR_QUOTA_EXCEEDED', {}],
  [110022, 'ERR_SESSION_REPLACED', { ends: 'session' }],
  // Of the sister APIs.
  [-100000, 'ERR_CLOUD_UNAVAILABLE', { sends: 4 }],
  [-101003, 'ERR_CLOUD_UNAVAILABLE', { sends: 4 }],
  [100000, 'ERR_CLOUD_UNAVAILABLE', { sends: 4 }],
  [100002, 'ERR_REQUEST_REFUSED', {}],
  [100003, 'ERR_REQUEST_REFUSED', {}],
  [100009, 'ERR_REQUEST_REFUSED', {}],
  [100013, 'ERR_QUOTA_EXCEEDED', {}],
  [110005, 'ERR_RATE_LIMITED', { sends: 4, leastMs: 3000 }],
  [110006, 'ERR_REQUEST_REFUSED', {}],
  [110007, 'ERR_QUOTA_EXCEEDED', {}],
  // In no table: the negative pass, the positive do not.
  [-999_999, 'ERR_CLOUD_UNAVAILABLE', { sends: 4 }],
  [999_999, 'ERR_REQUEST_REFUSED', {}],
];
/** -111002: the channel is opened again; link.test.ts. */
const elsewhere = [-111002];

/** A cloud that refuses the first `times` texts with a code and says the rest. */
const refusing = (code: number, times: number, more: object = {}): Promise<Stage> => {
  let refused = 0;
  return onStage(
    {
      command: (command, channel) => {
        if (command.kind === 'heartbeat') return;
        if (refused++ >= times) return speakAtOnce(command, channel);
        const ids = { requestId: command.requestId, sessionId };
        channel.socket.send(writeChannelError(ids, code, 'Refused: on purpose'));
      },
    },
    more,
  );
};

describe('a code on a running channel', () => {
  it('is in this table when it is in that of the wire', () => {
    const told = new Set([...elsewhere, ...rows.map(([code]) => code)]);
    const known: number[] = [];
    for (let code = -120_000; code <= 120_000; code++)
      if (!classifySessionCode(code).meaning.includes('not in the table')) known.push(code);
    expect(known.length).toBeGreaterThan(28);
    expect(known.filter((code) => !told.has(code))).toEqual([]);
  });

  it.each(rows)(
    '%i: %s, after %o',
    async (code, error, { sends = 1, leastMs = 0, ends = 'drive', starts = 0 }) => {
      const { cloud, session, clock, log } = await refusing(code, Infinity);
      const began = clock.now();
      const drive = session.speak('Hello');
      await advanceUntil(clock, () => drive.isOver);
      const failure = await failureOf(drive.finished);
      expect(failure).toMatchObject({ code: error, remoteCode: code });
      expect(failure.message).toContain(`${code}`);
      expect(cloud.sent('text')).toHaveLength(sends);
      expect(clock.now() - began).toBeGreaterThanOrEqual(leastMs);
      expect(cloud.count('start')).toBe(1 + starts);
      expect(session.isClosed).toBe(ends === 'session');
      expect(log).toEqual(ends === 'session' ? [`closed ${error}`] : []);
      expect(cloud.upgrades).toHaveLength(1);
    },
  );

  it('-101001 (too few resources) is waited for, 2 s and more each time, and the text is said', async () => {
    const { cloud, session, clock } = await refusing(-101001, 3);
    const began = clock.now();
    const drive = session.speak('Hello');
    await advanceUntil(clock, () => drive.isOver);
    await drive.finished;
    expect(clock.now() - began).toBeGreaterThanOrEqual(6000);
    expect(new Set(cloud.sent('text').map(({ requestId }) => requestId)).size).toBe(4);
  });

  it('-111001 (the stream could not be changed) is tried once more, and the text is said', async () => {
    const { cloud, session, clock } = await refusing(-111001, 1);
    const drive = session.speak('Hello');
    await advanceUntil(clock, () => drive.isOver);
    await drive.finished;
    expect(cloud.sent('text')).toHaveLength(2);
  });

  it('100008 (too many at once) ends the drive with what to do; the next one goes out', async () => {
    const { cloud, session, clock } = await refusing(100008, 1);
    const refused = session.speak('One.');
    const failure = await failureOf(refused.finished);
    expect(failure.code).toBe('ERR_QUOTA_EXCEEDED');
    expect(failure.remedy).toMatch(/Close other sessions/);
    const next = session.speak('Two.');
    await advanceUntil(clock, () => next.isOver);
    await next.finished;
    expect(cloud.sent('text').map(({ text }) => text)).toEqual(['One.', 'Two.']);
  });

  it('100008 is waited for while quotaWaitMs lasts, and no longer', async () => {
    const patient = await refusing(100008, 5, { quotaWaitMs: 60_000 });
    const said = patient.session.speak('Hello');
    await advanceUntil(patient.clock, () => said.isOver);
    await said.finished;
    expect(patient.cloud.sent('text')).toHaveLength(6);
    const full = await refusing(100008, Infinity, { quotaWaitMs: 60_000 });
    const began = full.clock.now();
    const never = full.session.speak('Hello');
    await advanceUntil(full.clock, () => never.isOver);
    expect(await failureOf(never.finished)).toMatchObject({ code: 'ERR_QUOTA_EXCEEDED' });
    expect(full.clock.now() - began).toBeLessThanOrEqual(60_500);
    expect(full.clock.now() - began).toBeGreaterThan(45_000);
  });

  it.each([-101001, -111001, 100008])(
    '%i on a stream: its packet in the same way, or the end',
    async (code) => {
      let refused = 0;
      const { cloud, session, clock } = await onStage({
        command: (command, channel) => {
          if (command.kind !== 'stream') return;
          const ids = { requestId: command.requestId, sessionId };
          if (command.sequence === 1 && refused++ === 0)
            channel.socket.send(writeChannelError(ids, code, 'Refused: once', 'header', 1));
          else speakAtOnce(command, channel);
        },
      });
      const stream = session.stream();
      await stream.write('One. ');
      const began = clock.now();
      if (code === 100008) {
        expect(await failureOf(stream.finished)).toMatchObject({ code: 'ERR_QUOTA_EXCEEDED' });
        expect(cloud.sent('stream')).toHaveLength(1);
        return;
      }
      await advanceUntil(clock, () => cloud.sent('stream').length === 2);
      expect(clock.now() - began).toBeGreaterThanOrEqual(code === -101001 ? 2000 : 0);
      stream.end();
      await advanceUntil(clock, () => stream.isOver);
      await stream.finished;
      expect(cloud.sent('stream').map(({ sequence, text }) => `${sequence} ${text}`)).toEqual([
        '1 One. ',
        '1 One. ',
        '2 ',
      ]);
    },
  );

  it.each([
    [100012, 1000],
    [-101001, 2000],
  ])('%i on an upgrade is waited for as well', async (code, leastMs) => {
    const { cloud, session, clock } = await onStage(
      { upgrade: (attempt) => (attempt === 2 ? { status: 503, code } : undefined) },
      {},
    );
    cloud.cut();
    await until(() => !session.isConnected);
    await advanceUntil(clock, () => cloud.upgrades.length === 2, 50);
    const refusedAt = clock.now();
    await advanceUntil(clock, () => session.isConnected, 50);
    expect(clock.now() - refusedAt).toBeGreaterThanOrEqual(leastMs);
    expect(cloud.upgrades).toHaveLength(3);
  });
});
