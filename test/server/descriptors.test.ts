import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import type { FacewireError } from '../../src/errors.js';
import { DescriptorGuard } from '../../src/server/descriptor-guard.js';
import type { CloudConnection } from '../../src/server/local-cloud.js';
import { descendants, hasProc, Home } from '../cli/run.js';
import { describeWith } from '../tools.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { refusedUpgrade, signedUrl, TestClient, type Refused } from './client.js';
import { ChannelClient, of, paths, ready } from './interactive/client.js';

const home = new Home();
afterAll(() => home.remove());

/** Opens connections that ask for nothing, more than the server may have files. */
class Crowd {
  readonly #sockets: Socket[] = [];
  #closed = 0;
  #wake: () => void = () => undefined;

  constructor(url: string, count: number) {
    const { hostname, port } = new URL(url);
    for (let i = 0; i < count; i++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#closed += 1;
        this.#wake();
      });
      this.#sockets.push(socket);
    }
  }

  /** Resolves when the server has closed so many of them. */
  async closed(count: number): Promise<void> {
    while (this.#closed < count) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async leave(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.closed(this.#sockets.length);
  }
}

/** Tries until the server says why it refuses: a few at a time are told, others only closed. */
async function refusal(url: string): Promise<Refused> {
  for (;;) {
    const answer = await refusedUpgrade(url).catch((error: NodeJS.ErrnoException) => error);
    if (!(answer instanceof Error)) return answer;
    if (answer.code !== 'ECONNRESET') throw answer;
  }
}

/** Tries, as any client does that was told to come again, until there is room. */
async function untilAdmitted<T>(tryOnce: () => Promise<T>): Promise<T> {
  for (;;) {
    const done = await tryOnce().catch(() => undefined);
    if (done !== undefined) return done;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describeWith(['ffmpeg'], 'a server that may open 64 files', () => {
  it.runIf(hasProc)('refuses what is too much, goes on with what it has, and takes more later', async () => {
    const serving = home.start(
      ['serve', '--port', '0', '--json', '--size', '160x90', '--fps', '10', '--sessions', '4'],
      {},
      64,
    );
    await serving.until(({ stdout }) => stdout.includes('\n'));
    const served = JSON.parse(serving.stdout) as Omit<CloudConnection, 'accessToken'> & { secrets: string };
    const { accessToken } = JSON.parse(readFileSync(served.secrets, 'utf8')) as { accessToken: string };
    const connection = { ...served, accessToken };
    const client = await TestClient.connect(connection);
    expect((await client.text('Before.')).at(-1)?.Header.Code).toBe(0);
    const session = await ready(connection);
    const channel = await ChannelClient.connect(connection, session.id);

    const crowd = new Crowd(connection.url, 100);
    // With the server itself, its voice and the session there is no room for 30.
    await crowd.closed(70);
    expect(await refusal(signedUrl(connection))).toMatchObject({
      status: 503,
      body: { Header: { Code: 100008, Message: expect.stringMatching(/file descriptors/) as string } },
    });
    // What runs goes on, also when it needs another encoder.
    const encoders = (): number[] =>
      descendants(serving.pid)
        .filter(({ command }) => command.startsWith('ffmpeg'))
        .map(({ pid }) => pid);
    const before = encoders();
    expect(before).toHaveLength(2);
    process.kill(before[0], 'SIGKILL');
    expect((await client.text('Meanwhile.')).at(-1)?.Header.Code).toBe(0);
    const drive = channel.text('And here.');
    await channel.has(drive, 'TextOver');
    while (encoders().length !== 2 || encoders().includes(before[0]))
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(serving.child.exitCode).toBeNull();

    await crowd.leave();
    const closing = await untilAdmitted(() => of(connection, paths.close, session.id));
    expect(closing.Header.Code).toBe(0);
    await channel.closed;
    const newcomer = await untilAdmitted(() => TestClient.connect(connection));
    expect((await newcomer.text('New.')).at(-1)?.Header.Code).toBe(0);
    await newcomer.close();
    const { id } = await untilAdmitted(() => ready(connection));
    const again = await ChannelClient.connect(connection, id);
    await again.has(again.text('Again.'), 'TextOver');
    await client.close();
    serving.pressCtrlC();
    const { code, stderr } = await serving.finished;
    expect(code).toBe(0);
    // Told once, however often it was.
    expect(stderr.match(/ERR_DESCRIPTORS_EXHAUSTED/g)).toHaveLength(1);
    expect(stderr).not.toContain(accessToken);
  });
});

describe('the guard of a server', () => {
  it('tells the same trouble once a minute, and counts it', () => {
    const clock = new VirtualClock();
    const told: FacewireError[] = [];
    const http = createServer();
    const guard = new DescriptorGuard(http, (error) => told.push(error), clock);
    const fail = (code: string): boolean => http.emit('error', Object.assign(new Error(code), { code }));
    fail('EMFILE');
    fail('ENFILE');
    fail('EADDRINUSE');
    clock.advance(59_000);
    fail('EMFILE');
    expect(told).toHaveLength(1);
    clock.advance(1000);
    fail('EMFILE');
    expect(guard.refused).toBe(4);
    expect(told.map(({ code, message }) => [code, /\d+ so far/.exec(message)?.[0]])).toEqual([
      ['ERR_DESCRIPTORS_EXHAUSTED', '1 so far'],
      ['ERR_DESCRIPTORS_EXHAUSTED', '4 so far'],
    ]);
  });
});
