import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { EndpointDriver, type Drive } from '../../src/driver/index.js';
import type { FacewireError } from '../../src/errors.js';
import { maxFrameBytes, writeErrorFrame } from '../../src/wire/index.js';
import {
  accessToken,
  appkey,
  closeAll,
  newDriver,
  projectId,
  ramp,
  sayOnce,
  startCloud,
  startRawCloud,
} from './cloud.js';

afterEach(closeAll);

const failureOf = (drive: Drive): Promise<FacewireError> =>
  drive.done.then(
    () => {
      throw new Error('the drive should have failed');
    },
    (error: FacewireError) => error,
  );

/** A text frame of the server, unmasked, with any length in its header. */
function frameHead(length: number, opcode = 0x81): Buffer {
  const head = Buffer.alloc(10);
  head[0] = opcode;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Reads every event. */
async function all(drive: AsyncIterable<unknown>): Promise<void> {
  for await (const event of drive) void event;
}

describe('the key', () => {
  it('is given up after two refusals', async () => {
    const cloud = await startCloud(sayOnce);
    const error = await failureOf(newDriver(cloud.url, { accessToken: 'wrong' }).text('x'));
    expect(error.code).toBe('ERR_AUTH_REJECTED');
    expect(cloud.queries).toHaveLength(2);
  });

  it('that was refused once by chance works with a fresh signature', async () => {
    const cloud = await startCloud(sayOnce, { refuse: (attempt) => (attempt === 1 ? 401 : undefined) });
    await newDriver(cloud.url).text('x').done;
    expect(new Set(cloud.queries).size).toBe(2);
  });
});

describe('a clock that is ten minutes off', () => {
  const ahead = { nowMs: () => Date.now() + 600_000 };

  it('is corrected once from the Date of the refusal', async () => {
    const cloud = await startCloud(sayOnce, ahead);
    const driver = newDriver(cloud.url);
    const codes: string[] = [];
    for await (const event of driver.text('x')) if (event.type === 'warning') codes.push(event.code);
    expect(codes).toEqual(['clock-corrected']);
    expect(cloud.queries).toHaveLength(2);
    // A later connection knows it already.
    for (const socket of cloud.sockets) socket.destroy();
    while (driver.isConnected) await new Promise((resolve) => setImmediate(resolve));
    await driver.text('y').done;
    expect(cloud.queries).toHaveLength(3);
  });

  it('is told by the first drive when it was corrected before any', async () => {
    const cloud = await startCloud(sayOnce, ahead);
    const driver = newDriver(cloud.url);
    await driver.connect();
    const codes: string[] = [];
    for await (const event of driver.text('x')) if (event.type === 'warning') codes.push(event.code);
    expect(codes).toEqual(['clock-corrected']);
  });

  it('is an error of its own when it may not be corrected', async () => {
    const cloud = await startCloud(sayOnce, { nowMs: () => 1_700_000_600_000 });
    const error = await failureOf(
      newDriver(cloud.url, { correctClock: false, environment: { now: () => 1_700_000_000_000 } }).text('x'),
    );
    expect(error).toMatchObject({ code: 'ERR_CLOCK_SKEW', received: '600 s' });
    expect(error.remedy).toMatch(/clock/);
    expect(cloud.queries).toHaveLength(1);
  });

  it('is an error of its own when the correction does not help', async () => {
    let calls = 0;
    const cloud = await startCloud(sayOnce, { nowMs: () => Date.now() + ++calls * 1_000_000 });
    expect((await failureOf(newDriver(cloud.url).text('x'))).code).toBe('ERR_CLOCK_SKEW');
  });

  it('counts as a refusal when the server does not tell its time', async () => {
    const cloud = await startCloud(sayOnce, { ...ahead, date: false });
    expect((await failureOf(newDriver(cloud.url).text('x'))).code).toBe('ERR_AUTH_REJECTED');
  });
});

describe('a server that cannot be reached', () => {
  it('is tried again until the time is up', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const driver = newDriver(`ws://127.0.0.1:${port}`, {
      timeouts: { connectMs: 1 },
      environment: { random: () => 0.9 },
    });
    const error = await failureOf(driver.text('x'));
    expect(error).toMatchObject({ code: 'ERR_CONNECT_FAILED', received: 'ECONNREFUSED' });
  });

  it('is found again when it comes back within the time', async () => {
    const cloud = await startCloud(sayOnce, { refuse: (attempt) => (attempt <= 3 ? 503 : undefined) });
    const driver = newDriver(cloud.url, { environment: { random: () => 0.01 } });
    await expect(driver.text('x').done).resolves.toMatchObject({ ended: 'final' });
    expect(cloud.queries).toHaveLength(4);
    // Every attempt has a signature of its own, because requestid is fresh.
    expect(new Set(cloud.queries).size).toBe(4);
  });

  it.each([404, 302])('is not tried again after HTTP %i', async (status) => {
    const cloud = await startCloud(sayOnce, { refuse: () => status });
    expect((await failureOf(newDriver(cloud.url).text('x'))).code).toBe('ERR_CONNECT_FAILED');
    expect(cloud.queries).toHaveLength(1);
  });

  it('that answers with a header of a megabyte is cut off', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nX: ${'x'.repeat(1 << 20)}\r\n`);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const driver = newDriver(`ws://127.0.0.1:${port}`, { timeouts: { connectMs: 1 } });
    expect((await failureOf(driver.text('x'))).code).toBe('ERR_CONNECT_FAILED');
    server.close();
  });

  it('that accepts and never answers the handshake gives a timeout', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const driver = newDriver(`ws://127.0.0.1:${port}`, {
      timeouts: { handshakeMs: 30, connectMs: 1 },
      environment: { random: () => 0.9 },
    });
    expect((await failureOf(driver.text('x'))).code).toBe('ERR_TIMEOUT');
    server.close();
  });
});

describe('a server that goes wrong in the middle of a drive', () => {
  it('and resets the connection fails the drive, and the next one reconnects', async () => {
    const cloud = await startCloud((request, client) => {
      if (request.text !== 'first') return sayOnce(request, client);
      client.speech(request, { clause: 1, pcm: ramp(0.1) });
      setImmediate(() => client.socket.terminate());
    });
    const driver = newDriver(cloud.url, { environment: { random: () => 0 } });
    const first = driver.text('first');
    const types: string[] = [];
    await expect(
      (async () => {
        for await (const event of first) types.push(event.type);
      })(),
    ).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(types).toEqual(['speech']);
    await expect(driver.text('second').done).resolves.toMatchObject({ ended: 'final' });
    expect(cloud.queries).toHaveLength(2);
  });

  it('and closes the session gives one error with code and reason, and is not asked again', async () => {
    const cloud = await startCloud((_request, { socket }) =>
      socket.close(4001, 'session closed by its owner'),
    );
    const driver = newDriver(cloud.url, { environment: { random: () => 0 } });
    const drive = driver.text('x');
    const errors: unknown[] = [];
    for (const promise of [drive.done, all(drive)])
      await promise.catch((thrown: unknown) => errors.push(thrown));
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      remoteCode: 4001,
      received: 'close 4001 (session closed by its owner)',
    });
    await driver.close();
    expect(cloud.queries).toHaveLength(1);
  });

  it('and closes with a reason says so', async () => {
    const cloud = await startCloud((_request, { socket }) => socket.close(1012, 'service restart'));
    const error = await failureOf(newDriver(cloud.url).text('x'));
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', remoteCode: 1012 });
    expect(error.message).toContain('service restart');
  });

  it('and sends half a frame and then nothing times out', async () => {
    const { url } = await startRawCloud((socket) =>
      socket.write(Buffer.concat([frameHead(5000), Buffer.alloc(100, 0x20)])),
    );
    const driver = newDriver(url, { timeouts: { firstMessageMs: 50 } });
    expect((await failureOf(driver.text('x'))).code).toBe('ERR_TIMEOUT');
    expect(driver.isConnected).toBe(false);
  });

  it('and falls silent between messages times out', async () => {
    const cloud = await startCloud((request, { speech }) => speech(request, { clause: 1 }));
    const error = await failureOf(newDriver(cloud.url, { timeouts: { betweenMessagesMs: 40 } }).text('x'));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', expected: 'another message within 40 ms' });
  });

  it('and announces a frame over the limit is cut off before it is read', async () => {
    const { url } = await startRawCloud((socket) => socket.write(frameHead(maxFrameBytes + 1)));
    expect((await failureOf(newDriver(url).text('x'))).code).toBe('ERR_MESSAGE_TOO_LARGE');
  });

  it.each([
    ['invalid UTF-8', Buffer.from([0x81, 2, 0xc3, 0x28])],
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])],
    ['a reserved bit', Buffer.from([0xc1, 1, 0x20])],
    ['a reserved opcode', Buffer.from([0x83, 0])],
    ['a continuation of nothing', Buffer.from([0x80, 0])],
  ])('and sends %s is told so', async (_name, bytes) => {
    const { url } = await startRawCloud((socket) => socket.write(bytes));
    expect((await failureOf(newDriver(url).text('x'))).code).toBe('ERR_WIRE_MALFORMED');
  });

  it.each<[string, (socket: Socket) => void, number]>([
    ['closes without a word', (socket) => socket.write(Buffer.from([0x88, 0])), 1005],
    [
      'resets between the two bytes of a header',
      (socket) => socket.write(Buffer.from([0x81]), () => socket.resetAndDestroy()),
      1006,
    ],
  ])('and %s has lost the connection', async (_name, misbehave, remoteCode) => {
    const { url } = await startRawCloud(misbehave);
    const error = await failureOf(newDriver(url).text('x'));
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', remoteCode });
  });

  it('and floods with tiny fragments is cut off', async () => {
    const { url } = await startRawCloud((socket) => {
      const flood = Buffer.concat([
        Buffer.from([0x01, 1, 0x20]),
        ...Array.from({ length: 3000 }, () => Buffer.from([0x00, 1, 0x20])),
      ]);
      socket.write(flood);
    });
    const error = await failureOf(newDriver(url).text('x'));
    expect(['ERR_WIRE_MALFORMED', 'ERR_MESSAGE_TOO_LARGE']).toContain(error.code);
  });

  it('and no longer answers pings is given up', async () => {
    const { url } = await startRawCloud(() => undefined);
    const error = await failureOf(newDriver(url, { timeouts: { pingMs: 20 } }).text('x'));
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', received: 'no answer to 2 pings' });
  });
});

describe('the caller', () => {
  it('aborts before anything is sent', async () => {
    const cloud = await startCloud(sayOnce);
    const drive = newDriver(cloud.url).text('x', { signal: AbortSignal.abort(new Error('changed my mind')) });
    expect(await failureOf(drive)).toMatchObject({
      code: 'ERR_INTERRUPTED',
      cause: new Error('changed my mind'),
    });
    expect(cloud.queries).toHaveLength(0);
  });

  it('aborts a drive that runs', async () => {
    const cloud = await startCloud(() => undefined);
    const abort = new AbortController();
    const drive = newDriver(cloud.url).chat('x', { signal: abort.signal });
    await cloud.waitForRequests(1);
    abort.abort();
    expect((await failureOf(drive)).code).toBe('ERR_INTERRUPTED');
    await cloud.waitForRequests(2);
  });

  it('closes the driver while a drive runs, and cannot use it afterwards', async () => {
    const cloud = await startCloud(() => undefined);
    const driver = newDriver(cloud.url);
    const drive = driver.text('x');
    await cloud.waitForRequests(1);
    await driver.close();
    await driver.close();
    expect((await failureOf(drive)).code).toBe('ERR_INTERRUPTED');
    expect(() => driver.text('y')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
    await expect(driver.connect()).rejects.toMatchObject({ code: 'ERR_STATE' });
  });

  it('closes the driver between two attempts', async () => {
    const cloud = await startCloud(sayOnce, { refuse: () => 503 });
    const driver = newDriver(cloud.url, {
      timeouts: { connectMs: 3_600_000 },
      environment: { random: () => 0.99 },
    });
    const connecting = driver.connect();
    while (cloud.queries.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([driver.close(), expect(connecting).rejects.toMatchObject({ code: 'ERR_STATE' })]);
  });

  it('gets no unhandled rejection from a drive that nobody looks at', async () => {
    const seen: unknown[] = [];
    const note = (reason: unknown): void => void seen.push(reason);
    process.on('unhandledRejection', note);
    const cloud = await startCloud((request, { socket }) => socket.send(writeErrorFrame(request, -1, 'no')));
    const driver = newDriver(cloud.url);
    driver.text('x');
    while (driver.active !== undefined) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', note);
    expect(seen).toEqual([]);
  });

  it.each([
    { appkey: '' },
    { appkey: 'with blank' },
    { accessToken: '' },
    { projectId: '' },
    { url: 'http://user:pass@host' },
    { url: 'ws://host/?signature=1' },
    { url: 'ftp://host' },
    { url: 'nonsense' },
    { timeouts: { pingMs: 0 } },
    { timeouts: { typo: 1 } },
    { maxQueuedEvents: 0 },
  ])('is told which option is wrong: %j', (option) => {
    const options = { url: 'ws://127.0.0.1:1', appkey, accessToken, projectId, ...option };
    expect(() => new EndpointDriver(options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    );
  });
});

describe('the access token', () => {
  it('is in no error, event or inspection, even when the server echoes it', async () => {
    const texts: string[] = [];
    const show = (value: unknown): void => {
      texts.push(inspect(value, { depth: 12, showHidden: true }), JSON.stringify(value) ?? '', String(value));
    };
    const refusing = await startCloud(sayOnce, { refuse: () => 401 });
    show(await failureOf(newDriver(refusing.url).text('x')));
    const echo = await startCloud((request, { socket }) => {
      if (request.text === 'close') socket.close(1008, `bad ${accessToken}`);
      else socket.send(writeErrorFrame(request, 100005, `?appkey=a&signature=abc${accessToken}`));
    });
    const driver = newDriver(echo.url);
    const drive = driver.text('x');
    show(await failureOf(drive));
    show(await failureOf(driver.text('close')));
    show(driver);
    show(drive);
    const gone = newDriver('ws://127.0.0.1:1', {
      timeouts: { connectMs: 1 },
      environment: { random: () => 0.9 },
    });
    show(await failureOf(gone.text('x')));
    const signatures = [...refusing.queries, ...echo.queries].map((query) =>
      decodeURIComponent(query.split('signature=')[1]),
    );
    expect(signatures.length).toBeGreaterThan(2);
    for (const text of texts) {
      expect(text).not.toContain('canary');
      for (const signature of signatures) expect(text).not.toContain(signature);
    }
  });
});
