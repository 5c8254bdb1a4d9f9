/** Clients that do what they must not, in a process of their own, until they are told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { CloudConnection } from '../../src/server/local-cloud.js';
import { badMessages, longText } from '../server/bad-messages.js';
import { refusedUpgrade, signedUrl, TestClient } from '../server/client.js';

export interface Attack {
  readonly kind: keyof typeof attacks;
  readonly connection: CloudConnection;
}

/** Row 10: too large, too deep, no text, without end, and no UTF-8, each over a connection of its own. */
async function malformed(connection: CloudConnection): Promise<void> {
  for (const send of Object.values(badMessages)) {
    const bad = await TestClient.connect(connection);
    send(bad.socket);
    await bad.closed;
    await sleep(20);
  }
}

/** Row 31: asks for minutes of speech and reads nothing of it. */
async function notReading(connection: CloudConnection): Promise<void> {
  const stuck = await TestClient.connect(connection);
  stuck.socket.pause();
  stuck.send({ DriverType: 'TEXT', InputText: longText });
  await sleep(10_000);
  stuck.socket.terminate();
}

/** Row 33: more messages than the quota, and then more connections. */
async function overQuota(connection: CloudConnection): Promise<void> {
  const flood = await TestClient.connect(connection);
  for (let i = 0; i < 3000; i++) flood.socket.send('{"Header":{},"Payload":{}}');
  await flood.closed;
  const full: TestClient[] = [];
  try {
    for (;;) full.push(await TestClient.connect(connection));
  } catch {
    for (let i = 0; i < 20; i++) await refusedUpgrade(signedUrl(connection));
  }
  for (const client of full) client.socket.terminate();
  await sleep(500);
}

const attacks = { malformed, notReading, overQuota };

if (process.send !== undefined)
  process.once('message', ({ kind, connection }: Attack) => {
    process.once('message', () => process.exit());
    void (async () => {
      for (;;) await attacks[kind](connection);
    })();
  });
