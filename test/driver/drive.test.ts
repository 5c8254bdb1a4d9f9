import { afterEach, describe, expect, it } from 'vitest';
import type { Drive, DriveEvent, SpeechEvent } from '../../src/driver/index.js';
import { toTicks, writeErrorFrame, writePongFrame, type StreamRequest } from '../../src/wire/index.js';
import { damagedSpeech, sampleRequestId } from '../wire/samples.js';
import { codeOf } from '../code-of.js';
import { closeAll, newDriver, ramp, sayOnce, startCloud, type Script } from './cloud.js';

afterEach(closeAll);

async function eventsOf(drive: Drive): Promise<DriveEvent[]> {
  const events: DriveEvent[] = [];
  for await (const event of drive) events.push(event);
  return events;
}
const speechesOf = (events: DriveEvent[]): SpeechEvent[] => events.filter((event) => event.type === 'speech');
const tick = (ms: number): ReturnType<typeof toTicks> => toTicks(ms * 10_000);

describe('a text drive', () => {
  it('gives replies, whole packets and a summary', async () => {
    const cloud = await startCloud(sayOnce);
    const drive = newDriver(cloud.url).text('Hello', { speech: { speed: 1.5 } });
    const events = await eventsOf(drive);
    expect(events.map((event) => event.type)).toEqual(['reply', 'speech', 'speech']);
    const [first] = speechesOf(events);
    expect(first.packet!.pcm).toEqual(ramp(0.5));
    expect([...first.packet!.features]).toEqual([0, 1]);
    expect(await drive.done).toMatchObject({
      ended: 'final',
      replies: 1,
      speechMessages: 2,
      audio: 5_000_000,
      warnings: 0,
    });
    expect(cloud.requests).toMatchObject([{ kind: 'text', text: 'Hello', speech: { speed: 1.5 } }]);
  });

  it('marks when things happened, in order', async () => {
    const drive = newDriver((await startCloud(sayOnce)).url).text('Hello');
    await drive.done;
    const { created, requestSent, firstPacket, firstSpeech, finished } = drive.marks;
    const order = [created, requestSent!, firstPacket!, firstSpeech!, finished!];
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('keeps the socket and the conversation for the next drive', async () => {
    const cloud = await startCloud(sayOnce);
    const driver = newDriver(cloud.url);
    await driver.text('one').done;
    await driver.text('two').done;
    driver.newConversation();
    await driver.text('three').done;
    expect(cloud.queries).toHaveLength(1);
    const [one, two, three] = cloud.requests;
    expect(one.streamId).toBe(two.streamId);
    expect(three.streamId).not.toBe(two.streamId);
    expect(new Set(cloud.requests.map((request) => request.requestId)).size).toBe(3);
  });

  it('refuses a second drive while one runs, unless told to interrupt', async () => {
    const cloud = await startCloud((request, client) => {
      if (request.text !== 'first') return sayOnce(request, client);
    });
    const driver = newDriver(cloud.url);
    const first = driver.text('first');
    expect(() => driver.text('second')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
    const second = driver.text('third', { interrupt: true });
    await expect(first.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await expect(second.done).resolves.toMatchObject({ ended: 'final' });
  });

  it('drops the late frames and the late failure of an interrupted drive', async () => {
    let late: (() => void) | undefined;
    const cloud = await startCloud((request, client) => {
      if (request.text === 'old') {
        client.speech(request, { clause: 1, pcm: ramp(0.1) });
        late = () => {
          client.speech(request, { clause: 1, pcm: ramp(0.2), final: true });
          client.socket.send(writeErrorFrame(request, -101000, 'late'));
        };
      } else {
        late?.();
        sayOnce(request, client);
      }
    });
    const driver = newDriver(cloud.url);
    const old = driver.text('old');
    for await (const event of old) {
      expect(event.type).toBe('speech');
      break;
    }
    old.interrupt();
    old.interrupt();
    await expect(old.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const fresh = driver.text('new');
    expect(speechesOf(await eventsOf(fresh)).map((event) => event.audioFrames)).toEqual([12_000, 0]);
    // A text drive has no way to tell the cloud.
    expect(cloud.requests).toHaveLength(2);
  });

  it('drops a sign of life and ignores what it does not know', async () => {
    const cloud = await startCloud((request, client) => {
      client.socket.send(writePongFrame(request));
      client.socket.send(
        JSON.stringify({ Payload: { DriverRspType: 'FUTURE', ReqId: request.requestId, New: [1] } }),
      );
      client.socket.send('not json');
      sayOnce(request, client);
    });
    const events = await eventsOf(newDriver(cloud.url).text('x'));
    expect(events.flatMap((event) => (event.type === 'warning' ? event.code : []))).toEqual([
      'type-unknown',
      'frame-malformed',
    ]);
    expect(speechesOf(events)).toHaveLength(2);
  });

  it('takes the damaged sample of the vendor', async () => {
    const cloud = await startCloud((request, client) => {
      client.socket.send(damagedSpeech.replaceAll(sampleRequestId, request.requestId));
      client.speech(request, { clause: 1, final: true });
    });
    const [event] = speechesOf(await eventsOf(newDriver(cloud.url).text('x')));
    expect(event.subtitles).toHaveLength(8);
  });

  it('ends without speech when every clause is for show only', async () => {
    const cloud = await startCloud((request, { reply }) => {
      reply(request, 1, { spoken: false });
      reply(request, 2, { spoken: false, last: true });
    });
    const drive = newDriver(cloud.url, { timeouts: { silentGraceMs: 30 } }).text('x');
    await expect(drive.done).resolves.toMatchObject({ ended: 'silent', replies: 2 });
  });

  it('does not end silently when one clause is spoken', async () => {
    const cloud = await startCloud((request, { reply }) => {
      reply(request, 1, { spoken: true });
      reply(request, 2, { spoken: false, last: true });
    });
    const drive = newDriver(cloud.url, { timeouts: { silentGraceMs: 10, betweenMessagesMs: 60 } }).text('x');
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('ends by itself when the whole text was spoken and the cloud forgets to say so', async () => {
    const cloud = await startCloud((request, { reply, speech }) => {
      reply(request, 1, { last: true, displayText: 'x' });
      speech(request, { clause: 1, clauseEnd: true });
    });
    const drive = newDriver(cloud.url, { timeouts: { missingFinalMs: 30 } }).text('x');
    const events = await eventsOf(drive);
    await expect(drive.done).resolves.toMatchObject({ ended: 'quiet', speechMessages: 1 });
    expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'final-missing' });
  });

  it('does not end so while something of the text is missing', async () => {
    const cloud = await startCloud((request, { reply, speech }) => {
      reply(request, 1, { last: true, displayText: 'x' });
      speech(request, { clause: 1, clauseEnd: true });
    });
    const timeouts = { missingFinalMs: 10, betweenMessagesMs: 60 };
    const drive = newDriver(cloud.url, { timeouts }).text('x y');
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_TIMEOUT', unspoken: 'y' });
  });

  it.each(['header', 'payload'] as const)('fails with the remote code of the %s', async (place) => {
    const cloud = await startCloud((request, { socket }) => {
      socket.send(writeErrorFrame(request, 100014, 'AssetConcurrencyQuotaNotFound: none', place));
    });
    const drive = newDriver(cloud.url).text('x');
    await expect(eventsOf(drive)).rejects.toMatchObject({ code: 'ERR_DRIVE_FAILED', remoteCode: 100014 });
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_DRIVE_FAILED' });
  });

  it('allows one reader only', async () => {
    const drive = newDriver((await startCloud(sayOnce)).url).text('x');
    await eventsOf(drive);
    expect(() => drive[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
  });

  it('drops the oldest events when nobody reads, and counts them', async () => {
    const cloud = await startCloud((request, { speech }) => {
      for (let i = 0; i < 50; i++) speech(request, { clause: i });
      speech(request, { clause: 50, final: true });
    });
    const drive = newDriver(cloud.url, { maxQueuedEvents: 10 }).text('x');
    expect(await drive.done).toMatchObject({ droppedEvents: 41, speechMessages: 51 });
    expect(speechesOf(await eventsOf(drive)).map((event) => event.clause)).toEqual([
      41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
    ]);
  });

  it('loses nothing when the reader is slow', async () => {
    const cloud = await startCloud((request, { speech }) => {
      for (let i = 0; i < 200; i++) speech(request, { clause: i, pcm: ramp(0.2) });
      speech(request, { clause: 200, final: true });
    });
    const drive = newDriver(cloud.url, { maxQueuedEvents: 4 }).text('x');
    const clauses: number[] = [];
    for await (const event of drive) {
      if (event.type === 'speech') clauses.push(event.clause);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(clauses).toEqual(Array.from({ length: 201 }, (_, i) => i));
  });
});

describe('a stream drive', () => {
  it('sends fragments in order, from 1, with one final at the end', async () => {
    const cloud = await startCloud((request, client) => {
      if (request.kind === 'stream' && request.final) sayOnce(request, client);
    });
    const drive = newDriver(cloud.url).stream();
    const text = `${'好'.repeat(500)}<break time="1s"/> end 😀`;
    // Before the connection is there, and cut in the middle of a character and a tag.
    drive.write(text.slice(0, 505));
    await cloud.waitForRequests(2);
    drive.write(text.slice(505, -1));
    drive.write(text.slice(-1));
    drive.end();
    expect(() => drive.write('x')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
    expect(() => drive.end()).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
    await drive.done;
    const sent = cloud.requests as StreamRequest[];
    expect(sent.map((request) => request.sequence)).toEqual(sent.map((_, i) => i + 1));
    expect(sent.map((request) => request.final)).toEqual(sent.map((_, i) => i === sent.length - 1));
    expect(sent.map((request) => request.text).join('')).toBe(text);
    expect(new Set(sent.map((request) => request.requestId)).size).toBe(1);
  });

  it('waits for the caller as long as the text is open', async () => {
    const cloud = await startCloud((request, client) => {
      if (request.kind === 'stream' && request.final) sayOnce(request, client);
    });
    const drive = newDriver(cloud.url, { timeouts: { firstMessageMs: 20, betweenMessagesMs: 500 } }).stream();
    drive.write('a');
    await cloud.waitForRequests(1);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(drive.isOver).toBe(false);
    drive.interrupt();
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('ends the stream at the cloud with an empty final when interrupted', async () => {
    const cloud = await startCloud(() => undefined);
    const drive = newDriver(cloud.url).stream();
    drive.write('a');
    await cloud.waitForRequests(1);
    drive.interrupt();
    await cloud.waitForRequests(2);
    expect(cloud.requests[1]).toMatchObject({
      kind: 'stream',
      text: '',
      final: true,
      requestId: drive.requestId,
    });
    expect(() => drive.write('b')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
  });

  it('refuses to keep more than 64 KiB before the connection is there', async () => {
    const drive = newDriver((await startCloud(() => undefined)).url).stream();
    drive.write('x'.repeat(60_000));
    expect(() => drive.write('x'.repeat(6000))).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_FULL' }));
    drive.interrupt();
  });
});

describe('a chat drive', () => {
  const silentChat: Script = (request, client) => {
    if (request.kind === 'chat' && request.command === 'say' && request.text === 'answer')
      sayOnce(request, client);
  };

  it('sends STOP_CHAT with the running id when interrupted', async () => {
    const cloud = await startCloud(silentChat);
    const drive = newDriver(cloud.url).chat('hold');
    await cloud.waitForRequests(1);
    drive.interrupt();
    await cloud.waitForRequests(2);
    expect(cloud.requests[1]).toMatchObject({
      kind: 'chat',
      command: 'stop',
      text: '',
      requestId: drive.requestId,
    });
  });

  it('starts, talks and stops', async () => {
    const cloud = await startCloud(silentChat);
    const driver = newDriver(cloud.url, { timeouts: { quietMs: 30 } });
    await expect(driver.startChat().done).resolves.toMatchObject({ ended: 'quiet' });
    await expect(driver.chat('answer').done).resolves.toMatchObject({ ended: 'final' });
    await expect(driver.stopChat().done).resolves.toMatchObject({ ended: 'quiet' });
    expect(cloud.requests.map((request) => request.kind === 'chat' && request.command)).toEqual([
      'start',
      'say',
      'stop',
    ]);
  });

  it('gives the greeting of a started dialogue', async () => {
    const driver = newDriver((await startCloud(sayOnce)).url);
    await expect(driver.startChat().done).resolves.toMatchObject({ ended: 'final', speechMessages: 2 });
  });

  it('interrupts a running answer when the dialogue is stopped', async () => {
    const cloud = await startCloud(silentChat);
    const driver = newDriver(cloud.url, { timeouts: { quietMs: 30 } });
    const drive = driver.chat('hold');
    await cloud.waitForRequests(1);
    const stop = driver.stopChat();
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await stop.done;
  });
});

describe('times of later clauses', () => {
  const second =
    (start: number): Script =>
    (request, { speech }) => {
      const chunk = { sampleRate: 24_000, pcm: ramp(1) };
      const sub = (from: number, posStart: number): object => ({
        subtitles: [
          {
            text: 'x',
            start: tick(from),
            end: tick(from + 100),
            positionStart: posStart,
            positionEnd: posStart + 3,
          },
        ],
      });
      speech(request, { clause: 1, clauseStart: true, ...chunk, ...sub(0, 0) });
      speech(request, { clause: 1, ...chunk });
      speech(request, { clause: 2, clauseStart: true, ...chunk, ...sub(start, start === 0 ? 0 : 3) });
      speech(request, {
        clause: 3,
        clauseStart: true,
        ...chunk,
        ...sub(start === 0 ? 0 : 3000, 6),
        final: true,
      });
    };

  it.each([
    ['clause', 0],
    ['drive', 2000],
  ] as const)(
    'count from the start of the drive when the cloud counts from the %s',
    async (reference, start) => {
      const speeches = speechesOf(await eventsOf(newDriver((await startCloud(second(start))).url).text('x')));
      expect(speeches.map((event) => event.clauseAudioStart)).toEqual([0, 0, 2000, 3000].map(tick));
      expect(speeches.flatMap((event) => event.subtitles.map((span) => span.start))).toEqual(
        [0, 2000, 3000].map(tick),
      );
      expect(speeches.at(-1)!.positionReference).toBe(reference);
    },
  );

  it('follow the setting when it is forced', async () => {
    const driver = newDriver((await startCloud(second(2000))).url, { timeReference: 'clause' });
    const starts = speechesOf(await eventsOf(driver.text('x'))).flatMap((event) =>
      event.subtitles.map((span) => span.start),
    );
    expect(starts).toEqual([0, 4000, 6000].map(tick));
  });
});

describe('speech that must not be interrupted', () => {
  it('goes on after a typed refusal, and ends when it is forced', async () => {
    const cloud = await startCloud((request, { reply, speech }) => {
      reply(request, 1, { uninterruptible: true, displayText: 'The law says this.' });
      speech(request, { clause: 1, clauseStart: true, pcm: ramp(0.1), sampleRate: 24_000 });
      if (request.text === 'first')
        setTimeout(() => {
          speech(request, { clause: 1, pcm: ramp(0.2), sampleRate: 24_000 });
          speech(request, { clause: 1, final: true });
        }, 30);
    });
    const driver = newDriver(cloud.url);
    const first = driver.text('first');
    let samples = 0;
    for await (const event of first) {
      if (event.type !== 'speech') continue;
      samples += event.audioFrames;
      if (event.final || samples > 3000) continue;
      expect(codeOf(() => first.interrupt())).toBe('ERR_NOT_INTERRUPTIBLE');
      expect(codeOf(() => driver.text('another', { interrupt: true }))).toBe('ERR_NOT_INTERRUPTIBLE');
      expect(driver.active).toBe(first);
    }
    // Every sample came, as if nobody had asked.
    expect(samples).toBe(2400 + 4800);
    await first.done;
    const second = driver.text('second');
    for await (const event of second) if (event.type === 'speech') break;
    second.interrupt({ force: true });
    await expect(second.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(codeOf(() => second.interrupt())).toBe('none');
  });
});
