import { afterAll, beforeAll, expect, it } from 'vitest';
import { InteractiveSession, type InteractiveEvent } from '../../src/driver/interactive/index.js';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { describeWith } from '../tools.js';

/** The statuses of a drive, clause numbers behind them. */
async function statuses(drive: AsyncIterable<InteractiveEvent>): Promise<string[]> {
  const story: string[] = [];
  for await (const event of drive) {
    if (event.type === 'status')
      story.push(event.sequence === 0 ? event.status : `${event.status} ${event.sequence}`);
  }
  return story;
}

describeWith(['ffmpeg', 'canvas'], 'our client of sessions and our server', () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await startLocalCloud({ interactive: { picture: { width: 160, height: 90, frameRate: 10 } } });
  });
  afterAll(() => cloud.close());

  it('live through a whole session together: text, streams, sound, questions, interrupts', async () => {
    const { url, appkey, accessToken } = cloud.connection;
    const session = await InteractiveSession.open({
      url,
      appkey,
      accessToken,
      assetKey: 'any',
      userId: 'viewer-1',
      driver: 'audio',
      speech: { speedPercent: 200 },
      timeouts: { pollMs: 50 },
    });
    expect(session.playAddress).toMatch(/^rtmp:\/\/127\.0\.0\.1:/);
    const text = ['waiting-text-start', 'text-start', 'waiting-text-over', 'text-over'];
    expect(await statuses(session.speak('Hello.'))).toEqual(text);
    expect(await statuses(session.stream(['Streamed ', 'text. And', ' more.']))).toEqual(text);
    const clauses = await statuses(session.stream(['First clause.', 'Second one.'], { clauses: true }));
    expect(clauses.filter((word) => word.startsWith('clause'))).toEqual(
      [1, 2].flatMap((n) => [`clause-start ${n}`, `clause-next ${n}`, `clause-over ${n}`]),
    );
    expect(clauses.at(-1)).toBe('text-over');
    const tone = Int16Array.from({ length: 24_000 }, (_, i) => 9000 * Math.sin(i / 9));
    const sound = session.playAudio(new Uint8Array(tone.buffer), { sampleRate: 48_000 });
    expect(await statuses(sound)).toEqual([
      'waiting-audio-start',
      'audio-start',
      'waiting-audio-over',
      'audio-over',
    ]);
    expect((await sound.finished).audioEnd).toBe('client');
    const answer = session.chat('What are you?');
    const said: string[] = [];
    for await (const event of answer) if (event.type === 'content') said.push(event.displayText);
    expect(said.join(' ')).toContain('I am an echo.');
    const long = session.speak('This is said for ever and ever. '.repeat(20));
    for await (const event of long) {
      if (event.type !== 'status' || event.status !== 'text-start') continue;
      await session.interrupt();
      break;
    }
    await expect(long.finished).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(session.counters).toMatchObject({ malformedFrames: 0, refusedFrames: 0, reconnects: 0 });
    await session.close();
    expect(cloud.sessions).toBe(0);
  });

  it('agree on what replaces a session', async () => {
    const { url, appkey, accessToken } = cloud.connection;
    const options = {
      url,
      appkey,
      accessToken,
      assetKey: 'any',
      userId: 'viewer-2',
      timeouts: { pollMs: 50 },
    };
    const older = await InteractiveSession.open(options);
    const ended = new Promise((resolve) => older.once('closed', resolve));
    const newer = await InteractiveSession.open(options);
    expect(await ended).toMatchObject({ code: 'ERR_SESSION_REPLACED' });
    expect(cloud.sessions).toBe(1);
    await newer.close();
    await older.close();
  });
});
