import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  InteractiveSession,
  RestClient,
  type RestClientOptions,
} from '../../../src/driver/interactive/index.js';
import {
  accessToken,
  appkey,
  closeAll,
  failureOf,
  optionsFor,
  startCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, until, VirtualClock } from '../../tools/virtual-clock.js';

afterEach(closeAll);

const client = (url: string, more: Partial<RestClientOptions> = {}): RestClient =>
  new RestClient({ url, appkey, accessToken, ...more });
const everything = (error: unknown): string =>
  inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + String(error);

describe('the calls', () => {
  it('bring what the cloud answers', async () => {
    const cloud = await startCloud();
    const rest = client(cloud.url.replace('http', 'ws'));
    expect(await rest.listByProject('p')).toMatchObject([{ sessionId: 'm789' }]);
    expect(await rest.listByAsset('a')).toHaveLength(1);
    expect(await rest.listByAccount()).toHaveLength(1);
    expect(await rest.listByAvatar('v')).toHaveLength(1);
    expect(await rest.timbres()).toEqual({ total: 0, timbres: [] });
    expect(await rest.actions('v')).toEqual([{ name: 'wave', code: 'w', sample: '' }]);
    await rest.command({
      kind: 'text',
      requestId: 'd7aa08da33dd4a662ad5be508c5b77cf',
      sessionId: 'm',
      text: 'x',
    });
    expect(cloud.calls.map(({ request }) => request)).toMatchObject([
      { projectId: 'p' },
      { assetKey: 'a' },
      {},
      { avatarKey: 'v' },
      { page: 1, pageSize: 100 },
      { avatarKey: 'v' },
      { kind: 'text', text: 'x' },
    ]);
  });

  it('break no limit', async () => {
    const cloud = await startCloud();
    expect(await failureOf(client(cloud.url).timbres(1, 101))).toMatchObject({ code: 'ERR_WIRE_LIMIT' });
    expect(cloud.calls).toHaveLength(0);
  });
});

describe('bad credentials', () => {
  it('are tried exactly twice, and nothing of them is shown', async () => {
    const cloud = await startCloud();
    const options = {
      ...optionsFor(cloud),
      accessToken: 'canary-wrong-token',
      output: { pushUrl: 'rtmp://h/a/canary-push' },
    };
    const error = await failureOf(InteractiveSession.open(options));
    expect(error.code).toBe('ERR_AUTH_REJECTED');
    expect(cloud.calls).toHaveLength(2);
    expect(cloud.upgrades).toHaveLength(0);
    expect(everything(error)).not.toMatch(/canary-wrong|canary-push|signature=(?!\*)/);
    expect(everything(new RestClient(options))).not.toContain('canary');
  });

  it('are told by code 100005 as well, and on the channel', async () => {
    const code = await startCloud({ rest: () => ({ code: 100005 }) });
    expect(await failureOf(client(code.url).stat('m'))).toMatchObject({
      code: 'ERR_AUTH_REJECTED',
      remoteCode: 100005,
    });
    expect(code.calls).toHaveLength(2);
    const channel = await startCloud({
      upgrade: () => ({ status: 401, code: 100005, message: `bad ${accessToken}` }),
    });
    const error = await failureOf(InteractiveSession.open(optionsFor(channel)));
    expect(error.code).toBe('ERR_AUTH_REJECTED');
    expect(channel.upgrades).toHaveLength(2);
    expect(everything(error)).not.toContain('canary');
  });

  it('that were refused once by chance work with a fresh signature', async () => {
    let now = 1_700_000_000_000;
    const cloud = await startCloud({
      nowMs: () => now,
      rest: (_call, attempt) => (attempt === 1 ? { status: 403 } : undefined),
    });
    await client(cloud.url, { environment: { wallNow: () => (now += 1000) } }).stat('m');
    expect(new Set(cloud.calls.map(({ query }) => query)).size).toBe(2);
  });
});

describe('a clock that is ten minutes off', () => {
  it.each([-600_000, 600_000])('is corrected once by the Date of the refusal (%i ms)', async (skewMs) => {
    const cloud = await startCloud({ nowMs: () => Date.now() + skewMs });
    const session = await InteractiveSession.open(optionsFor(cloud));
    // The channel knows it already.
    expect(cloud.count('createByAsset')).toBe(2);
    expect(cloud.count('start')).toBe(1);
    expect(cloud.upgrades).toHaveLength(1);
    await session.close();
  });

  it('is told once', async () => {
    const now = 1_700_000_000_000;
    const cloud = await startCloud({ nowMs: () => now + 600_000 });
    const warnings: string[] = [];
    const environment = { wallNow: () => now };
    const rest = client(cloud.url, { onWarning: (message) => warnings.push(message), environment });
    await rest.stat('m');
    await rest.stat('m');
    expect(cloud.calls).toHaveLength(3);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('600 s behind');
  });

  it('is an error of its own when it may not be corrected, or does not stay', async () => {
    const cloud = await startCloud({ nowMs: () => Date.now() + 600_000 });
    expect(await failureOf(client(cloud.url, { correctClock: false }).stat('m'))).toMatchObject({
      code: 'ERR_CLOCK_SKEW',
    });
    expect(cloud.calls).toHaveLength(1);
    let jump = 0;
    const leaping = await startCloud({ nowMs: () => Date.now() + (jump += 600_000) });
    expect(await failureOf(client(leaping.url).stat('m'))).toMatchObject({ code: 'ERR_CLOCK_SKEW' });
    expect(leaping.calls).toHaveLength(2);
  });
});

describe('trouble', () => {
  it.each([
    ['HTTP 503', { status: 503 }, 0],
    ['HTTP 429', { status: 429 }, 0],
    ['a cut connection', 'destroy', 0],
    ['an internal error', { code: -101000 }, 0],
    ['too few resources', { code: -101001 }, 4000],
    ['haste', { code: 100012 }, 2000],
  ] as const)('of %s is tried again after a wait', async (_name, mischief, leastMs) => {
    const clock = new VirtualClock();
    const cloud = await startCloud({ rest: (_call, attempt) => (attempt <= 2 ? mischief : undefined) });
    let done = false;
    const call = client(cloud.url, { environment: { clock, random: () => 0.5 } })
      .stat('m')
      .finally(() => (done = true));
    await advanceUntil(clock, () => done);
    await call;
    expect(cloud.calls).toHaveLength(3);
    // Half of 250 ms, then half of 425 ms.
    expect(clock.now()).toBeCloseTo(125 + 212.5 + leastMs, 6);
  });

  it('that stays is told after ten seconds of attempts', async () => {
    const clock = new VirtualClock();
    const cloud = await startCloud({ rest: () => ({ code: -101000, message: 'Busy: no' }) });
    let error: unknown;
    void failureOf(client(cloud.url, { environment: { clock, random: () => 0.999 } }).stat('m')).then(
      (e) => (error = e),
    );
    await advanceUntil(clock, () => error !== undefined);
    expect(error).toMatchObject({ code: 'ERR_CLOUD_UNAVAILABLE', remoteCode: -101000 });
    expect(clock.now()).toBeLessThanOrEqual(10_000);
    expect(cloud.calls.length).toBeGreaterThan(4);
  });

  it('of one sort is tried once more only, of another not at all', async () => {
    const once = await startCloud({ rest: () => ({ code: -111001 }) });
    expect(await failureOf(client(once.url).stat('m'))).toMatchObject({ remoteCode: -111001 });
    expect(once.calls).toHaveLength(2);
    for (const code of [100001, 100014, 110013, 110018, 110022, 424242]) {
      const never = await startCloud({ rest: () => ({ code }) });
      expect(await failureOf(client(never.url).stat('m'))).toMatchObject({ remoteCode: code });
      expect(never.calls).toHaveLength(1);
    }
  });

  it('of a full house is waited for when that is wished', async () => {
    const full = await startCloud({ rest: () => ({ code: 100008 }) });
    expect(await failureOf(client(full.url).stat('m'))).toMatchObject({ code: 'ERR_QUOTA_EXCEEDED' });
    expect(full.calls).toHaveLength(1);
    const clock = new VirtualClock();
    const cloud = await startCloud({
      rest: (_call, attempt) => (attempt < 4 ? { code: 100008 } : undefined),
    });
    let done = false;
    void client(cloud.url, { quotaWaitMs: 60_000, environment: { clock } })
      .stat('m')
      .then(() => (done = true));
    await advanceUntil(clock, () => done);
    expect(cloud.calls).toHaveLength(4);
  });

  it('with a server that is not there has a code', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => server.listening);
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOf(client(`http://127.0.0.1:${port}`, { retryMs: 0 }).stat('m'));
    expect(error).toMatchObject({ code: 'ERR_CONNECT_FAILED', received: 'ECONNREFUSED' });
  });

  it('with a server that does not answer has another', async () => {
    const cloud = await startCloud({ rest: () => 'hang' });
    const error = await failureOf(client(cloud.url, { timeoutMs: 20, retryMs: 0 }).stat('m'));
    expect(error.code).toBe('ERR_TIMEOUT');
  });

  it('is no answer that is too long, no JSON, or elsewhere', async () => {
    const long = await startCloud({ rest: () => ({ status: 200, body: `"${'x'.repeat(5000)}"` }) });
    expect(await failureOf(client(long.url, { maxResponseBytes: 4096 }).stat('m'))).toMatchObject({
      code: 'ERR_MESSAGE_TOO_LARGE',
    });
    const html = await startCloud({ rest: () => ({ status: 200, body: '<html>' }) });
    expect(await failureOf(client(html.url).stat('m'))).toMatchObject({ code: 'ERR_WIRE_MALFORMED' });
    const elsewhere = await startCloud();
    const moved = await startCloud({ rest: () => ({ status: 307, location: elsewhere.url }) });
    expect(await failureOf(client(moved.url).stat('m'))).toMatchObject({ code: 'ERR_CONNECT_FAILED' });
    expect(elsewhere.calls).toHaveLength(0);
  });

  it('shows no secret that a cloud sends back', async () => {
    const cloud = await startCloud({
      rest: (call) =>
        call === 'createByAsset'
          ? { code: 100001, message: `no canary-push ${accessToken} signature=abc userSig=canary-sig` }
          : undefined,
    });
    const error = await failureOf(
      client(cloud.url).createByAsset({
        assetKey: 'a',
        userId: 'u',
        protocol: 'rtmp',
        driver: 'text',
        output: { pushUrl: 'rtmp://h/a/canary-push', trtcUserSignature: 'canary-sig' },
      }),
    );
    expect(error.message).toContain('code 100001');
    const cloudTwo = await startCloud({ rest: () => ({ code: 100001, message: 'rtmp://h/a/canary-push' }) });
    const second = await failureOf(
      client(cloudTwo.url).createByAsset({
        assetKey: 'a',
        userId: 'u',
        protocol: 'rtmp',
        driver: 'text',
        output: { pushUrl: 'rtmp://h/a/canary-push' },
      }),
    );
    expect(everything(second)).not.toContain('canary');
    expect(everything(error)).not.toMatch(/canary-(4f|sig)|signature=abc/);
  });
});
