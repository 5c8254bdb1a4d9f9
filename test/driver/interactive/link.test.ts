import { afterEach, describe, expect, it } from 'vitest';
import type { FacewireError } from '../../../src/errors.js';
import { writeChannelError } from '../../../src/wire/index.js';
import { closeAll, failureOf, openSession, sessionId, startCloud } from '../../tools/interactive-cloud.js';
import { advanceUntil, until, VirtualClock } from '../../tools/virtual-clock.js';
import { onStage, reconnect, say } from './stage.js';

afterEach(closeAll);

describe('a channel that was lost', () => {
  it('is opened again with a fresh signature, and the replay is told once', async () => {
    let wall = Date.now();
    const clock = new VirtualClock();
    const stage = await onStage({}, { environment: { clock, wallNow: () => wall } }, clock);
    const { cloud, session } = stage;
    const drive = session.speak('Hello');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of drive)
        if (event.type === 'status') seen.push(`${event.status} ${event.sequence}`);
    })();
    await cloud.waitForCommands(1);
    say(cloud, drive.requestId, 'waiting-text-start', 'text-start');
    await until(() => drive.isStarted);
    wall += 1000;
    await reconnect(stage);
    say(cloud, drive.requestId, 'waiting-text-start', 'text-start', 'waiting-text-over', 'text-over');
    await drive.finished;
    await reading;
    expect(seen).toEqual(['waiting-text-start 0', 'text-start 0', 'waiting-text-over 0', 'text-over 0']);
    expect(session.counters).toMatchObject({ duplicateStatuses: 2, reconnects: 1, resentFrames: 0 });
    expect(stage.log).toEqual(['disconnected ERR_CONNECTION_LOST', 'connected true']);
    expect(cloud.sent('text')).toHaveLength(1);
    expect(new Set(cloud.upgrades).size).toBe(2);
  });

  it('does not send again what a server may do twice; a text of which nothing comes fails', async () => {
    const stage = await onStage();
    const { cloud, session, clock } = stage;
    const drive = session.speak('Hello');
    await cloud.waitForCommands(1);
    await reconnect(stage);
    clock.advance(4999);
    expect(drive.isOver).toBe(false);
    clock.advance(1);
    expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(cloud.sent('text')).toHaveLength(1);
  });

  it('fails a stream in the middle at once, when the server is not idempotent', async () => {
    const stage = await onStage();
    const { cloud, session } = stage;
    const stream = session.stream();
    await stream.write('One. ');
    await cloud.waitForCommands(1);
    cloud.cut();
    expect(await failureOf(stream.finished)).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  it('sends again what no status has confirmed, where the server says that it is idempotent', async () => {
    const stage = await onStage({ idempotent: true });
    const { cloud, session } = stage;
    const text = session.speak('Hello');
    await cloud.waitForCommands(1);
    await reconnect(stage);
    await cloud.waitForCommands(2);
    expect(cloud.commands[1]).toEqual(cloud.commands[0]);
    say(cloud, text.requestId, 'text-start');
    await until(() => text.isStarted);
    await reconnect(stage);
    // A command after it shows that nothing else was on the way.
    say(cloud, text.requestId, 'text-over');
    await text.finished;
    const stream = session.stream(['One. ', 'Two. ', 'Three. '], { clauses: true });
    await advanceUntil(stage.clock, () => cloud.commands.length === 3);
    cloud.channel.status(stream.requestId, 'clause-start', { sequence: 1 });
    cloud.channel.status(stream.requestId, 'clause-next', { sequence: 1 });
    await cloud.waitForCommands(4);
    await reconnect(stage);
    await cloud.waitForCommands(5);
    expect(cloud.sent('stream').map(({ sequence }) => sequence)).toEqual([1, 2, 2]);
    cloud.channel.status(stream.requestId, 'clause-next', { sequence: 2 });
    await cloud.waitForCommands(7);
    expect(cloud.sent('stream').map(({ text: part, sequence }) => [part, sequence])).toEqual([
      ['One. ', 1],
      ['Two. ', 2],
      ['Two. ', 2],
      ['Three. ', 3],
      ['', 4],
    ]);
    expect(session.counters.resentFrames).toBe(2);
  });

  it('loses and repeats no character of a stream over 30 cuts at random, where the server is idempotent', async () => {
    const clock = new VirtualClock();
    const taken = new Map<number, string>();
    let ended = false;
    let heard = 0;
    const cloud = await startCloud({
      idempotent: true,
      command: (command, channel) => {
        if (command.kind !== 'stream') return;
        taken.set(command.sequence, command.text);
        heard++;
        // Cut in the middle of the stream, now and then.
        if (heard % 7 === 3 && heard < 210) channel.socket.terminate();
        else if (command.final) {
          ended = true;
          channel.status(command.requestId, 'text-over');
        }
      },
    });
    const session = await openSession(cloud, { environment: { clock } });
    const pieces = Array.from({ length: 60 }, (_, index) => `Piece ${index} of the text. `);
    const stream = session.stream(pieces);
    await advanceUntil(clock, () => stream.isOver, 50);
    await stream.finished;
    expect(ended).toBe(true);
    const whole = [...taken.entries()].sort(([a], [b]) => a - b).map(([, text]) => text);
    expect(whole.join('')).toBe(pieces.join(''));
    expect(session.counters.reconnects).toBeGreaterThan(3);
  });

  it('never sends again what was interrupted', async () => {
    const stage = await onStage({ idempotent: true });
    const { cloud, session } = stage;
    const stream = session.stream();
    await stream.write('One. ');
    await cloud.waitForCommands(1);
    cloud.cut();
    await until(() => !session.isConnected);
    const stopped = stream.interrupt();
    await advanceUntil(stage.clock, () => session.isConnected && cloud.commands.length === 2, 50);
    // Only the stop went out.
    expect(cloud.sent('stream')[1]).toMatchObject({ interrupt: true, sequence: 2, text: '' });
    say(cloud, stream.requestId, 'text-over');
    await stopped;
    expect(session.counters.resentFrames).toBe(0);
  });

  it('keeps what could not be sent for 30 s and 64 KiB', async () => {
    let away = false;
    const stage = await onStage({
      upgrade: () => (away ? 'destroy' : undefined),
      rest: () => (away ? 'destroy' : undefined),
    });
    const { cloud, session, clock } = stage;
    away = true;
    cloud.cut();
    await until(() => !session.isConnected);
    const early = session.speak('Waits and is said.');
    await until(() => session.counters.waitingBytes > 0);
    clock.advance(29_000);
    away = false;
    await advanceUntil(clock, () => cloud.commands.length === 1, 50);
    say(cloud, early.requestId, 'text-over');
    await early.finished;

    away = true;
    cloud.cut();
    await until(() => !session.isConnected);
    const late = session.speak('Waits for too long.');
    await advanceUntil(clock, () => session.counters.waitingBytes > 0, 50);
    const began = clock.now();
    await advanceUntil(clock, () => late.isOver, 1000);
    expect(clock.now() - began).toBe(30_000);
    expect(await failureOf(late.finished)).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    const many = Array.from({ length: 40 }, () => session.speak('x'.repeat(4000), { when: 'queue' }));
    many[0].interrupt().catch(() => undefined);
    expect(session.counters.waitingBytes).toBeLessThanOrEqual(64 * 1024);
    away = false;
  });
});

describe('what ends a session', () => {
  it.each([
    [110013, 'ERR_SESSION_CLOSED'],
    [110014, 'ERR_SESSION_NOT_READY'],
    [110018, 'ERR_SESSION_UNKNOWN'],
    [110022, 'ERR_SESSION_REPLACED'],
  ])('code %i on the channel: one event, no other attempt', async (code, name) => {
    const { cloud, session, clock, log } = await onStage();
    const drive = session.speak('Hello');
    const waiting = session.speak('Queued', { when: 'queue' });
    await cloud.waitForCommands(1);
    const { socket } = cloud.channel;
    socket.send(writeChannelError({ requestId: 'x', sessionId }, code, 'Gone: for good'));
    socket.close(4000, 'gone');
    for (const each of [drive, waiting])
      expect(await failureOf(each.finished)).toMatchObject({ code: name, remoteCode: code });
    await session.close();
    clock.advance(3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log).toEqual([`closed ${name}`]);
    expect(cloud.upgrades).toHaveLength(1);
    expect(cloud.count('close')).toBe(1);
    expect(clock.timers).toBe(0);
    expect(() => session.speak('more')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }) as Error);
  });

  it('is found in the state of the session when the socket says only goodbye', async () => {
    const { cloud, session, clock, log } = await onStage({
      states: [{ status: 'closed', closeReason: 'replaced' }],
    });
    let error: FacewireError | undefined;
    session.on('closed', (reason) => (error = reason));
    cloud.channel.socket.close(4001, 'replaced by another');
    await advanceUntil(clock, () => error !== undefined);
    expect(error).toMatchObject({
      code: 'ERR_SESSION_REPLACED',
      remoteCode: 110022,
      cause: { remoteCode: 4001 },
    });
    expect(error!.message).toContain('close 4001 (replaced by another)');
    await session.close();
    expect(log).toEqual(['disconnected ERR_CONNECTION_LOST', 'closed ERR_SESSION_REPLACED']);
    expect(cloud.upgrades).toHaveLength(1);
  });

  it('is an upgrade that says so', async () => {
    const { cloud, session, clock, log } = await onStage({
      upgrade: (attempt) => (attempt > 1 ? { status: 400, code: 110018 } : undefined),
    });
    cloud.cut();
    await advanceUntil(clock, () => session.isClosed);
    await session.close();
    expect(log.at(-1)).toBe('closed ERR_SESSION_UNKNOWN');
    expect(cloud.upgrades).toHaveLength(2);
  });

  it('is not a connection that broke inside the cloud', async () => {
    const { cloud, session, clock } = await onStage();
    cloud.channel.socket.send(writeChannelError({ requestId: 'x', sessionId }, -111002, ''));
    await advanceUntil(clock, () => session.counters.reconnects === 1 && session.isConnected);
    expect(session.isClosed).toBe(false);
  });
});
