import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';

import { Delivery } from '../../src/sinks/rtmp/delivery.js';
import { readQueue, unconfirmedBytes } from '../../src/sinks/rtmp/kernel-queue.js';
import { StallWatch, type Question } from '../../src/sinks/rtmp/stall-watch.js';
import { VirtualClock } from '../tools/virtual-clock.js';

const perSecond = 320_000;
const stallMs = 3000;

/** A connection that the test plays: bytes are written in steps of 40 ms and what becomes of them is up to it. */
class Line {
  readonly clock = new VirtualClock();
  readonly delivery = new Delivery(perSecond, 16_384);
  readonly stalls: number[] = [];
  readonly asked: Question[] = [];
  unconfirmed: number | undefined;
  readonly watch = new StallWatch(
    this.clock,
    stallMs,
    this.delivery,
    (question) => this.asked.push(question),
    () => Promise.resolve(this.unconfirmed),
    () => this.stalls.push(this.clock.now()),
  );

  /** @param each called after the bytes of each step were written. */
  async run(ms: number, each: (bytes: number) => void): Promise<void> {
    for (let passed = 0; passed < ms && this.stalls.length === 0; passed += 40) {
      const bytes = (perSecond * 40) / 1000;
      this.delivery.wrote(bytes);
      each(bytes);
      this.clock.advance(40);
      // Answers of the kernel are promises.
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  }

  readonly take = (bytes: number): void => {
    this.delivery.taken(bytes);
    this.watch.moved();
  };

  readonly confirm = (bytes: number): void => {
    this.take(bytes);
    this.delivery.receipt(this.delivery.written);
    this.watch.receipted();
  };
}

async function noticed(
  line: Line,
  well: (bytes: number) => void,
  ill: (bytes: number) => void,
): Promise<number> {
  line.watch.start();
  await line.run(10_000, well);
  expect(line.stalls).toEqual([]);
  const since = line.clock.now();
  await line.run(60_000, ill);
  line.watch.stop();
  return (line.stalls[0] ?? NaN) - since;
}

describe('StallWatch', () => {
  it('misses receipts that came before', async () => {
    const line = new Line();
    const ms = await noticed(line, line.confirm, line.take);
    expect(ms).toBeGreaterThan(stallMs);
    expect(ms).toBeLessThanOrEqual(stallMs + 700);
  });

  it.each(['ping', 'command'] as const)(
    'misses the answers to its questions when each %s was answered',
    async (kind) => {
      const line = new Line();
      let seen = 0;
      const answer = (bytes: number): void => {
        line.take(bytes);
        for (; seen < line.asked.length; seen++) if (line.asked[seen] === kind) line.watch.answered(kind);
      };
      const ms = await noticed(line, answer, line.take);
      expect(ms).toBeGreaterThan(stallMs);
      expect(ms).toBeLessThanOrEqual(stallMs + 1500);
      expect(line.asked.filter((each) => each === kind).length).toBeGreaterThan(6);
      // Commands are for those who leave a ping alone.
      expect(line.asked.filter((each) => each !== kind)).toEqual(kind === 'ping' ? [] : ['ping']);
    },
  );

  it('goes back to pings when one is answered late, and expects no answer to a command then', async () => {
    const line = new Line();
    line.watch.start();
    await line.run(2000, line.take);
    expect(line.asked).toEqual(['ping', 'command']);
    line.watch.answered('ping');
    let seen = line.asked.length;
    await line.run(10_000, (bytes) => {
      line.take(bytes);
      for (; seen < line.asked.length; seen++) line.watch.answered('ping');
    });
    line.watch.stop();
    expect(line.stalls).toEqual([]);
    expect(new Set(line.asked.slice(2))).toEqual(new Set(['ping']));
  });

  it('sees that the socket takes nothing more', async () => {
    const line = new Line();
    const ms = await noticed(line, line.take, () => undefined);
    expect(ms).toBeGreaterThan(stallMs);
    expect(ms).toBeLessThanOrEqual(stallMs + 500);
    // Nobody answered the first of each.
    expect(line.asked).toEqual(['ping', 'command']);
  });

  it('sees that nothing arrives, when the kernel tells', async () => {
    const line = new Line();
    line.unconfirmed = 0;
    const ms = await noticed(line, line.take, (bytes) => {
      line.take(bytes);
      line.unconfirmed = (line.unconfirmed ?? 0) + bytes;
    });
    expect(ms).toBeGreaterThan(stallMs - 250);
    expect(ms).toBeLessThanOrEqual(stallMs + 500);
  });

  it('does not mind bytes on a long way, nor a kernel that tells nothing', async () => {
    for (const unconfirmed of [200_000, undefined]) {
      const line = new Line();
      line.unconfirmed = unconfirmed;
      line.watch.start();
      await line.run(60_000, line.take);
      line.watch.stop();
      expect(line.stalls).toEqual([]);
    }
  });

  it('believes no interval of receipts before it has seen it', async () => {
    const line = new Line();
    line.watch.start();
    // Every 2.5 MB, whatever was asked for: one in 8 s.
    let told = 0;
    await line.run(120_000, (bytes) => {
      line.take(bytes);
      if (line.delivery.written - told >= 2_500_000) {
        told = line.delivery.written;
        line.delivery.receipt(told);
        line.watch.receipted();
      }
    });
    line.watch.stop();
    expect(line.stalls).toEqual([]);
    expect(line.delivery.hasReceipts).toBe(true);
  });

  it('forgives what happened while our own machine stood still', async () => {
    const line = new Line();
    line.watch.start();
    await line.run(10_000, line.confirm);
    line.delivery.wrote(100_000);
    line.clock.sleep(3_600_000);
    line.clock.advance(0);
    await line.run(2000, line.take);
    await line.run(10_000, line.confirm);
    line.watch.stop();
    expect(line.stalls).toEqual([]);
  });
});

describe('Delivery', () => {
  it('follows receipts whose count wraps, and ignores those that cannot be', () => {
    const delivery = new Delivery(1e6, 16_384);
    delivery.wrote(2 ** 32 + 500);
    delivery.receipt(2 ** 31);
    delivery.receipt(100);
    expect(delivery.confirmed).toBe(2 ** 32 + 100);
    delivery.receipt(600);
    expect(delivery.confirmed).toBe(2 ** 32 + 100);
  });

  it('knows the oldest tag that cannot have arrived', () => {
    const delivery = new Delivery(1e6, 1000);
    const write = (from: number, to: number): void => {
      for (let tag = from; tag < to; tag++) {
        delivery.wrote(500);
        delivery.endTag(tag);
      }
    };
    write(0, 400);
    expect(delivery.oldestAt).toBe(0);
    expect(delivery.hasRoom).toBe(false);
    delivery.taken(300 * 500);
    expect(delivery.oldestAt).toBe(300);
    delivery.taken(100 * 500);
    expect(delivery.oldestAt).toBeUndefined();
    expect(delivery.hasRoom).toBe(true);
    // Receipts say more than our own kernel; the bytes of one interval are uncertain.
    delivery.receipt(398 * 500);
    delivery.receipt(400 * 500);
    write(400, 2000);
    delivery.taken(1600 * 500);
    expect(delivery.oldestAt).toBe(402);
    expect(delivery.hasRoom).toBe(false);
    delivery.receipt(402 * 500);
    expect(delivery.oldestAt).toBe(404);
    delivery.receipt(2000 * 500);
    expect(delivery.oldestAt).toBeUndefined();
    expect(delivery.hasRoom).toBe(true);
  });
});

describe('the send queue of the kernel', () => {
  it('is read from the table of connections', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0',
      '   1: 0100007F:1F90 0100007F:0051 01 00000000:0000FFFF 00:00000000 00000000     0',
      '   2: 0100007F:0051 0100007F:1F90 01 0001E240:00000000 01:00000014 00000000     0',
      '   3: 0100007F:0051 0100007F:1F91 06 00000003:00000000 00:00000000 00000000     0',
    ].join('\n');
    expect(readQueue(table, 0x51, 0x1f90)).toBe(123_456);
    expect(readQueue(table, 0x1f90, 0x51)).toBe(0);
    expect(readQueue(table, 0x51, 0x1f91)).toBeUndefined();
    expect(readQueue(table, 0x1f90, 0)).toBeUndefined();
    expect(readQueue('', 1, 2)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('grows when the other end does not read', async () => {
    const server = createServer((peer) => peer.pause().on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    expect(await unconfirmedBytes(socket)).toBe(0);
    let unconfirmed: number | undefined = 0;
    while (unconfirmed === 0) {
      socket.write(Buffer.alloc(65_536));
      unconfirmed = await unconfirmedBytes(socket);
    }
    expect(unconfirmed).toBeGreaterThan(0);
    socket.resetAndDestroy();
    server.close();
    expect(await unconfirmedBytes(socket)).toBeUndefined();
  });
});
