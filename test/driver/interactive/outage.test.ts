import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { EndpointDriver } from '../../../src/driver/index.js';
import { CommandChannel } from '../../../src/driver/interactive/channel.js';
import { defaultSessionTimes } from '../../../src/driver/interactive/session-options.js';
import { Signer } from '../../../src/driver/interactive/signer.js';
import { MediaSession } from '../../../src/media/session.js';
import { Player } from '../../../src/player/player.js';
import { NullSink } from '../../../src/sinks/null-sink.js';
import type { Span } from '../../../src/sinks/sink.js';
import { writeChannelError } from '../../../src/wire/index.js';
import {
  accessToken,
  appkey,
  closeAll,
  failureOf,
  openSession,
  sessionId,
  startCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, until, VirtualClock } from '../../tools/virtual-clock.js';
import { onStage, reconnect, type Stage } from './stage.js';

afterEach(closeAll);

describe('a server that refuses', () => {
  /** Attempts of one client in 60 s of refusals, by virtual time. */
  async function attemptsIn60s(random: () => number): Promise<number[]> {
    const times: number[] = [];
    let away = false;
    const clock = new VirtualClock();
    const cloud = await startCloud({
      rest: () => (away ? 'destroy' : undefined),
      upgrade: () => {
        if (!away) return undefined;
        times.push(clock.now());
        return 'destroy';
      },
    });
    const session = await openSession(cloud, { environment: { clock, random } });
    away = true;
    cloud.cut();
    await advanceUntil(clock, () => clock.now() >= 60_000, 10_000);
    away = false;
    await session.close();
    return times;
  }

  it('for 60 s sees 8 to 30 attempts', async () => {
    for (let run = 0; run < 5; run++) {
      const times = await attemptsIn60s(Math.random);
      expect(times.length).toBeGreaterThanOrEqual(8);
      expect(times.length).toBeLessThanOrEqual(30);
    }
  });

  it('for 60 s costs at most 5 % of a processor, our scripted server included', async () => {
    const before = process.cpuUsage();
    await attemptsIn60s(Math.random);
    const { user, system } = process.cpuUsage(before);
    // Processor time of everything that the minute needed, in µs; how fast the test went does not matter.
    expect(user + system).toBeLessThan(0.05 * 60e6);
  });

  it('does not stop the face, which moves on', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await until(() => server.listening);
    const { port } = server.address() as { port: number };
    const driver = new EndpointDriver({
      ...{ url: `ws://127.0.0.1:${port}`, appkey, accessToken, projectId: 'p' },
      timeouts: { connectMs: 600 },
    });
    const session = new MediaSession({ sampleRate: 24_000 });
    const faces = new Set<string>();
    class Watch extends NullSink {
      override write(span: Span): void {
        super.write(span);
        faces.add(span.weights.join(' '));
      }
    }
    const player = new Player({ session, sinks: [new Watch()], pace: 'realtime' });
    await player.start();
    expect((await failureOf(driver.text('x', { media: session }).done)).code).toBe('ERR_CONNECT_FAILED');
    await until(() => faces.size > 3);
    await player.stop();
    session.close();
    await driver.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is not met by 50 clients at the same moments', async () => {
    let state = 11;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 4294967296;
    };
    const clients: Set<number>[] = [];
    for (let client = 0; client < 50; client++) {
      clients.push(new Set((await attemptsIn60s(random)).map((at) => Math.floor(at / 10))));
    }
    let worst = 0;
    clients.forEach((one, index) => {
      for (const other of clients.slice(index + 1)) {
        worst = Math.max(worst, [...one].filter((bin) => other.has(bin)).length);
      }
    });
    expect(worst).toBeLessThanOrEqual(3);
  }, 60_000);

  it('is given up after a time, with the session', async () => {
    const { cloud, session, clock, log } = await onStage({
      upgrade: (attempt) => (attempt > 1 ? { status: 503 } : undefined),
    });
    cloud.cut();
    await until(() => log.length > 0);
    const began = clock.now();
    await advanceUntil(clock, () => session.isClosed, 10_000);
    expect(clock.now() - began).toBeGreaterThan(580_000);
    expect(clock.now() - began).toBeLessThanOrEqual(600_000);
    await session.close();
    expect(log.at(-1)).toBe('closed ERR_CLOUD_UNAVAILABLE');
    expect(cloud.count('close')).toBe(1);
  });
});

describe('a link on which nothing arrives', () => {
  it('is noticed within 35 s, and opened again', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        const key = /sec-websocket-key: (\S+)/i.exec(data.toString('latin1'))![1];
        const accept = createHash('sha1')
          .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await until(() => server.listening);
    const { port } = server.address() as { port: number };
    const clock = new VirtualClock();
    const downs: string[] = [];
    const channel = new CommandChannel({
      url: `ws://127.0.0.1:${port}`,
      sessionId,
      signer: new Signer({
        appkey,
        accessToken,
        language: undefined,
        correctClock: true,
        wallNow: Date.now,
        onCorrected: () => undefined,
      }),
      times: defaultSessionTimes,
      clock,
      random: () => 0.5,
      secrets: () => [accessToken],
      check: () => Promise.resolve(undefined),
      start: () => Promise.resolve(),
      onOpen: () => undefined,
      onMessage: () => undefined,
      onDown: (error) => downs.push(error.received ?? ''),
      onEnded: () => undefined,
    });
    await channel.open();
    await advanceUntil(clock, () => downs.length > 0, 1000);
    expect(downs).toEqual(['no answer to 2 pings']);
    expect(clock.now()).toBeLessThanOrEqual(35_000);
    await advanceUntil(clock, () => channel.reconnects === 1 && channel.isOpen, 100);
    for (const socket of sockets) socket.destroy();
    await channel.close();
    expect(clock.timers).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('heartbeats', () => {
  const hour = 3_600_000;
  /** A cloud that closes the session after 10 minutes without a heartbeat, on the same virtual clock. */
  async function idleCloud(
    hearing: boolean,
  ): Promise<Stage & { readonly beats: number[]; readonly closedAt: () => number | undefined }> {
    const beats: number[] = [];
    let closedAt: number | undefined;
    let cancel = (): void => undefined;
    const clock = new VirtualClock();
    const cloud = await startCloud({
      command: (command) => {
        if (command.kind !== 'heartbeat') return;
        beats.push(clock.now());
        if (hearing) arm();
      },
    });
    const arm = (): void => {
      cancel();
      cancel = clock.after(600_000, () => {
        closedAt = clock.now();
        const { socket } = cloud.channel;
        socket.send(writeChannelError({ requestId: '', sessionId }, 110013, 'SessionClosed: idle'));
        socket.close(1000);
      });
    };
    const session = await openSession(cloud, { environment: { clock } });
    arm();
    const log: string[] = [];
    session.on('disconnected', () => log.push('disconnected'));
    session.on('closed', (error) => log.push(`closed ${error?.code}`));
    return { cloud, session, clock, log, beats, closedAt: () => closedAt };
  }

  it('keep a session for 24 hours without one break', async () => {
    const { session, clock, log, beats } = await idleCloud(true);
    const began = clock.now();
    while (clock.now() - began < 24 * hour) {
      const before = beats.length;
      await advanceUntil(clock, () => beats.length > before, 5000);
    }
    expect(log).toEqual([]);
    expect(beats.length).toBe((24 * hour) / 45_000);
    expect(session.counters.heartbeats).toBe(beats.length);
    for (let i = 1; i < beats.length; i++) {
      expect(beats[i] - beats[i - 1]).toBeGreaterThan(30_000);
      expect(beats[i] - beats[i - 1]).toBeLessThan(60_000);
    }
  }, 60_000);

  it('that are not heard: the session is closed after 10 minutes, once', async () => {
    const { session, clock, log, closedAt } = await idleCloud(false);
    await advanceUntil(clock, () => session.isClosed, 1000);
    expect(closedAt()! / 1000).toBeCloseTo(600, -1);
    await session.close();
    clock.advance(hour);
    expect(log).toEqual(['closed ERR_SESSION_CLOSED']);
  });

  it('are never closer than 30 s, also over reconnects', async () => {
    const stage = await onStage();
    const { cloud, clock } = stage;
    const beats = (): number => cloud.sent('heartbeat').length;
    await advanceUntil(clock, () => beats() === 1, 1000);
    const first = clock.now();
    await reconnect(stage);
    await advanceUntil(clock, () => beats() === 2, 1000);
    expect(clock.now() - first).toBeGreaterThan(30_000);
    expect(clock.now() - first).toBeLessThan(60_000);
  });
});
