import { afterEach, describe, expect, it } from 'vitest';
import { utf8Length, writeChannelError, type StreamCommand } from '../../../src/wire/index.js';
import {
  closeAll,
  failureOf,
  sessionId,
  speakAtOnce,
  type InteractiveCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, until } from '../../tools/virtual-clock.js';
import { onStage, say } from './stage.js';

afterEach(closeAll);

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

  it('of which a packet came too fast sends it again after a second, in its place', async () => {
    const taken: StreamCommand[] = [];
    let refused = 0;
    const { session, clock } = await onStage({
      command: (command, channel) => {
        if (command.kind !== 'stream') return;
        if (command.sequence === 2 && refused++ === 0) {
          const ids = { requestId: command.requestId, sessionId };
          channel.socket.send(writeChannelError(ids, 100012, 'TooFrequent: ', 'header', 2));
          return;
        }
        taken.push(command);
        if (command.final) channel.status(command.requestId, 'text-over');
      },
    });
    const stream = session.stream();
    const began = clock.now();
    await stream.write('One. ');
    await stream.write('Two. ');
    await advanceUntil(clock, () => taken.length === 2);
    expect(clock.now() - began).toBeGreaterThanOrEqual(1000);
    void stream.write('Three. ');
    stream.end();
    await advanceUntil(clock, () => stream.isOver);
    await stream.finished;
    expect(taken.map(({ text, sequence }) => `${sequence} ${text}`)).toEqual([
      '1 One. ',
      '2 Two. ',
      '3 Three. ',
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
