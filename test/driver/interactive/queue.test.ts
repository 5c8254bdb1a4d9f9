import { afterEach, describe, expect, it } from 'vitest';
import type { FacewireError } from '../../../src/errors.js';
import type { InteractiveDrive } from '../../../src/driver/interactive/index.js';
import { codeOf } from '../../code-of.js';
import { closeAll, failureOf, speakAtOnce } from '../../tools/interactive-cloud.js';
import { advanceUntil, until } from '../../tools/virtual-clock.js';
import { onStage, say } from './stage.js';

afterEach(closeAll);

const later = { when: 'queue' } as const;
const thrownBy = (run: () => unknown): FacewireError => {
  try {
    run();
  } catch (thrown) {
    return thrown as FacewireError;
  }
  throw new Error('should have thrown');
};

describe('drives that are queued faster than they are spoken', () => {
  it('are refused beyond the limit; all that were taken are said, once and in order', async () => {
    const { cloud, session, clock } = await onStage({ command: speakAtOnce }, { maxQueuedDrives: 20 });
    const taken: InteractiveDrive[] = [];
    const refusals: FacewireError[] = [];
    for (let number = 0; number < 50; number++) {
      try {
        taken.push(session.speak(`Text ${number}.`, later));
      } catch (thrown) {
        refusals.push(thrown as FacewireError);
      }
    }
    expect(taken).toHaveLength(20);
    expect(refusals).toHaveLength(30);
    expect(refusals[0]).toMatchObject({
      code: 'ERR_BUFFER_FULL',
      expected: 'at most 20 drives that wait',
      received: '21 drives',
    });
    expect(refusals[0].remedy).toMatch(/Await `finished`/);
    expect(session.counters).toMatchObject({ queuedDrives: 20, refusedDrives: 30 });
    await advanceUntil(clock, () => taken.every((drive) => drive.isOver));
    await Promise.all(taken.map((drive) => drive.finished));
    expect(cloud.sent('text').map(({ text }) => text)).toEqual(taken.map((_, number) => `Text ${number}.`));
    expect(session.counters).toMatchObject({ queuedDrives: 0, queuedBytes: 0, refusedDrives: 30 });
    const next = session.speak('There is room again.', later);
    await advanceUntil(clock, () => next.isOver);
    await next.finished;
  });

  it('are refused beyond 256 by default, streams and sounds like texts', async () => {
    const { session } = await onStage({}, { driver: 'audio' });
    const sound = new Int16Array(10);
    for (let i = 0; i < 256; i += 4) {
      session.speak('One.', later);
      session.chat('Two?', later);
      session.stream(undefined, later);
      session.playAudio(sound, { ...later, sampleRate: 16_000 });
    }
    let asked = 0;
    const pieces = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: `${asked++}`, done: false }) }),
    };
    for (const refused of [
      () => session.speak('One.', later),
      () => session.chat('Two?', later),
      () => session.stream(pieces, later),
      () => session.playAudio(sound, { ...later, sampleRate: 16_000 }),
    ])
      expect(codeOf(refused)).toBe('ERR_BUFFER_FULL');
    expect(asked).toBe(0);
    expect(session.counters).toMatchObject({ queuedDrives: 256, refusedDrives: 4 });
  });

  it('keep at most as many bytes as is set; the pieces of a sound that are yet to come count nothing', async () => {
    const { session } = await onStage({}, { driver: 'audio', maxQueuedBytes: 65_536 });
    session.playAudio(new Int16Array(32_000), { ...later, sampleRate: 16_000 });
    expect(session.counters.queuedBytes).toBe(64_000);
    const error = thrownBy(() => session.speak('x'.repeat(4000), later));
    expect(error).toMatchObject({ code: 'ERR_BUFFER_FULL', expected: 'at most 65536 bytes that wait' });
    expect(Number.parseInt(error.received!)).toBeGreaterThan(68_000);
    const pieces = (async function* () {
      yield await Promise.resolve(new Int16Array(1_000_000));
    })();
    session.playAudio(pieces, { ...later, sampleRate: 16_000 });
    session.speak('x'.repeat(400), later);
    expect(session.counters).toMatchObject({ queuedDrives: 3, refusedDrives: 1 });
    expect(session.counters.queuedBytes).toBeLessThanOrEqual(65_536);
  });

  it('share their bytes with the text of streams that wait', async () => {
    const { session } = await onStage({}, { maxQueuedBytes: 65_536 });
    const first = session.stream(undefined, later);
    const second = session.stream(undefined, later);
    void first.write('x'.repeat(40_000));
    void second.write('y'.repeat(20_000));
    expect(thrownBy(() => void second.write('y'.repeat(6000)))).toMatchObject({
      code: 'ERR_BUFFER_FULL',
      received: '26000 bytes',
    });
    expect(session.counters).toMatchObject({ queuedBytes: 60_000, refusedTexts: 1, refusedDrives: 0 });
  });

  it('make room when they are interrupted while they wait', async () => {
    const { session } = await onStage({}, { maxQueuedDrives: 2 });
    const [first] = [session.speak('One.', later), session.speak('Two.', later)];
    expect(codeOf(() => session.speak('Three.', later))).toBe('ERR_BUFFER_FULL');
    await first.interrupt();
    expect(session.counters.queuedDrives).toBe(1);
    session.speak('Three.', later);
  });

  it('are void, and none is refused, when one comes that interrupts', async () => {
    const { cloud, session } = await onStage({}, { maxQueuedDrives: 2 });
    const waiting = [session.speak('One.', later), session.speak('Two.', later)];
    let last = session.speak('Now!');
    // Of ten thousand that interrupt each other within one turn of the loop only the last is kept.
    for (let i = 0; i < 10_000; i++) last = session.speak(`Now ${i}!`);
    expect(session.counters).toMatchObject({ queuedDrives: 1, refusedDrives: 0 });
    for (const drive of waiting)
      expect(await failureOf(drive.finished)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    await cloud.waitForCommands(1);
    expect(cloud.sent('text').map(({ text }) => text)).toEqual(['Now 9999!']);
    say(cloud, last.requestId, 'text-over');
    await last.finished;
  });

  it('wait for a text that is sent again, which keeps its place and is never refused', async () => {
    let refusals = 0;
    const { cloud, session, clock } = await onStage(
      {
        command: (command, channel) => {
          if (command.kind !== 'text' || command.text !== 'One.' || refusals++ > 0)
            return speakAtOnce(command, channel);
          const frame = { Header: { Code: 100012 }, Payload: { ReqId: command.requestId } };
          channel.socket.send(JSON.stringify(frame));
        },
      },
      { maxQueuedDrives: 1 },
    );
    const first = session.speak('One.');
    const sent = advanceUntil(clock, () => cloud.commands.length > 0);
    // Its turn has come, and the next one waits already when the refusal does.
    await until(() => session.counters.queuedDrives === 0);
    const second = session.speak('Two.', later);
    await sent;
    await advanceUntil(clock, () => first.isOver && second.isOver);
    await Promise.all([first.finished, second.finished]);
    expect(cloud.sent('text').map(({ text }) => text)).toEqual(['One.', 'One.', 'Two.']);
  });
});

describe('a text that is written faster than it is taken', () => {
  it('is joined to whole packets while it waits, and loses nothing', async () => {
    const { cloud, session, clock } = await onStage();
    const first = session.speak('First.');
    await cloud.waitForCommands(1);
    const stream = session.stream(undefined, later);
    const text = 'A word, <break time="1s"/> 好. '.repeat(500);
    const written = [...text].map((character) => stream.write(character));
    stream.end();
    expect(session.counters.queuedDrives).toBe(1);
    say(cloud, first.requestId, 'text-over');
    await advanceUntil(clock, () => cloud.sent('stream').at(-1)?.final === true);
    await Promise.all(written);
    const packets = cloud.sent('stream');
    expect(packets.map((packet) => packet.text).join('')).toBe(text);
    expect(packets.length).toBeLessThan(40);
    for (const packet of packets) expect(packet.text.split('<').length).toBe(packet.text.split('>').length);
  });

  it('in clause mode is refused beyond 1024 clauses; those that were taken are sent, one by one', async () => {
    const { cloud, session } = await onStage({
      command: (command, { status }) => {
        if (command.kind !== 'stream') return;
        if (command.final) status(command.requestId, 'text-over');
        else status(command.requestId, 'clause-next', { sequence: command.sequence });
      },
    });
    const stream = session.stream(undefined, { clauses: true });
    for (let i = 0; i < 1024; i++) void stream.write(`Clause ${i}.`);
    expect(thrownBy(() => void stream.write('One more.'))).toMatchObject({
      code: 'ERR_BUFFER_FULL',
      expected: 'at most 1024 clauses',
      received: '1025 clauses',
    });
    expect(session.counters.refusedTexts).toBe(1);
    stream.end();
    await stream.finished;
    expect(cloud.sent('stream').map(({ text }) => text)).toEqual([
      ...Array.from({ length: 1024 }, (_, i) => `Clause ${i}.`),
      '',
    ]);
  });
});

describe('the source of a stream', () => {
  it('may give pieces of any length', async () => {
    const { cloud, session } = await onStage({ command: speakAtOnce });
    const text = `${'x'.repeat(16 * 1024 - 1)}😀${'好'.repeat(60_000)}`;
    await session.stream([text]).finished;
    expect(
      cloud
        .sent('stream')
        .map((packet) => packet.text)
        .join(''),
    ).toBe(text);
  });

  it('waits when what waits is full already, and nothing of it is lost', async () => {
    const { cloud, session, clock } = await onStage({}, { maxQueuedBytes: 65_536 });
    const first = session.speak('First.');
    await cloud.waitForCommands(1);
    const full = session.stream(undefined, later);
    void full.write('x'.repeat(60_000));
    full.end();
    const stream = session.stream(['y'.repeat(20_000), 'z'.repeat(20_000)], later);
    say(cloud, first.requestId, 'text-over');
    await advanceUntil(clock, () => cloud.sent('stream').some(({ final }) => final));
    say(cloud, full.requestId, 'text-over');
    await full.finished;
    await advanceUntil(clock, () => cloud.sent('stream').filter(({ final }) => final).length === 2);
    say(cloud, stream.requestId, 'text-over');
    await stream.finished;
    const sent = cloud.sent('stream').map((packet) => packet.text);
    expect(sent.join('')).toBe(`${'x'.repeat(60_000)}${'y'.repeat(20_000)}${'z'.repeat(20_000)}`);
  });

  it('is left when one of its pieces cannot be sent', async () => {
    const { session } = await onStage();
    let left = false;
    async function* pieces(): AsyncGenerator<string> {
      try {
        yield await Promise.resolve('Half a character \ud83d in the middle.');
      } finally {
        left = true;
      }
    }
    const stream = session.stream(pieces());
    expect(await failureOf(stream.finished)).toMatchObject({
      code: 'ERR_INTERRUPTED',
      cause: { code: 'ERR_WIRE_LIMIT' },
    });
    await until(() => left);
  });
});

describe('the limits of the queue', () => {
  it.each([
    ['maxQueuedDrives', 0],
    ['maxQueuedDrives', 10_001],
    ['maxQueuedBytes', 65_535],
    ['maxQueuedBytes', 1_073_741_825],
    ['maxQueuedBytes', 70_000.5],
  ])('%s cannot be %d', async (name, value) => {
    await expect(onStage({}, { [name]: value })).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' });
  });
});
