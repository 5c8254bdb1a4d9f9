import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { frameWidth } from '../../src/frame.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { descendants, hasProc, untilGone, type Process, type Running } from '../cli/run.js';
import { PulseRig } from '../integration/pulse.js';
import { describeLong, describeWith, itLong } from '../tools.js';
import { FaultProxy } from '../tools/fault-proxy.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { KioskBox, health, post, until } from './box.js';

const box = new KioskBox();
afterEach(() => box.stop());
afterAll(() => box.remove());
const { home } = box;
const start = box.start.bind(box);

const children = (running: Running, kind: RegExp): Process[] =>
  descendants(running.pid).filter(({ command }) => kind.test(command));

describe('a kiosk with a page', () => {
  const silent = 'card: false\nhttp: { port: 0 }\n';

  it('serves the page and exactly the code that it needs, which is code for a browser', async () => {
    const { url } = await start(silent);
    const page = await (await fetch(`${url}/`)).text();
    const waiting = [...page.matchAll(/from '([^']+)'/g)].map(([, path]) => new URL(path, url).href);
    expect(waiting.length).toBeGreaterThan(1);
    const seen = new Set<string>();
    for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
      if (seen.has(address)) continue;
      seen.add(address);
      const response = await fetch(address);
      expect(response.status, address).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/javascript/);
      const code = await response.text();
      expect(code).not.toMatch(/\bprocess\.|\bBuffer\b|require\(/);
      for (const [, specifier] of code.matchAll(/^(?:import|export)\b[^'"]*from '([^']+)'/gm)) {
        expect(specifier).toMatch(/^\./);
        waiting.push(new URL(specifier, address).href);
      }
    }
    expect(seen.size).toBeGreaterThan(10);
    for (const path of ['/code/cli/main.js', '/code/../package.json', '/code/server/keys.js', '/x'])
      expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  it('sends every frame to the browser, and speaks into them', async () => {
    const { url } = await start(silent);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/face`, { origin: url });
    const frames: { sample: number; jaw: number }[] = [];
    socket.on('message', (data: Buffer) => {
      expect(data.length).toBe(8 + 4 * frameWidth);
      frames.push({ sample: data.readDoubleLE(0), jaw: data.readFloatLE(8 + 4 * 17) });
    });
    await once(socket, 'message');
    const [status, said] = await post(`${url}/say`, { text: 'Hello.' });
    expect(status).toBe(200);
    expect(said).toMatchObject({ outcome: 'finished', sources: ['local'], text: 'Hello.' });
    expect(Math.max(...frames.map(({ jaw }) => jaw))).toBeGreaterThan(0.1);
    const steps = new Set(frames.slice(1).map(({ sample }, i) => sample - frames[i].sample));
    expect([...steps]).toEqual([1920]);
    expect(await health(url)).toMatchObject({
      status: 'ok',
      source: 'local',
      cloud: 'none',
      page: { viewers: 1 },
    });
    socket.terminate();
  });

  it('is silent when it is told to', async () => {
    const { url } = await start(silent);
    const saying = post(`${url}/say`, { text: 'And so it goes on and on. '.repeat(20) });
    await until(url, ({ waiting }) => waiting === 1);
    const [, { stoppedAtSample }] = (await post(`${url}/interrupt`, {})) as [
      number,
      { stoppedAtSample: number },
    ];
    expect(stoppedAtSample).toBeGreaterThanOrEqual(0);
    expect(await saying).toMatchObject([200, { outcome: 'interrupted' }]);
  });

  it('refuses web pages of others, and what is no request', async () => {
    const { url } = await start(silent);
    const say = `${url}/say`;
    expect(await post(say, { text: 'Hi.' }, { origin: 'https://elsewhere.example' })).toMatchObject([
      403,
      {},
    ]);
    expect(await post(say, 'not JSON')).toMatchObject([400, {}]);
    expect(await post(say, { text: ' ' })).toMatchObject([400, {}]);
    expect(await post(say, { text: 'x'.repeat(20_000) })).toMatchObject([413, {}]);
    expect(await post(say, { text: 'Hi.' }, { 'content-type': 'text/plain' })).toMatchObject([415, {}]);
    expect(await post(`${url}/nothing`, {})).toMatchObject([404, {}]);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/face`, {
      origin: 'https://elsewhere.example',
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toMatch(/404/);
  });

  it.runIf(hasProc)('speaks again when its voice was killed, and ends with nothing left', async () => {
    const { url, running } = await start(silent);
    expect(await post(`${url}/say`, { text: 'One.' })).toMatchObject([200, { outcome: 'finished' }]);
    const [voice] = children(running, /voice\/flite-child/);
    process.kill(voice.pid, 'SIGKILL');
    expect(await post(`${url}/say`, { text: 'Two.' })).toMatchObject([200, { outcome: 'finished' }]);
    const family = descendants(running.pid);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    await untilGone(family);
  });
});

describe('facewire kiosk', () => {
  it('says whether a file is in order', async () => {
    const file = home.file('other.yaml');
    writeFileSync(file, 'card: { latency: 7 }\n');
    const bad = await home.start(['kiosk', '--config', file, '--check', '--json']).finished;
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/other\.yaml:1: card\.latency must be one of device, bufferMs, latencyMs/);
    writeFileSync(file, 'card: { latencyMs: 7 }\n');
    expect((await home.start(['kiosk', '--config', file, '--check']).finished).code).toBe(0);
    const { stdout } = await home.start(['kiosk', '--config', file, '--unit']).finished;
    expect(stdout).toContain(`kiosk --config ${file}`);
    expect(stdout).toMatch(/^Restart=always$/m);
  });

  it('goes on with its own voice when the cloud of the file is not there', async () => {
    const config =
      'card: false\nhttp: { port: 0 }\ncloud: { url: ws://127.0.0.1:9, appkey: k, project: p }\n';
    const { url } = await start(config, { FACEWIRE_ACCESSTOKEN: 'canary-31c7' });
    const now = await until(url, ({ cloud }) => cloud === 'down');
    expect(now).toMatchObject({ status: 'degraded', source: 'local' });
    expect(await post(`${url}/say`, { text: 'Hi.' })).toMatchObject([
      200,
      { outcome: 'finished', sources: ['local'] },
    ]);
  });
});

describeLong([], 'a kiosk whose cloud is lost in mid-sentence', () => {
  it(
    'says what had arrived, lives on, answers by itself, and goes back to the cloud',
    { timeout: 60_000 },
    async () => {
      // As the vendor's: nothing is resumed, and sound comes little ahead of time.
      const voice = new ToneVoice();
      const cloud = await startLocalCloud({ voice, interactive: false, resumeMs: 0, aheadSeconds: 2 });
      const proxy = await FaultProxy.start({ host: '127.0.0.1', port: cloud.port });
      const { appkey, accessToken, projectId } = cloud.connection;
      try {
        const { url, running } = await start(
          `card: false\nhttp: { port: 0 }\ncloud: { url: ${proxy.url}, appkey: ${appkey}, project: ${projectId} }\n`,
          { FACEWIRE_ACCESSTOKEN: accessToken },
        );
        await until(url, (now) => now.cloud === 'up');
        const socket = new WebSocket(`${url.replace('http', 'ws')}/face`, { origin: url });
        const frames: { sample: number; jaw: number }[] = [];
        socket.on('message', (data: Buffer) => {
          frames.push({ sample: data.readDoubleLE(0), jaw: data.readFloatLE(8 + 4 * 17) });
        });
        const isOpen = ({ jaw }: { jaw: number }): boolean => jaw > 0.05;

        // Words of 100 ms each: 8 s, in one sentence.
        const words = Array.from({ length: 80 }, (_, i) => `word${i}`);
        const saying = post(`${url}/say`, { text: `${words.join(' ')}.` });
        while (!frames.some(isOpen)) await once(socket, 'message');
        const began = frames.find(isOpen)!.sample;
        proxy.set({ kind: 'refuse' });
        proxy.cutAll('rst');
        const cut = frames.at(-1)!.sample;
        expect(await saying).toMatchObject([200, { outcome: 'lost', sources: ['cloud'] }]);
        const last = frames.findLast(isOpen)!.sample;
        // Of the 2 s that had come more than a second was not heard yet; the rest never came.
        expect(last - cut).toBeGreaterThan(48_000);
        expect(last - began).toBeLessThan(5 * 48_000);
        expect((await until(url, (now) => now.cloud === 'down')).status).toBe('degraded');

        const spoken = voice.spoken.length;
        expect(await post(`${url}/say`, { text: 'Here I am.' })).toMatchObject([
          200,
          { outcome: 'finished', sources: ['local'], text: 'Here I am.' },
        ]);
        expect(await post(`${url}/ask`, { text: 'Are you there?' })).toMatchObject([
          200,
          { outcome: 'finished', sources: ['local'] },
        ]);
        expect(voice.spoken).toHaveLength(spoken);

        proxy.set({ kind: 'pass' });
        await until(url, (now) => now.cloud === 'up');
        expect(await post(`${url}/say`, { text: 'Back again.' })).toMatchObject([
          200,
          { outcome: 'finished', sources: ['cloud'], text: 'Back again.' },
        ]);
        expect(voice.spoken.at(-1)).toBe('Back again.');
        expect((await health(url)).status).toBe('ok');
        // The face never stopped: a frame for each 40 ms, all the way.
        const steps = new Set(frames.slice(1).map(({ sample }, i) => sample - frames[i].sample));
        expect([...steps]).toEqual([1920]);
        expect(running.stdout + running.stderr).not.toContain(accessToken);
        socket.terminate();
      } finally {
        await box.stop();
        await proxy.close();
        await cloud.close();
      }
    },
  );
});

describeWith(['ffmpeg', 'canvas'], 'a kiosk that pushes its picture', () => {
  const ingest = new LocalIngest();
  beforeAll(() => ingest.start());
  afterAll(() => ingest.stop());

  (hasProc ? itLong : it.skip)(
    'is on air again when its encoder was killed',
    async () => {
      const config =
        'card: false\nhttp: { port: 0 }\npicture: { page: false, rtmp: true, width: 160, height: 90, fps: 10 }\n';
      const { url, running } = await start(config, { FACEWIRE_RTMP_URL: ingest.pushUrl('kiosk') });
      await until(url, ({ push }) => push?.isUp === true);
      const killed = children(running, /ffmpeg/).map(({ pid }) => pid);
      expect(killed.length).toBeGreaterThan(0);
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      // Others take their places, and pictures go on.
      const replaced = (): boolean => {
        const now = children(running, /ffmpeg/).map(({ pid }) => pid);
        return now.length >= killed.length && !now.some((pid) => killed.includes(pid));
      };
      const broken = await until(url, replaced);
      await until(url, ({ push, frames }) => push?.isUp === true && frames > broken.frames + 20);
      expect(await post(`${url}/say`, { text: 'Hello.' })).toMatchObject([200, { outcome: 'finished' }]);
      expect((await health(url)).status).toBe('ok');
      expect(running.stderr + running.stdout).not.toContain(ingest.pushUrl('kiosk'));
    },
    120_000,
  );

  it.runIf(hasProc)('ends in order in mid-sentence when it is told to', { timeout: 120_000 }, async () => {
    const config =
      'card: false\nhttp: { port: 0 }\npicture: { page: false, rtmp: true, width: 160, height: 90, fps: 10 }\n';
    const { url, running } = await start(config, { FACEWIRE_RTMP_URL: ingest.pushUrl('told') });
    await until(url, ({ push }) => push?.isUp === true);
    const saying = post(`${url}/say`, { text: 'And so it goes on and on. '.repeat(20) }).catch(
      () => undefined,
    );
    await until(url, ({ waiting }) => waiting === 1);
    const family = descendants(running.pid);
    expect(family.length).toBeGreaterThan(1);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    await untilGone(family);
    await saying;
  });

  itLong(
    'is degraded while the ingest is away, and well when it is back',
    async () => {
      const first = new LocalIngest();
      await first.start();
      const rtmpPort = first.rtmpPort;
      const config =
        'card: false\nhttp: { port: 0 }\npicture: { page: false, rtmp: true, width: 160, height: 90, fps: 10 }\n';
      const { url } = await start(config, { FACEWIRE_RTMP_URL: first.pushUrl('away') });
      expect((await until(url, ({ push }) => push?.isUp === true)).status).toBe('ok');
      await first.stop();
      const lost = await until(url, ({ push }) => push?.isUp === false);
      expect(lost).toMatchObject({ status: 'degraded', push: { breaks: 1 } });
      const second = new LocalIngest({ rtmpPort });
      await second.start();
      try {
        const back = await until(url, ({ push }) => push?.isUp === true);
        expect(back.status).toBe('ok');
        expect(back.frames).toBeGreaterThan(lost.frames);
      } finally {
        await second.stop();
      }
    },
    120_000,
  );
});

describeLong(['pulseaudio', 'portaudio'], 'a kiosk with a sound card', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start()));
  afterAll(() => rig.stop());

  it('lives on without the card, and plays on it again when it is back', { timeout: 120_000 }, async () => {
    const { url } = await start('http: { port: 0 }\n', { FACEWIRE_PORTAUDIO: 'libportaudio.so.2' });
    const whole = await until(url, ({ card }) => card?.device !== undefined);
    expect(whole.status).toBe('ok');
    expect(await post(`${url}/say`, { text: 'One.' })).toMatchObject([200, { outcome: 'finished' }]);
    await rig.unplug();
    const lost = await until(url, ({ card }) => card?.device === undefined);
    expect(lost.status).toBe('degraded');
    expect(await post(`${url}/say`, { text: 'Two.' })).toMatchObject([200, { outcome: 'finished' }]);
    expect((await health(url)).frames).toBeGreaterThan(lost.frames);
    await rig.plug();
    const back = await until(url, ({ card }) => card?.device !== undefined);
    expect(back.card?.counters?.losses).toBe(1);
    expect(await post(`${url}/say`, { text: 'Three.' })).toMatchObject([200, { outcome: 'finished' }]);
  });
});

describeLong(['pulseaudio', 'naudiodon'], 'a kiosk whose card is played by another process', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start()));
  afterAll(() => rig.stop());

  it.runIf(hasProc)('has its sound again when that process was killed', { timeout: 120_000 }, async () => {
    const { url, running } = await start('http: { port: 0 }\n', {
      FACEWIRE_PORTAUDIO: '/no/such/library.so',
    });
    const playing = (): Process[] => children(running, /naudiodon-process(\.js)? play/);
    const whole = await until(url, ({ card }) => card?.device === 'default');
    expect(whole).toMatchObject({ status: 'ok', card: { breaks: 0 } });
    const killed: number[] = [];
    for (const text of ['One.', 'Two.']) {
      const [{ pid }] = playing();
      const saying = post(`${url}/say`, { text: `${text} And so it goes on and on and on.` });
      await until(url, ({ waiting }) => waiting === 1);
      process.kill(pid, 'SIGKILL');
      killed.push(pid);
      const lost = await until(url, ({ card }) => card?.breaks === killed.length);
      // Another one is there after a quarter of a second at the earliest; a slow test may see it already.
      expect(lost.status).toBe(lost.card?.device === undefined ? 'degraded' : 'ok');
      // What is said meanwhile is not held up.
      expect(await saying).toMatchObject([200, { outcome: 'finished' }]);
      const back = await until(url, ({ card }) => card?.device === 'default');
      expect(back.status).toBe('ok');
      expect(back.frames).toBeGreaterThan(lost.frames);
      expect(killed).not.toContain(playing()[0].pid);
    }
    const recording = await rig.record();
    const said = post(`${url}/say`, { text: 'Three.' });
    while (!recording.samples().some((sample) => Math.abs(sample) > 1000)) await sleep(50);
    await recording.stop();
    expect(await said).toMatchObject([200, { outcome: 'finished' }]);
  });
});
