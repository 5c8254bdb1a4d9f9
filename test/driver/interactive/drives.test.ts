import { afterEach, describe, expect, it } from 'vitest';
import type { InteractiveEvent } from '../../../src/driver/interactive/index.js';
import type { Command } from '../../../src/wire/index.js';
import { closeAll, failureOf, speakAtOnce } from '../../tools/interactive-cloud.js';
import { advanceUntil, until } from '../../tools/virtual-clock.js';
import { onStage, say } from './stage.js';

afterEach(closeAll);

const eventsOf = async (drive: AsyncIterable<InteractiveEvent>): Promise<InteractiveEvent[]> => {
  const events: InteractiveEvent[] = [];
  for await (const event of drive) events.push(event);
  return events;
};
const isStop = (command: Command): boolean =>
  command.kind === 'text' && command.interrupt === true && command.text === '';

describe('a text', () => {
  it('tells its statuses and ends with the last', async () => {
    const { cloud, session } = await onStage();
    const drive = session.speak('Hello', { force: true, smartActions: true, seiInfo: '{}' });
    const events = eventsOf(drive);
    await cloud.waitForCommands(1);
    expect(cloud.commands[0]).toMatchObject({
      asIs: true,
      interrupt: true,
      smartActions: true,
      seiInfo: '{}',
    });
    say(cloud, drive.requestId, 'waiting-text-start', 'text-start', 'text-over', 'text-over');
    expect(await drive.finished).toEqual({ requestId: drive.requestId, kind: 'text', droppedEvents: 0 });
    expect((await events).map((event) => event.type === 'status' && event.status)).toEqual([
      'waiting-text-start',
      'text-start',
      'text-over',
    ]);
  });

  it('is put to the dialogue service by chat, in one round a session', async () => {
    const { cloud, session, clock } = await onStage({ command: speakAtOnce });
    await session.chat('One?').finished;
    const second = session.chat('Two?', { visitorId: 'v' });
    await advanceUntil(clock, () => second.isOver);
    const third = session.chat('Three?', { roundId: 'mine' });
    await advanceUntil(clock, () => third.isOver);
    const [one, two, three] = cloud.sent('text');
    expect(one).toMatchObject({ asIs: false, roundId: two.roundId });
    expect(two.visitorId).toBe('v');
    expect(three.roundId).toBe('mine');
  });

  it('is refused before anything is sent when it is too long or empty', async () => {
    const { cloud, session } = await onStage();
    expect(() => session.speak('x'.repeat(4001))).toThrow(
      expect.objectContaining({ code: 'ERR_WIRE_LIMIT' }) as Error,
    );
    expect(() => session.speak('')).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error);
    expect(cloud.commands).toHaveLength(0);
  });

  it('takes the place of the one before, but more than a second after it', async () => {
    const { cloud, session, clock } = await onStage();
    const first = session.speak('First');
    await cloud.waitForCommands(1);
    say(cloud, first.requestId, 'text-start');
    const voided = session.speak('Never said');
    const second = session.speak('Second');
    expect(await failureOf(voided.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    await advanceUntil(clock, () => cloud.commands.length === 2, 50);
    expect(clock.now()).toBeGreaterThan(1000);
    expect(clock.now()).toBeLessThan(1200);
    expect(cloud.sent('text').map(({ text }) => text)).toEqual(['First', 'Second']);
    say(cloud, first.requestId, 'text-over');
    say(cloud, second.requestId, 'text-start', 'text-over');
    expect(await failureOf(first.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    await second.finished;
  });

  it('waits for the one before when it is queued', async () => {
    const { cloud, session, clock } = await onStage();
    const first = session.speak('First');
    const second = session.speak('Second', { when: 'queue' });
    const third = session.speak('Third', { when: 'queue' });
    await cloud.waitForCommands(1);
    clock.advance(20_000);
    say(cloud, first.requestId, 'text-start', 'text-over');
    await first.finished;
    await advanceUntil(clock, () => cloud.commands.length === 2);
    say(cloud, second.requestId, 'text-over');
    await second.finished;
    await advanceUntil(clock, () => cloud.commands.length === 3);
    say(cloud, third.requestId, 'text-over');
    await third.finished;
  });

  it('that may not be interrupted refuses the next, and goes on', async () => {
    const { cloud, session, clock } = await onStage();
    const first = session.speak('First');
    await cloud.waitForCommands(1);
    say(cloud, first.requestId, 'text-start');
    const second = session.speak('Second');
    await advanceUntil(clock, () => cloud.commands.length === 2);
    const { socket } = cloud.channel;
    socket.send(JSON.stringify({ Payload: { Type: 7, ReqId: second.requestId, SessionId: 'm789' } }));
    expect(await failureOf(second.finished)).toMatchObject({ code: 'ERR_NOT_INTERRUPTIBLE' });
    expect(session.active).toBe(first);
    say(cloud, first.requestId, 'text-over');
    await first.finished;
  });

  it('brings the content that the cloud speaks', async () => {
    const { cloud, session } = await onStage();
    const drive = session.chat('What?');
    const events = eventsOf(drive);
    await cloud.waitForCommands(1);
    const payload = {
      Type: 4,
      ReqId: drive.requestId,
      TextDisplay: 'That.',
      TtsSupport: true,
      Final: true,
      ContentType: 1,
    };
    cloud.channel.socket.send(JSON.stringify({ Payload: payload }));
    say(cloud, drive.requestId, 'text-over');
    expect((await events)[0]).toMatchObject({
      type: 'content',
      content: 'answer',
      displayText: 'That.',
      last: true,
      contentType: '1',
    });
  });

  it('keeps a bounded number of bytes of events, drops the oldest and counts them', async () => {
    const { cloud, session } = await onStage({}, { maxQueuedEvents: 10 });
    const few = session.chat('What?');
    await cloud.waitForCommands(1);
    const payload = (size: number): string =>
      JSON.stringify({
        Payload: { Type: 4, ReqId: session.active!.requestId, TextDisplay: 'x'.repeat(size) },
      });
    for (let i = 0; i < 12; i++) cloud.channel.socket.send(payload(1));
    say(cloud, few.requestId, 'text-over');
    expect((await few.finished).droppedEvents).toBe(3);
    expect(await eventsOf(few)).toHaveLength(10);
    await expect(eventsOf(few)).rejects.toMatchObject({ code: 'ERR_STATE' });
  });

  it('keeps at most a mebibyte of them', async () => {
    const { cloud, session } = await onStage();
    const drive = session.chat('What?');
    const slow = drive[Symbol.asyncIterator]();
    const first = slow.next();
    await cloud.waitForCommands(1);
    const big = JSON.stringify({
      Payload: { Type: 4, ReqId: drive.requestId, TextDisplay: 'x'.repeat(200_000) },
    });
    for (let i = 0; i < 20; i++) cloud.channel.socket.send(big);
    say(cloud, drive.requestId, 'text-over');
    await first;
    expect((await drive.finished).droppedEvents).toBeGreaterThanOrEqual(16);
  });

  it('fails with the error status or code of its own, and the session goes on', async () => {
    const { cloud, session, clock } = await onStage();
    const first = session.speak('First');
    await cloud.waitForCommands(1);
    cloud.channel.status(first.requestId, 'error', { errorCode: -111005, errorMessage: 'no' });
    expect(await failureOf(first.finished)).toMatchObject({ code: 'ERR_DRIVE_FAILED', remoteCode: -111005 });
    const second = session.speak('Second');
    await advanceUntil(clock, () => cloud.commands.length === 2);
    cloud.channel.socket.send(
      JSON.stringify({ Header: { Code: 100001, Message: 'no', RequestID: 'gateway' } }),
    );
    expect(await failureOf(second.finished)).toMatchObject({
      code: 'ERR_REQUEST_REFUSED',
      remoteCode: 100001,
    });
    expect(session.isClosed).toBe(false);
  });

  it.each([
    [100012, 1000],
    [-101000, 0],
    [110016, 0],
  ])('that was not taken for %i is sent again', async (code, leastMs) => {
    const { cloud, session, clock } = await onStage({
      command: (command, channel) => {
        if (cloud.commands.length > 1) return speakAtOnce(command, channel);
        channel.socket.send(
          JSON.stringify({ Header: { Code: code }, Payload: { ReqId: command.requestId } }),
        );
      },
    });
    const drive = session.speak('Hello');
    const firstId = drive.requestId;
    await cloud.waitForCommands(1);
    const began = clock.now();
    await advanceUntil(clock, () => drive.isOver);
    await drive.finished;
    expect(clock.now() - began).toBeGreaterThanOrEqual(leastMs);
    expect(cloud.sent('text').map(({ text }) => text)).toEqual(['Hello', 'Hello']);
    expect(drive.requestId).not.toBe(firstId);
    expect(cloud.count('start')).toBe(code === 110016 ? 2 : 1);
  });

  it('is sent at most four times', async () => {
    const { cloud, session, clock } = await onStage({
      command: (command, { socket }) =>
        socket.send(JSON.stringify({ Header: { Code: 100012 }, Payload: { ReqId: command.requestId } })),
    });
    const drive = session.speak('Hello');
    await advanceUntil(clock, () => drive.isOver);
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_RATE_LIMITED' });
    expect(cloud.commands).toHaveLength(4);
  });

  it('at the wrong moment waits until what runs is over', async () => {
    const { cloud, session, clock } = await onStage();
    const first = session.speak('First');
    await cloud.waitForCommands(1);
    say(cloud, first.requestId, 'text-start');
    const second = session.speak('Second');
    await advanceUntil(clock, () => cloud.commands.length === 2);
    cloud.channel.socket.send(
      JSON.stringify({ Payload: { Type: 9, ErrorCode: 110015, ReqId: second.requestId } }),
    );
    await until(() => session.active === first);
    clock.advance(10_000);
    say(cloud, first.requestId, 'text-over');
    await advanceUntil(clock, () => cloud.commands.length === 3);
    expect(cloud.sent('text')[2].text).toBe('Second');
  });

  it('about which nothing comes fails after a time', async () => {
    const { cloud, session, clock } = await onStage();
    const drive = session.speak('Hello');
    await cloud.waitForCommands(1);
    clock.advance(29_999);
    expect(drive.isOver).toBe(false);
    clock.advance(1);
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_TIMEOUT' });
  });
});

describe('an interrupt', () => {
  it('of a text is sent when the text has begun, and waits for its end', async () => {
    const { cloud, session } = await onStage();
    const drive = session.speak('Hello');
    await cloud.waitForCommands(1);
    const waiting = session.speak('Queued', { when: 'queue' });
    const stopped = session.interrupt();
    expect(await failureOf(waiting.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    say(cloud, drive.requestId, 'waiting-text-start');
    say(cloud, drive.requestId, 'text-start');
    await cloud.waitForCommands(2);
    const stop = cloud.commands[1];
    expect(isStop(stop)).toBe(true);
    expect(stop.requestId).not.toBe(drive.requestId);
    expect(drive.isOver).toBe(false);
    say(cloud, drive.requestId, 'text-over');
    await stopped;
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    await session.interrupt();
    expect(cloud.commands).toHaveLength(2);
  });

  it('of a text that begins too late stops it when it does', async () => {
    const { cloud, session, clock } = await onStage();
    const drive = session.chat('Slow?');
    await cloud.waitForCommands(1);
    const stopped = session.interrupt();
    await advanceUntil(clock, () => drive.isOver);
    await stopped;
    expect(cloud.commands.filter(isStop)).toHaveLength(1);
    say(cloud, drive.requestId, 'text-start');
    await cloud.waitForCommands(3);
    expect(cloud.commands.filter(isStop)).toHaveLength(2);
  });

  it('of a stream has its id, the next number, and ends it', async () => {
    const { cloud, session } = await onStage();
    const stream = session.stream();
    await stream.write('One. ');
    await stream.write('Two. ');
    const stopped = stream.interrupt();
    await cloud.waitForCommands(3);
    expect(cloud.sent('stream')[2]).toMatchObject({
      requestId: stream.requestId,
      sequence: 3,
      text: '',
      final: true,
      interrupt: true,
    });
    expect(() => stream.write('more')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }) as Error);
    say(cloud, stream.requestId, 'text-start', 'text-over');
    await stopped;
    expect(await failureOf(stream.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('by the signal of a drive carries its reason', async () => {
    const { cloud, session } = await onStage();
    const abort = new AbortController();
    const drive = session.speak('Hello', { signal: abort.signal });
    await cloud.waitForCommands(1);
    say(cloud, drive.requestId, 'text-start');
    abort.abort(new Error('enough'));
    await cloud.waitForCommands(2);
    say(cloud, drive.requestId, 'text-over');
    expect(await failureOf(drive.finished)).toMatchObject({
      code: 'ERR_INTERRUPTED',
      cause: { message: 'enough' },
    });
    const never = session.speak('Never', { signal: abort.signal });
    expect(await failureOf(never.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});
