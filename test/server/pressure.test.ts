import { describe, expect } from 'vitest';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { writeResumeRequest } from '../../src/wire/resume.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { TestClient } from './client.js';
import { itLong } from '../tools.js';

const softBytes = 128 * 1024;
const long = 'This is a sentence that nobody reads, and it goes on and on. '.repeat(900);

describe('a client that does not read', () => {
  itLong('is cut off, costs little memory, and does not hold up others', async () => {
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

  itLong(
    'costs 6 MB at most with the limits that a server has by itself, also when it may be resumed',
    async () => {
      const cloud = await startLocalCloud({ voice: new ToneVoice(), maxTextBytes: 60_000, pace: 'asap' });
      const peers: TestClient[] = [];
      try {
        // A minute and a half of real time could be waited for; what is bounded is memory.
        for (const numbered of [false, true]) {
          const stuck = await TestClient.connect(cloud.connection);
          peers.push(stuck);
          if (numbered) stuck.socket.send(writeResumeRequest());
          stuck.socket.pause();
          stuck.send({ DriverType: 'TEXT', InputText: long });
        }
        const other = await TestClient.connect(cloud.connection);
        peers.push(other);
        let peak = 0;
        // The one that is not numbered is cut off after 5 s; the other one waits for an acknowledgement.
        while (cloud.clients > 2) {
          await other.text('I am served.');
          peak = Math.max(peak, cloud.bufferedBytes, cloud.counts.keptBytes);
        }
        expect(cloud.counts['not-reading']).toBe(1);
        expect(peak).toBeGreaterThan(1024 * 1024);
        expect(peak).toBeLessThan(6_000_000);
        expect(cloud.counts.keptBytes).toBeLessThan(2 * 1024 * 1024 + 64 * 1024);
      } finally {
        for (const peer of peers) peer.socket.terminate();
        await cloud.close();
      }
    },
  );
});
