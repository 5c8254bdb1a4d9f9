import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';

import { EndpointDriver } from '../../src/driver/index.js';
import { CloudWatch } from '../../src/kiosk/cloud-watch.js';
import { Speaker } from '../../src/kiosk/speaker.js';
import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import { FaultProxy } from '../tools/fault-proxy.js';
import { ToneVoice } from '../tools/tone-voice.js';

/** Keeps which frames came, and whether they were loud. */
class FrameSink extends NullSink {
  readonly frames: number[] = [];
  loud = 0;

  override write(span: Span): void {
    super.write(span);
    this.frames.push(span.frameIndex);
    if (span.audio.some((sample) => sample !== 0)) this.loud += 1;
  }
}

const open: { close(): Promise<unknown> | void }[] = [];
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

interface Stage {
  readonly speaker: Speaker;
  readonly player: Player;
  readonly session: MediaSession;
  readonly sink: FrameSink;
  readonly watch: CloudWatch;
  readonly proxy: FaultProxy;
  readonly cloudVoice: ToneVoice;
  readonly localVoice: ToneVoice;
  /** Whether the cloud is there, each time that changed. */
  readonly changes: boolean[];
  changed: () => void;
}

async function stage(): Promise<Stage> {
  const cloudVoice = new ToneVoice();
  const localVoice = new ToneVoice();
  // As the vendor's: nothing is resumed, and sound comes little ahead of time.
  const cloud = await startLocalCloud({
    voice: cloudVoice,
    interactive: false,
    resumeMs: 0,
    aheadSeconds: 0.5,
  });
  const local = await startLocalCloud({ voice: localVoice, interactive: false });
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: cloud.port });
  const cloudDriver = new EndpointDriver({
    ...cloud.connection,
    url: proxy.url,
    timeouts: { connectMs: 2000 },
  });
  const localDriver = new EndpointDriver({ ...local.connection });
  const session = new MediaSession();
  const sink = new FrameSink();
  const player = new Player({ session, sinks: [sink] });
  await player.start();
  const changes: boolean[] = [];
  const watch = new CloudWatch(
    cloudDriver,
    (isUp) => {
      changes.push(isUp);
      made.changed();
    },
    () => 0.2,
  );
  const speaker = new Speaker({
    player,
    session,
    local: localDriver,
    cloud: { driver: cloudDriver, watch, speech: {} },
    queue: 3,
  });
  const made: Stage = {
    speaker, player, session, sink, watch, proxy, cloudVoice, localVoice, changes, changed: () => undefined,
  }; // prettier-ignore
  open.push(cloud, local, proxy, cloudDriver, localDriver);
  open.push({ close: () => session.close() }, { close: () => player.stop() });
  open.push({ close: () => watch.close() }, speaker);
  await watch.start();
  return made;
}

function untilCloudIs(the: Stage, isUp: boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (the.watch.isUp === isUp) resolve();
    };
    the.changed = look;
    look();
  });
}

function cutCloud(the: Stage): void {
  the.proxy.set({ kind: 'refuse' });
  the.proxy.cutAll('rst');
}

describe('a speaker with a cloud and a local voice', () => {
  it('speaks by the cloud while that is there', async () => {
    const the = await stage();
    const said = await the.speaker.say('Good morning. It is a fine day.');
    expect(said).toMatchObject({
      outcome: 'finished',
      sources: ['cloud'],
      text: 'Good morning. It is a fine day.',
    });
    expect(the.localVoice.spoken).toEqual([]);
  });

  it('says what had arrived when the cloud is lost, lives on, and takes the next request itself', async () => {
    const the = await stage();
    const text =
      'This sentence goes on and on and on and is far too long to have come at once, is it not so.';
    const saying = the.speaker.say(text);
    await once(the.player, 'started');
    cutCloud(the);
    const said = await saying;
    expect(said.outcome).toBe('lost');
    expect(said.sources).toEqual(['cloud']);
    expect(the.sink.loud).toBeGreaterThan(3);
    expect(the.watch.isUp).toBe(false);
    const next = await the.speaker.say('Here I am.');
    expect(next).toMatchObject({ outcome: 'finished', sources: ['local'], text: 'Here I am.' });
    expect(the.localVoice.spoken).toEqual(['Here I am.']);
    // Without a break, and none left out.
    expect(the.sink.frames).toEqual(the.sink.frames.map((_, i) => i));
  });

  it('has the local voice say a request of which nothing was heard yet', async () => {
    const the = await stage();
    the.proxy.set({ kind: 'refuse' });
    the.proxy.cutAll('rst');
    const said = await the.speaker.say('Nobody notices.');
    expect(said).toMatchObject({ outcome: 'finished', sources: ['local'], text: 'Nobody notices.' });
  });

  it('goes back to the cloud at the next sentence', async () => {
    const the = await stage();
    cutCloud(the);
    await the.speaker.say('Now it is gone.');
    expect(the.watch.isUp).toBe(false);
    const sentences = Array.from({ length: 60 }, (_, i) => `This is sentence number ${i}.`);
    const saying = the.speaker.say(sentences.join(' '));
    await once(the.player, 'started');
    the.proxy.set({ kind: 'pass' });
    await untilCloudIs(the, true);
    const heardLocally = the.localVoice.spoken.length - 1;
    // The rest would last for half a minute; its beginning is enough.
    await once(the.player, 'started');
    while (the.cloudVoice.spoken.length === 0) await once(the.player, 'started');
    the.speaker.interrupt();
    const said = await saying;
    expect(said).toMatchObject({ outcome: 'interrupted', sources: ['local', 'cloud'] });
    expect(the.cloudVoice.spoken[0]).toBe(sentences[the.localVoice.spoken.length - 1]);
    expect(the.localVoice.spoken.length - 1).toBeLessThanOrEqual(heardLocally + 1);
    expect(the.localVoice.spoken.slice(1)).toEqual(sentences.slice(0, the.localVoice.spoken.length - 1));
    expect(the.changes).toEqual([true, false, true]);
  });

  it('answers a question by whoever is there', async () => {
    const the = await stage();
    expect(await the.speaker.ask('Hello?')).toMatchObject({ outcome: 'finished', sources: ['cloud'] });
    cutCloud(the);
    expect(await the.speaker.ask('Hello?')).toMatchObject({ outcome: 'finished', sources: ['local'] });
  });

  it('drops what waits when it is interrupted, and speaks again', async () => {
    const the = await stage();
    const first = the.speaker.say('One two three four five six seven eight nine ten eleven twelve.');
    const second = the.speaker.say('Never heard.');
    await once(the.player, 'started');
    the.speaker.interrupt();
    expect((await first).outcome).toBe('interrupted');
    expect((await second).outcome).toBe('interrupted');
    expect(the.cloudVoice.spoken.join(' ')).not.toContain('Never');
    expect(await the.speaker.say('Again.')).toMatchObject({ outcome: 'finished' });
  });

  it('refuses more requests than may wait', async () => {
    const the = await stage();
    const saying = [1, 2, 3].map((number) => the.speaker.say(`Number ${number}.`));
    expect(() => the.speaker.say('One too many.')).toThrowError(
      expect.objectContaining({ code: 'ERR_RATE_LIMITED' }) as Error,
    );
    the.speaker.interrupt();
    await Promise.all(saying);
  });
});
