import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../reference/random.js';
import * as interactive from '../tools/interactive-cloud.js';
import { advanceUntil, until, VirtualClock } from '../tools/virtual-clock.js';
import { closeAll, newDriver, sayOnce, startCloud } from './cloud.js';

afterEach(async () => {
  await closeAll();
  await interactive.closeAll();
});

/** The largest number that dice show: every wait is as long as it may be. */
const most = (): number => 0.999_999;
const ceilings = [250, 425, 722.5, 1228.25, 2088.025, 3549.6425, 6034.39225, 10_000, 10_000];

/** A client whose link can be cut; `back` resolves with the wait before its next attempt, in ms of virtual time. */
interface Client {
  readonly clock: VirtualClock;
  readonly cut: () => Promise<void>;
  readonly back: () => Promise<number>;
}

async function endpoint(): Promise<Client> {
  const clock = new VirtualClock();
  let attemptedAt = 0;
  const cloud = await startCloud(sayOnce, {
    refuse: () => {
      attemptedAt = clock.now();
      return undefined;
    },
  });
  const driver = newDriver(cloud.url, { environment: { clock, random: most } });
  await driver.connect();
  return {
    clock,
    cut: async () => {
      for (const socket of cloud.sockets) socket.destroy();
      await until(() => !driver.isConnected);
    },
    back: async () => {
      const began = clock.now();
      void driver.connect();
      await advanceUntil(clock, () => driver.isConnected, 20);
      return attemptedAt - began;
    },
  };
}

async function session(): Promise<Client> {
  const clock = new VirtualClock();
  let attemptedAt = 0;
  let lostAt = 0;
  const cloud = await interactive.startCloud({
    upgrade: () => {
      attemptedAt = clock.now();
      return undefined;
    },
  });
  const client = await interactive.openSession(cloud, { environment: { clock, random: most } });
  client.on('disconnected', () => (lostAt = clock.now()));
  return {
    clock,
    cut: async () => {
      cloud.cut();
      await until(() => !client.isConnected);
    },
    back: async () => {
      await advanceUntil(clock, () => client.isConnected && cloud.channels.size > 0, 20);
      return attemptedAt - lostAt;
    },
  };
}

describe.each([
  ['EndpointDriver', endpoint],
  ['InteractiveSession', session],
])('a link of %s that is lost again and again', (_name, open) => {
  it('is opened after waits that grow to 10 s and no further, and begin anew after 30 s of service', async () => {
    const { clock, cut, back } = await open();
    const waits: number[] = [];
    for (const ceiling of ceilings) {
      // Just too little service to count.
      clock.sleep(29_800);
      await cut();
      const wait = await back();
      waits.push(wait);
      expect(wait).toBeGreaterThanOrEqual(ceiling * 0.999);
      expect(wait).toBeLessThanOrEqual(ceiling + 100);
    }
    clock.sleep(30_000);
    await cut();
    expect(await back()).toBeLessThanOrEqual(250 + 100);
  });
});

describe('a session against a far cloud', () => {
  it('waits as long as reconnectCapMs allows, and keeps to giveUpMs', async () => {
    const clock = new VirtualClock();
    const wallNow = (): number => 1_800_000_000_000 + clock.now();
    const attempts: number[] = [];
    let away = false;
    const cloud = await interactive.startCloud({
      nowMs: wallNow,
      rest: () => (away ? 'destroy' : undefined),
      upgrade: () => {
        if (!away) return undefined;
        attempts.push(clock.now());
        return 'destroy';
      },
    });
    const client = await interactive.openSession(cloud, {
      environment: { clock, wallNow, random: most },
      timeouts: { reconnectCapMs: 30_000, giveUpMs: 300_000 },
    });
    let ended: unknown;
    client.on('closed', (error) => (ended = error));
    clock.sleep(30_000);
    away = true;
    const lostAt = clock.now();
    cloud.cut();
    await advanceUntil(clock, () => ended !== undefined, 50);
    const endedAt = clock.now();
    away = false;
    let closed = false;
    void client.close().finally(() => (closed = true));
    await advanceUntil(clock, () => closed);
    expect(ended).toMatchObject({ code: 'ERR_CONNECT_FAILED' });
    expect(endedAt - lostAt).toBeLessThanOrEqual(300_000);
    const waits = attempts.slice(1).map((at, index) => at - attempts[index]);
    expect(Math.max(...waits)).toBeGreaterThan(29_900);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_100);
    // Every attempt in another second is signed anew.
    expect(new Set(cloud.upgrades).size).toBeGreaterThan(attempts.length - 3);
  });
});

describe('200 clients that lose one server at the same moment', () => {
  it('bring at most a fifth of their attempts into any quarter of a second, and all come back', async () => {
    const clock = new VirtualClock();
    const dice = new Random(200);
    let away = false;
    const attempts: number[] = [];
    const cloud = await startCloud(sayOnce, {
      refuse: () => {
        if (!away) return undefined;
        attempts.push(clock.now());
        return 503;
      },
    });
    const drivers = Array.from({ length: 200 }, () =>
      newDriver(cloud.url, {
        environment: { clock, random: () => dice.next() },
        timeouts: { connectMs: 60_000 },
      }),
    );
    await Promise.all(drivers.map((driver) => driver.connect()));
    clock.sleep(30_000);
    away = true;
    const lostAt = clock.now();
    for (const socket of cloud.sockets) socket.destroy();
    await until(() => drivers.every((driver) => !driver.isConnected));
    const back = Promise.all(drivers.map((driver) => driver.connect()));
    await advanceUntil(clock, () => clock.now() >= lostAt + 10_000, 5);
    away = false;
    await advanceUntil(clock, () => drivers.every((driver) => driver.isConnected), 50);
    await back;
    const quarters = new Map<number, number>();
    for (const at of attempts) {
      const quarter = Math.floor((at - lostAt) / 250);
      quarters.set(quarter, (quarters.get(quarter) ?? 0) + 1);
    }
    expect(attempts.length).toBeGreaterThan(200 * 5);
    expect(Math.max(...quarters.values())).toBeLessThanOrEqual(attempts.length / 5);
  });
});
