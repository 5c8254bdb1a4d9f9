import { describe, expect, it } from 'vitest';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { TestClient } from './client.js';

const softBytes = 128 * 1024;
const long = 'This is a sentence that nobody reads, and it goes on and on. '.repeat(900);

describe('a client that does not read', () => {
  it('is cut off, costs little memory, and does not hold up others', async () => {
    const cloud = await startLocalCloud({
      voice: 'kal16',
      maxTextBytes: 60_000,
      pace: 'asap',
      outbox: { softBytes, softMs: 300 },
    });
    try {
      const stuck = await TestClient.connect(cloud.connection);
      const other = await TestClient.connect(cloud.connection);
      stuck.socket.pause();
      stuck.send({ DriverType: 'TEXT', InputText: long });
      let peak = 0;
      while (cloud.clients > 1) {
        // The other client is served all the while.
        const frames = await other.text('I am served.');
        expect(frames.at(-1)?.Header.Code).toBe(0);
        peak = Math.max(peak, cloud.bufferedBytes);
      }
      // Without a cap the whole text, some 200 MB of frames, would wait, whatever the sockets' buffers hold.
      expect(peak).toBeGreaterThan(softBytes);
      expect(peak).toBeLessThan(softBytes + 64 * 1024);
      stuck.socket.resume();
      expect([1013, 1006]).toContain((await stuck.closed).code);
      expect(stuck.frames.at(-1)?.Payload.SpeechRsp.Final).not.toBe(true);
      await other.close();
    } finally {
      await cloud.close();
    }
  });
});
