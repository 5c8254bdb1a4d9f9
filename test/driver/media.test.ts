import { afterEach, describe, expect, it } from 'vitest';
import type { DriveEvent, DriveMedia, SpeechEvent } from '../../src/driver/index.js';
import { MediaSession } from '../../src/media/session.js';
import { toTicks, writeErrorFrame } from '../../src/wire/index.js';
import { closeAll, newDriver, ramp, sayOnce, startCloud, type Script } from './cloud.js';

afterEach(closeAll);

const sessions: MediaSession[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.close();
});
function newSession(maxBufferedSeconds = 60): MediaSession {
  const session = new MediaSession({ sampleRate: 24_000, maxBufferedSeconds });
  sessions.push(session);
  return session;
}

async function eventsOf(drive: AsyncIterable<DriveEvent>): Promise<DriveEvent[]> {
  const events: DriveEvent[] = [];
  for await (const event of drive) events.push(event);
  return events;
}
const speechesOf = (events: DriveEvent[]): SpeechEvent[] => events.filter((event) => event.type === 'speech');

const twoClauses: Script = (request, { reply, speech }) => {
  for (const clause of [1, 2]) {
    reply(request, clause, { last: clause === 2 });
    speech(request, {
      clause,
      clauseStart: true,
      sampleRate: 24_000,
      pcm: ramp(1),
      phones: [{ phone: 'a1', start: toTicks(0), end: toTicks(10_000_000) }],
      subtitles: [
        { text: '好', start: toTicks(0), end: toTicks(10_000_000), positionStart: 0, positionEnd: 1 },
      ],
      actions: [{ name: 'wave', start: toTicks(1000) }],
      expressions: [{ name: 'joy', start: toTicks(0), end: toTicks(5), position: 0, part: 'whole' }],
      words: [{ word: '好', phones: 'h-ao3' }],
    });
  }
  speech(request, { clause: 2, final: true });
};

describe('a drive with a media session', () => {
  it('gives the same events as one without, but for the samples', async () => {
    const cloud = await startCloud(twoClauses);
    const driver = newDriver(cloud.url);
    const plain = await eventsOf(driver.text('x'));
    const media = await eventsOf(driver.text('x', { media: newSession() }));
    const bare = (events: DriveEvent[]): unknown[] =>
      events.map((event) =>
        event.type === 'speech' ? { ...event, packet: 0, clauseStartSample: 0 } : event,
      );
    expect(bare(media)).toEqual(bare(plain));
    expect(speechesOf(media).map((event) => event.packet)).toEqual([undefined, undefined, undefined]);
    expect(speechesOf(media).map((event) => event.clauseStartSample)).toEqual([0, 24_000, 24_000]);
  });

  it('puts the sound of every drive into the session, one after the other', async () => {
    const driver = newDriver((await startCloud(sayOnce)).url);
    const session = newSession();
    const drive = driver.text('one', { media: session });
    await drive.done;
    expect(drive.marks.firstSpeech).toBeDefined();
    expect(session.readySamples()).toBe(12_000);
    await driver.text('two', { media: session }).done;
    expect(session.readySamples()).toBe(24_000);
  });

  it('lets no sample of an interrupted drive in', async () => {
    let late: (() => void) | undefined;
    const cloud = await startCloud((request, client) => {
      if (request.text === 'old') {
        client.speech(request, { clause: 1, pcm: ramp(0.1), sampleRate: 24_000 });
        late = () => client.speech(request, { clause: 1, pcm: ramp(5), sampleRate: 24_000 });
      } else {
        late?.();
        sayOnce(request, client);
      }
    });
    const driver = newDriver(cloud.url);
    const session = newSession();
    const old = driver.text('old', { media: session });
    await old[Symbol.asyncIterator]().next();
    old.interrupt();
    session.interrupt(0);
    await driver.text('new', { media: session }).done;
    expect(session.readySamples()).toBe(12_000);
  });

  it('waits when the session is full, and loses nothing', async () => {
    const cloud = await startCloud((request, { speech }) => {
      for (let clause = 0; clause < 8; clause++)
        speech(request, { clause, pcm: ramp(0.5), sampleRate: 24_000 });
      speech(request, { clause: 7, final: true });
    });
    const session = newSession(1);
    const drive = newDriver(cloud.url).text('x', { media: session });
    let over = false;
    void drive.done.then(() => (over = true));
    let played = 0;
    while (!over || session.readySamples() > 0) {
      const ready = session.readySamples();
      session.commit(session.committed() + ready);
      played += ready;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(played).toBe(8 * 12_000);
    expect(await drive.done).toMatchObject({ speechMessages: 9, audio: 40_000_000, warnings: 0 });
  });

  it('ends for a failure of the gateway that carries an id of its own', async () => {
    const cloud = await startCloud((request, { socket }) => {
      socket.send(writeErrorFrame({ requestId: 'gateway', streamId: request.streamId }, -101000, 'broken'));
    });
    const drive = newDriver(cloud.url).text('x', { media: newSession() });
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_DRIVE_FAILED', remoteCode: -101000 });
  });

  it('warns of bad media once and goes on', async () => {
    const cloud = await startCloud((request, { socket, speech }) => {
      const bad = { SeqNo: 1, Audio: '*bad', Sampling: 24_000 };
      for (let i = 0; i < 3; i++) {
        socket.send(
          JSON.stringify({ Payload: { DriverRspType: 'SPEECH', ReqId: request.requestId, SpeechRsp: bad } }),
        );
      }
      socket.send('{"half');
      speech(request, { clause: 1, pcm: ramp(0.5), sampleRate: 24_000, final: true });
    });
    const session = newSession();
    const drive = newDriver(cloud.url).text('x', { media: session });
    const codes = (await eventsOf(drive)).flatMap((event) => (event.type === 'warning' ? event.code : []));
    expect(codes).toEqual(['base64-invalid', 'frame-malformed']);
    expect(session.readySamples()).toBe(12_000);
  });

  it('fails with the error of a session that was closed under it', async () => {
    const session = newSession();
    const driver = newDriver((await startCloud(sayOnce)).url);
    session.close();
    await expect(driver.text('x', { media: session }).done).rejects.toMatchObject({ code: 'ERR_STATE' });
  });

  it('hands over bytes, never strings', async () => {
    const session = newSession();
    const seen: boolean[] = [];
    const tap: DriveMedia = {
      begin: (id) => session.begin(id),
      push: (bytes) => {
        seen.push(Buffer.isBuffer(bytes));
        return session.push(bytes);
      },
      end: () => session.end(),
    };
    await newDriver((await startCloud(sayOnce)).url).text('x', { media: tap }).done;
    expect(seen).toEqual([true, true, true]);
  });
});
