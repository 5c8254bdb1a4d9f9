import { afterEach, describe, expect, it } from 'vitest';
import type { InteractiveEvent, InteractiveSession } from '../../../src/driver/interactive/index.js';
import { utf8Length, type Command, type StreamCommand } from '../../../src/wire/index.js';
import {
  closeAll,
  failureOf,
  openSession,
  speakAtOnce,
  startCloud,
  type Channel,
  type CloudScript,
  type InteractiveCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, until, VirtualClock } from '../../tools/virtual-clock.js';

afterEach(closeAll);

interface Stage {
  readonly cloud: InteractiveCloud;
  readonly session: InteractiveSession;
  readonly clock: VirtualClock;
}

/** A session on a virtual clock; the cloud only says what a test tells it to. */
async function onStage(script: CloudScript = {}, more: object = {}): Promise<Stage> {
  const clock = new VirtualClock();
  const cloud = await startCloud({ command: () => undefined, ...script });
  const session = await openSession(cloud, { environment: { clock }, ...more });
  return { cloud, session, clock };
}

const say = (
  cloud: InteractiveCloud,
  requestId: string,
  ...statuses: Parameters<Channel['status']>[1][]
): void => {
  for (const status of statuses) cloud.channel.status(requestId, status);
};
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
    expect(await failureOf(second.finished)).toMatchObject({ code: 'ERR_UNINTERRUPTIBLE' });
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

describe('a stream', () => {
  it('of any pieces has packets of at most 1000 bytes, whole characters and tags, numbered from 1', async () => {
    const { cloud, session } = await onStage({ command: speakAtOnce });
    const text =
      '<break time="500ms"/>' +
      '好😀é'.repeat(300) +
      '<sub alias="x">y</sub>' +
      'z'.repeat(995) +
      '<break time="1s"/>';
    async function* pieces(): AsyncGenerator<string> {
      for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
    }
    const stream = session.stream(pieces(), { smartActions: true });
    await stream.finished;
    const sent = cloud.sent('stream');
    expect(sent.map((packet) => packet.text).join('')).toBe(text);
    expect(sent.map((packet) => packet.sequence)).toEqual(sent.map((_, index) => index + 1));
    expect(sent.map((packet) => packet.final)).toEqual(sent.map((_, index) => index === sent.length - 1));
    expect(new Set(sent.map((packet) => packet.requestId))).toEqual(new Set([stream.requestId]));
    for (const packet of sent) {
      expect(utf8Length(packet.text)).toBeLessThanOrEqual(1000);
      expect(packet.smartActions).toBe(true);
      expect(packet.text.split('<').length).toBe(packet.text.split('>').length);
    }
  });

  it('that is ended after its last words has an empty last packet', async () => {
    const { cloud, session } = await onStage({ command: speakAtOnce });
    const stream = session.stream();
    await stream.write('Hello.');
    stream.end();
    await stream.finished;
    expect(cloud.sent('stream').map(({ text, final }) => [text, final])).toEqual([
      ['Hello.', false],
      ['', true],
    ]);
  });

  it('whose source fails is interrupted with the cause', async () => {
    const { cloud, session } = await onStage();
    async function* pieces(): AsyncGenerator<string> {
      yield 'One. ';
      throw new Error('the model broke');
    }
    const stream = session.stream(pieces());
    expect(await failureOf(stream.finished)).toMatchObject({
      code: 'ERR_INTERRUPTED',
      cause: { message: 'the model broke' },
    });
    await cloud.waitForCommands(2);
    expect(cloud.sent('stream')[1].interrupt).toBe(true);
  });

  it('that is interrupted leaves its source', async () => {
    const { cloud, session } = await onStage();
    let left = false;
    const endless: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          cloud.commands.length === 0
            ? Promise.resolve({ value: 'One. ', done: false })
            : new Promise(() => undefined),
        return: () => {
          left = true;
          return Promise.resolve({ value: undefined, done: true as const });
        },
      }),
    };
    const stream = session.stream(endless);
    await cloud.waitForCommands(1);
    void stream.interrupt();
    await cloud.waitForCommands(2);
    say(cloud, stream.requestId, 'text-over');
    await until(() => left);
  });

  it('that the cloud ended by itself says so', async () => {
    const { cloud, session } = await onStage();
    const stream = session.stream();
    await stream.write('One. ');
    await cloud.waitForCommands(1);
    say(cloud, stream.requestId, 'text-start', 'text-over');
    expect(await failureOf(stream.finished)).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('takes no more than 64 KiB that wait', async () => {
    const { session } = await onStage();
    session.speak('First');
    const stream = session.stream(undefined, { when: 'queue' });
    void stream.write('x'.repeat(64 * 1024));
    expect(() => stream.write('y')).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_FULL' }) as Error);
  });

  it('is cut off by the next text', async () => {
    const { cloud, session, clock } = await onStage();
    const stream = session.stream();
    await stream.write('One. ');
    const text = session.speak('Other');
    await advanceUntil(clock, () => cloud.commands.length === 2);
    expect(() => stream.write('Two. ')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }) as Error);
    say(cloud, stream.requestId, 'text-over');
    say(cloud, text.requestId, 'text-over');
    expect(await failureOf(stream.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    await text.finished;
  });
});

describe('clause mode', () => {
  const texts = (cloud: InteractiveCloud): string[] => cloud.sent('stream').map(({ text }) => text);

  it('sends the next clause when the cloud asks for it', async () => {
    const { cloud, session } = await onStage();
    const stream = session.stream(['A1 is said.', 'A2 is said.', 'A3 is said.'], { clauses: true });
    await cloud.waitForCommands(1);
    for (let clause = 1; clause <= 2; clause++) {
      // A turn of the loop in which a second clause could slip out.
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(texts(cloud)).toHaveLength(clause);
      cloud.channel.status(stream.requestId, 'clause-start', { sequence: clause });
      cloud.channel.status(stream.requestId, 'clause-next', { sequence: clause });
      await cloud.waitForCommands(clause + 1);
    }
    await cloud.waitForCommands(4);
    expect(
      cloud.sent('stream').map(({ text, sequence, final, clause }) => [text, sequence, final, clause]),
    ).toEqual([
      ['A1 is said.', 1, false, true],
      ['A2 is said.', 2, false, true],
      ['A3 is said.', 3, false, true],
      ['', 4, true, true],
    ]);
    cloud.channel.status(stream.requestId, 'text-over');
    await stream.finished;
  });

  it('goes on after a clause is over when the cloud does not ask', async () => {
    const { cloud, session } = await onStage({
      command: (command, { status }) => {
        if (command.kind !== 'stream') return;
        if (command.final) status(command.requestId, 'text-over');
        else status(command.requestId, 'clause-over', { sequence: command.sequence });
      },
    });
    await session.stream(['One.', 'Two.', 'Three.'], { clauses: true }).finished;
    expect(texts(cloud)).toEqual(['One.', 'Two.', 'Three.', '']);
  });

  it('sends an insertion at once, before clauses that wait', async () => {
    const { cloud, session } = await onStage();
    const stream = session.stream(undefined, { clauses: true });
    void stream.write('A1 is said.');
    void stream.write('A2 is said.');
    await cloud.waitForCommands(1);
    void stream.insert('X is said.');
    stream.end();
    await cloud.waitForCommands(2);
    expect(cloud.sent('stream')[1]).toMatchObject({
      text: 'X is said.',
      sequence: 2,
      insert: true,
      clause: true,
    });
    cloud.channel.status(stream.requestId, 'clause-next', { sequence: 1 });
    await cloud.waitForCommands(4);
    expect(texts(cloud)).toEqual(['A1 is said.', 'X is said.', 'A2 is said.', '']);
    expect(() => session.stream().insert('no')).toThrow(
      expect.objectContaining({ code: 'ERR_STATE' }) as Error,
    );
  });

  it('keeps as many clauses ahead as is wished', async () => {
    const { cloud, session } = await onStage({}, { clausesAhead: 3 });
    session.stream(['One.', 'Two.', 'Three.', 'Four.'], { clauses: true });
    await cloud.waitForCommands(3);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(texts(cloud)).toEqual(['One.', 'Two.', 'Three.']);
  });

  it('cuts a clause that is too long', async () => {
    const { cloud, session } = await onStage({}, { clausesAhead: 3 });
    const stream = session.stream(['x'.repeat(1500)], { clauses: true });
    await cloud.waitForCommands(3);
    expect(cloud.sent('stream').map((packet: StreamCommand) => packet.text.length)).toEqual([1000, 500, 0]);
    expect(() => stream.insert('y'.repeat(1001))).toThrow(
      expect.objectContaining({ code: 'ERR_STATE' }) as Error,
    );
  });
});
