import { afterEach, describe, expect, it } from 'vitest';
import { InteractiveSession } from '../../../src/driver/interactive/index.js';
import {
  closeAll,
  failureOf,
  openSession,
  optionsFor,
  sessionId,
  startCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, until, VirtualClock } from '../../tools/virtual-clock.js';

afterEach(closeAll);

const preparing = { status: 'preparing', started: false } as const;

describe('the life of a session', () => {
  it('is created, asked for, started, connected, driven and closed', async () => {
    const clock = new VirtualClock();
    const cloud = await startCloud({
      created: { status: 'preparing', playAddress: undefined },
      states: [preparing, preparing, { playAddress: 'rtmp://h/live/late', started: false }],
    });
    const opening = openSession(cloud, { environment: { clock } });
    await advanceUntil(clock, () => cloud.channels.size > 0);
    const session = await opening;
    expect(clock.now()).toBe(15_000);
    expect(session.sessionId).toBe(sessionId);
    expect(session.playAddress).toBe('rtmp://h/live/late');
    const { requestId } = await session.speak('Hello').finished;
    expect(cloud.sent('text')).toEqual([{ kind: 'text', requestId, sessionId, text: 'Hello', asIs: true }]);
    await session.close();
    expect(cloud.calls.map(({ call }) => call)).toEqual([
      'createByAsset',
      'stat',
      'stat',
      'stat',
      'start',
      'close',
    ]);
    expect(clock.timers).toBe(0);
    expect(cloud.channels.size).toBe(0);
  });

  it('signs each call and the channel afresh, with the language where the vendor puts it', async () => {
    const cloud = await startCloud();
    const session = await openSession(cloud, { language: 'en-US', assetKey: undefined, projectId: 'p' });
    await session.close();
    expect(cloud.calls.map(({ call, language }) => [call, language])).toEqual([
      ['createByProject', 'en-US'],
      ['start', 'en-US'],
      ['close', 'en-US'],
    ]);
    expect(cloud.calls[0].query).not.toContain('Language');
    expect(cloud.upgrades[0]).toMatch(
      /^Language=en-US&appkey=test_app&requestid=m789&timestamp=\d+&signature=/,
    );
  });

  it('asks once for the address of a session that is ready without one, and not with a push address', async () => {
    const cloud = await startCloud({
      created: { playAddress: undefined },
      states: [{ playAddress: 'rtmp://h/x' }],
    });
    const session = await openSession(cloud);
    expect(session.playAddress).toBe('rtmp://h/x');
    const pushed = await openSession(await startCloud(), {
      output: { pushUrl: 'rtmp://h/app/s?txSecret=canary-push' },
    });
    expect(pushed.playAddress).toBeUndefined();
    expect(cloud.count('stat')).toBe(1);
  });

  it('is given up after 180 s of preparation, and closed', async () => {
    const clock = new VirtualClock();
    const cloud = await startCloud({ created: { status: 'preparing' }, states: [preparing] });
    const opening = failureOf(InteractiveSession.open({ ...optionsFor(cloud), environment: { clock } }));
    await advanceUntil(clock, () => cloud.count('close') > 0, 1000);
    expect(await opening).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(clock.now()).toBe(180_000);
    expect(cloud.count('stat')).toBe(36);
    expect(cloud.upgrades).toHaveLength(0);
  });

  it.each([
    [
      'creation failed',
      { states: [{ status: 'failed' as const, errorCode: -111003, errorMessage: 'x' }] },
      'ERR_SESSION_FAILED',
    ],
    [
      'it was closed meanwhile',
      { states: [{ status: 'closed' as const, closeReason: 'replaced' as const }] },
      'ERR_SESSION_REPLACED',
    ],
    [
      'it cannot be started',
      { created: {}, rest: (call: string) => (call === 'start' ? { code: 110021 } : undefined) },
      'ERR_QUOTA_EXCEEDED',
    ],
    [
      'the channel is refused',
      { created: {}, upgrade: () => ({ status: 403, code: 100001 }) },
      'ERR_AUTH_REJECTED',
    ],
    [
      'the channel does not exist',
      { created: {}, upgrade: () => ({ status: 404, code: 100009 }) },
      'ERR_REQUEST_REFUSED',
    ],
  ])('is closed when %s', async (_why, script, code) => {
    const cloud = await startCloud({ created: { status: 'preparing' }, ...script });
    const error = await failureOf(InteractiveSession.open({ ...optionsFor(cloud), timeouts: { pollMs: 1 } }));
    expect(error.code).toBe(code);
    expect(cloud.count('createByAsset')).toBe(1);
    expect(cloud.count('close')).toBe(1);
  });

  it('is created anew, once, when the cloud says so', async () => {
    const once = await startCloud({
      rest: (call, attempt) => (call === 'start' && attempt === 1 ? { code: 110014 } : undefined),
    });
    await openSession(once);
    expect(once.calls.map(({ call }) => call)).toEqual([
      'createByAsset',
      'start',
      'close',
      'createByAsset',
      'start',
    ]);
    const always = await startCloud({ rest: (call) => (call === 'start' ? { code: -111004 } : undefined) });
    expect(await failureOf(openSession(always))).toMatchObject({
      code: 'ERR_SESSION_FAILED',
      remoteCode: -111004,
    });
    expect(always.count('createByAsset')).toBe(2);
    expect(always.count('close')).toBe(2);
  });

  it('is started by the channel when the cloud says that it is not', async () => {
    const cloud = await startCloud({
      upgrade: (attempt) => (attempt === 1 ? { status: 400, code: 110016 } : undefined),
    });
    await openSession(cloud);
    expect(cloud.count('start')).toBe(2);
  });

  it.each(['createByAsset', 'stat', 'start', 'channel'])(
    'is closed when the signal is aborted during %s',
    async (stage) => {
      const abort = new AbortController();
      const cloud = await startCloud({
        created: { status: 'preparing' },
        rest: (call) => (call === stage ? 'hang' : undefined),
        upgrade: () => 'hang',
      });
      const opening = failureOf(
        InteractiveSession.open({ ...optionsFor(cloud), timeouts: { pollMs: 1 }, signal: abort.signal }),
      );
      await until(() =>
        stage === 'channel' ? cloud.upgrades.length > 0 : cloud.calls.some(({ call }) => call === stage),
      );
      abort.abort(new Error('enough'));
      expect(await opening).toMatchObject({ code: 'ERR_INTERRUPTED', cause: { message: 'enough' } });
      // Of a session whose id never came there is nothing to close.
      expect(cloud.count('close')).toBe(stage === 'createByAsset' ? 0 : 1);
    },
  );

  it('that is created after the signal was aborted is closed all the same', async () => {
    const abort = new AbortController();
    let answer!: () => void;
    const cloud = await startCloud({ created: {} });
    const held = new Promise<void>((resolve) => (answer = resolve));
    cloud.script = { hold: (call) => (call === 'createByAsset' ? held : undefined) };
    const opening = failureOf(InteractiveSession.open({ ...optionsFor(cloud), signal: abort.signal }));
    await until(() => cloud.calls.length === 1);
    abort.abort();
    expect(await opening).toMatchObject({ code: 'ERR_INTERRUPTED' });
    answer();
    await until(() => cloud.count('close') === 1);
  });

  it('is closed by the abort of its signal, with what is being said', async () => {
    const abort = new AbortController();
    const cloud = await startCloud({ command: () => undefined });
    const session = await openSession(cloud, { signal: abort.signal });
    const ended = new Promise((resolve) => session.once('closed', resolve));
    const drive = session.speak('Hello');
    await cloud.waitForCommands(1);
    abort.abort();
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(await ended).toBeUndefined();
    await session.close();
    expect(cloud.count('close')).toBe(1);
    expect(() => session.speak('more')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }) as Error);
  });

  it('tells when it could not be closed, and takes one that is gone for closed', async () => {
    const deaf = await startCloud({ rest: (call) => (call === 'close' ? { code: 100001 } : undefined) });
    expect(await failureOf((await openSession(deaf)).close())).toMatchObject({ code: 'ERR_REQUEST_REFUSED' });
    const gone = await startCloud({ rest: (call) => (call === 'close' ? { code: 110018 } : undefined) });
    await (await openSession(gone)).close();
  });

  it.each([
    [{ projectId: 'p' }, 'both'],
    [{ assetKey: undefined }, 'neither'],
    [{ heartbeatMs: 30_000 }, 'heartbeatMs'],
    [{ heartbeatMs: 600_000 }, 'heartbeatMs'],
    [{ textGapMs: 1000 }, 'textGapMs'],
    [{ audioIntervalMs: 119 }, 'audioIntervalMs'],
    [{ audioIntervalMs: 161 }, 'audioIntervalMs'],
    [{ clausesAhead: 0 }, 'clausesAhead'],
    [{ timeouts: { pollMs: 0 } }, 'pollMs'],
    [{ timeouts: { nonsense: 1 } as never }, 'nonsense'],
    [{ appkey: 'a b' }, 'appkey'],
    [{ url: 'ftp://h' }, 'address'],
  ])('is not begun with %j', async (more, word) => {
    const cloud = await startCloud();
    const error = await failureOf(InteractiveSession.open({ ...optionsFor(cloud), ...more }));
    expect(error.code).toBe('ERR_OPTION_INVALID');
    expect(error.message).toContain(word);
    expect(cloud.calls).toHaveLength(0);
  });
});
