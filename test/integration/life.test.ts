import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { readPackets } from '../../src/verify/decode.js';
import { descendants, hasProc, Home, processes, small, untilGone, type Process } from '../cli/run.js';
import { describeLong } from '../tools.js';

const longText =
  'This is a long text, which takes so many seconds to say that nobody gets to the end of it. '.repeat(6);
const canary = 'canary8c51e0f27a6b4d93';

const isVoice = ({ command }: Process): boolean => /voice\/flite-child/.test(command);
const isFfmpeg = ({ command }: Process): boolean => /ffmpeg/.test(command);
const isIngest = ({ command }: Process): boolean => /ingest-process/.test(command);

/** Waits until a command has children of all these kinds, and returns all of them. */
async function children(pid: number, ...kinds: ((process: Process) => boolean)[]): Promise<Process[]> {
  for (;;) {
    const found = descendants(pid);
    if (kinds.every((kind) => found.some(kind))) return found;
    await sleep(50);
  }
}

describeLong(['ffmpeg', 'canvas'], 'how commands end', () => {
  const home = new Home();
  const ingest = new LocalIngest();
  beforeAll(() => ingest.start());
  afterAll(() => ingest.stop());
  afterEach(() => home.stop());
  afterAll(() => home.remove());
  const inProc = it.runIf(hasProc);

  inProc('Ctrl-C ends demo --keep with 0, and nothing is left', async () => {
    const demo = home.start(['demo', '--keep', '--text', 'Hi.', '--out', 'kept', '--json', ...small]);
    await demo.until(({ stdout }) => stdout.includes('\n'));
    const family = await children(demo.pid, isVoice, isFfmpeg, isIngest);
    demo.pressCtrlC();
    const { code, stdout } = await demo.finished;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file: 'kept/first-light.mp4', staysSeconds: null });
    await untilGone(family);
  });

  inProc('TERM in the middle of a demo is told, and nothing is left', async () => {
    const demo = home.start(['demo', '--text', longText, '--out', 'cut', ...small]);
    await demo.until(({ stderr }) => stderr.includes('saying:'));
    const family = await children(demo.pid, isVoice, isFfmpeg, isIngest);
    demo.child.kill('SIGTERM');
    const { code, stdout, stderr } = await demo.finished;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error ERR_INTERRUPTED: stopped by a signal');
    await untilGone(family);
  });

  inProc('a killed demo leaves no ffmpeg, ingest or voice behind', async () => {
    const demo = home.start(['demo', '--text', longText, '--out', 'killed', ...small]);
    await demo.until(({ stderr }) => stderr.includes('saying:'));
    const family = await children(demo.pid, isVoice, isFfmpeg, isIngest);
    demo.child.kill('SIGKILL');
    expect((await demo.finished).signal).toBe('SIGKILL');
    await untilGone(family);
  });

  inProc('Ctrl-C while saying keeps what was said in a whole file', async () => {
    const args = ['say', longText, '--out', 'part.mp4', '--rtmp', ingest.pushUrl('part'), '--json', ...small];
    const reader = new FlvReader(ingest.flvUrl('part'));
    await reader.open();
    const say = home.start(args);
    // What the far end has seen is in the file as well.
    while (reader.counts.video < 20) await sleep(20);
    const family = await children(say.pid, isVoice, isFfmpeg);
    say.pressCtrlC();
    const { code, stdout } = await say.finished;
    expect(code).toBe(1);
    const { error, outputs } = JSON.parse(stdout) as {
      error: { code: string };
      outputs: { name: string; videoFrames: number }[];
    };
    expect(error.code).toBe('ERR_INTERRUPTED');
    const frames = outputs.find(({ name }) => name === 'mp4')?.videoFrames ?? -1;
    const packets = await readPackets(await locateFfmpeg(), home.file('part.mp4'));
    expect(packets.video).toHaveLength(frames);
    await reader.close();
    expect(frames).toBeGreaterThanOrEqual(20);
    expect(existsSync(home.file('part.mp4.part.flv'))).toBe(false);
    await untilGone(family);
  });

  inProc(
    'a push shows neither its key nor the token to anybody, and a kill in its middle leaves nothing',
    async () => {
      const served = home.start(['serve', '--port', '0', '--json']);
      await served.until(({ stdout }) => stdout.includes('\n'));
      const { url, appkey, projectId, secrets } = JSON.parse(served.stdout) as Record<string, string>;
      const { accessToken } = JSON.parse(readFileSync(`${secrets}`, 'utf8')) as Record<string, string>;
      const published = new Promise((resolve) => ingest.once('published', resolve));
      const say = home.start(
        [
          'say',
          longText,
          '--cloud',
          `${url}`,
          '--appkey',
          `${appkey}`,
          '--project',
          `${projectId}`,
          ...small,
        ],
        { FACEWIRE_ACCESSTOKEN: `${accessToken}`, FACEWIRE_RTMP_URL: ingest.pushUrl(canary) },
      );
      await published;
      const family = await children(say.pid, isFfmpeg);
      const everything = processes();
      expect(everything.map(({ pid }) => pid)).toContain(say.pid);
      expect(everything.filter(({ command }) => command.includes(canary))).toEqual([]);
      expect(everything.filter(({ command }) => command.includes(`${accessToken}`))).toEqual([]);
      const ended = new Promise((resolve) => ingest.once('ended', resolve));
      say.child.kill('SIGKILL');
      await Promise.all([say.finished, ended, untilGone(family)]);
      expect(say.stdout + say.stderr).not.toMatch(new RegExp(`${canary}|${accessToken}`));
      served.pressCtrlC();
      expect((await served.finished).code).toBe(0);
      expect(served.stdout + served.stderr).not.toContain(accessToken);
    },
  );
});
