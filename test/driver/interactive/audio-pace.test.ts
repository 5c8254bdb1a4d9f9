import { describe, expect, it } from 'vitest';

import { audioDueMs } from '../../../src/driver/interactive/audio-pace.js';
import { MediaSession } from '../../../src/media/session.js';
import { mostWaitingSeconds, roomInMs, roomySeconds } from '../../../src/server/interactive/sound-room.js';
import { audioPacketMs, audioPaceRange } from '../../../src/wire/index.js';

const hour = 3_600_000 / audioPacketMs;

describe('the pace of a long sound', () => {
  it.each([120, 140, 160])('stays in the documented range, %i ms between packets', (intervalMs) => {
    expect(Array.from({ length: 7 }, (_, index) => audioDueMs(index, intervalMs))).toEqual([
      ...[0, 0, 0, 0, 0, 0],
      intervalMs,
    ]);
    const [fastest, slowest] = audioPaceRange;
    for (let index = 6; index < hour; index++) {
      const distance = audioDueMs(index, intervalMs) - audioDueMs(index - 1, intervalMs);
      expect(distance).toBeGreaterThanOrEqual(fastest * audioPacketMs);
      expect(distance).toBeLessThanOrEqual(slowest * audioPacketMs);
    }
  });

  it('never has more than 16 s waiting, in an hour of sound', () => {
    for (const intervalMs of [120, 140, 160]) {
      for (let index = 0; index < hour; index++) {
        const waitingMs = (index + 1) * audioPacketMs - audioDueMs(index, intervalMs);
        if (waitingMs > 16_200) expect.unreachable(`${waitingMs} ms are waiting at packet ${index}`);
      }
    }
  });

  it('of a client that never slows down is taken for 20 minutes, and then as fast as it is heard', () => {
    using session = new MediaSession({ maxBufferedSeconds: roomySeconds });
    session.begin('');
    const samples = 2560;
    const audio = Buffer.alloc(2 * samples).toString('base64');
    const [fastest] = audioPaceRange;
    let playedMs = 0;
    let heldBack = 0;
    const push = (sentMs: number): void => {
      const report = session.pushParsed({ audio, sampleRate: 16_000 });
      if (report.kind !== 'speech') expect.unreachable(`${report.kind} after ${sentMs} ms`);
      playedMs += fastest * audioPacketMs;
      session.commit(Math.round(playedMs * 48));
    };
    for (let sentMs = 0; sentMs < 30 * 60_000; sentMs += audioPacketMs) {
      for (let ms = roomInMs(session, samples); ms > 0; ms = roomInMs(session, samples)) {
        if (sentMs < 20 * 60_000) expect.unreachable(`held back after ${sentMs} ms`);
        // It may come again when it was told, and not before.
        expect(ms).toBeLessThanOrEqual(audioPacketMs);
        playedMs += ms;
        heldBack += ms;
        session.commit(Math.round(playedMs * 48));
      }
      push(sentMs);
    }
    expect(1000 * (session.readySamples() / session.sampleRate)).toBeGreaterThan(
      1000 * mostWaitingSeconds - 200,
    );
    expect(heldBack).toBeGreaterThan(60_000);
  });
});
