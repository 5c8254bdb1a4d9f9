import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { CloudConnection, CloudCounts } from '../../src/server/local-cloud.js';
import { describeLong } from '../tools.js';
import { MeasuredProcess } from '../tools/measured-process.js';
import { newRequestId } from '../../src/wire/ids.js';
import { badMessages, longText } from './bad-messages.js';
import { TestClient } from './client.js';
import { ChannelClient, ready } from './interactive/client.js';

const mebibyte = 1024 * 1024;

interface Reading {
  readonly clients: number;
  readonly counts: CloudCounts;
  readonly bufferedBytes: number;
}

/** Our server in a process of its own, as the last tsc left it in dist. */
class Server extends MeasuredProcess<Reading, CloudConnection> {
  get connection(): CloudConnection {
    return this.greeting;
  }
}

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A server that has served, so that what it needs once is there. */
async function warmServer(): Promise<Server> {
  const server = await new Server(join(import.meta.dirname, 'cloud-process.mjs')).ready();
  open.push(server);
  const client = await TestClient.connect(server.connection);
  // V8 keeps the room that it once needed for garbage; it is the same for every later speech.
  for (let round = 0; round < 3; round++) await client.text(longText);
  await client.close();
  return server;
}

/** Commands faster than they are taken: as much as a channel ever has to tell. */
async function flood(
  server: Server,
  channel: ChannelClient,
  enough: (reading: Reading) => boolean,
): Promise<void> {
  const stream = newRequestId();
  const Text = `![A picture](http://example.com/${'o'.repeat(1000)})`;
  let Seq = 0;
  while (!enough(await server.read()))
    for (let i = 0; i < 200; i++)
      channel.send('SEND_STREAMTEXT', { Seq: ++Seq, Text, IsSentence: true }, stream);
}

// Each takes half a minute: a minute of speech and more is made, and closing handshakes are waited for.
describeLong([], 'the memory of the server', () => {
  it('grows by at most 6 MiB for a client that stops reading, and its place is free again', async () => {
    const server = await warmServer();
    const rss = await server.mark();
    const stuck = await TestClient.connect(server.connection);
    stuck.socket.pause();
    stuck.send({ DriverType: 'TEXT', InputText: longText });
    await server.until(({ bufferedBytes }) => bufferedBytes > mebibyte);
    const reading = await server.until(({ counts, clients }) => counts['not-reading'] > 0 && clients === 0);
    expect(reading.peak - rss).toBeLessThan(6 * mebibyte);
    expect(reading.bufferedBytes).toBe(0);
    stuck.socket.terminate();
    // Others are served as before.
    const other = await TestClient.connect(server.connection);
    expect((await other.text('I am served.')).at(-1)?.Header.Code).toBe(0);
    await other.close();
  }, 120_000);

  it('keeps at most 6 MiB for a client of a channel that stops reading, and its place is free again', async () => {
    const server = await warmServer();
    const { id } = await ready(server.connection);
    const reader = await ChannelClient.connect(server.connection, id);
    await flood(server, reader, () => reader.messages.length > 20_000);
    await reader.close();
    const rss = await server.mark();
    const stuck = await ChannelClient.connect(server.connection, id);
    stuck.socket.pause();
    await flood(server, stuck, ({ bufferedBytes }) => bufferedBytes > mebibyte);
    // Such a flood makes 20 MB of garbage, whoever reads: what counts is what is kept for this client.
    expect((await server.mark()) - rss).toBeLessThan(6 * mebibyte);
    const reading = await server.until(({ counts, clients }) => counts['not-reading'] > 0 && clients === 0);
    expect(reading.bufferedBytes).toBe(0);
    stuck.socket.terminate();
    // The session is there for another.
    const other = await ChannelClient.connect(server.connection, id);
    await other.has(other.text('I am served.', { Interrupt: true }), 'TextOver');
    await other.close();
  }, 120_000);

  const connections = {
    'a drive': (server: Server) => TestClient.connect(server.connection),
    'a session': async (server: Server) =>
      ChannelClient.connect(server.connection, (await ready(server.connection)).id),
  };
  it.each(Object.entries(connections))(
    'grows by at most 16 MiB for messages to %s that are too large, too deep or no text, and others are served',
    async (_what, connect) => {
      const server = await warmServer();
      const other = await TestClient.connect(server.connection);
      const before = await server.mark();
      const sends = Object.values(badMessages);
      for (let round = 0; round < 12; round++) {
        const bad = await Promise.all(sends.map(() => connect(server)));
        for (const [i, { socket }] of bad.entries()) sends[i](socket);
        const codes = await Promise.all(bad.map(async ({ closed }) => (await closed).code));
        for (const code of codes) expect([1003, 1006, 1007, 1008, 1009]).toContain(code);
        if (round % 10 === 0) expect((await other.text('I am served.')).at(-1)?.Header.Code).toBe(0);
      }
      const { peak } = await server.until(({ clients }) => clients === 1);
      expect(peak - before).toBeLessThan(16 * mebibyte);
      await other.close();
    },
    120_000,
  );
});
