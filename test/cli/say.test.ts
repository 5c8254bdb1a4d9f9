import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';

import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { decodeSound, readPackets, readPictureSize } from '../../src/verify/decode.js';
import { describeWith, itLong } from '../tools.js';
import { readWav } from './media.js';
import { Home, small, type Failed } from './run.js';

interface Said {
  readonly seconds: number;
  readonly outputs: readonly {
    readonly place: string;
    readonly name: string;
    readonly videoFrames: number;
    readonly audioFrames: number;
  }[];
}

const home = new Home();
afterAll(() => home.remove());

describe('say --out FILE.wav', () => {
  it('writes speech, and one JSON value on stdout', async () => {
    const { code, stdout, stderr } = await home.run(['say', 'Good morning.', '--out', 'said.wav', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const said = JSON.parse(stdout) as Said;
    const wav = readWav(home.file('said.wav'));
    expect(wav.peak).toBeGreaterThan(0.1);
    expect(wav.seconds).toBeGreaterThan(said.seconds);
    expect(said.seconds).toBeGreaterThan(0.5);
    expect(said.outputs).toMatchObject([{ place: 'said.wav', name: 'wav', audioFrames: wav.frames }]);
  });

  it('reads the text from standard input, and tells people on stderr what goes on', async () => {
    const long = await home.run(['say', '-', '--out', 'long.wav'], {}, 'One, two, three. Four, five, six.\n');
    const short = await home.run(['say', '-', '--out', 'short.wav'], {}, 'One.\n');
    expect([long.code, short.code]).toEqual([0, 0]);
    expect(long.stdout).toMatch(/^Said to long\.wav: \d+\.\d\d s of speech\n$/);
    expect(long.stderr).toContain('saying "One, two, three. Four, five, six."');
    expect(readWav(home.file('long.wav')).seconds).toBeGreaterThan(
      2 * readWav(home.file('short.wav')).seconds,
    );
  });

  it('writes the reference that verify takes', async () => {
    const args = ['say', 'Hello.', '--out', 'r.wav', '--reference', 'r.reference.json', '--json'];
    const { code, stdout } = await home.run(args);
    expect(code).toBe(0);
    const reference = JSON.parse(readFileSync(home.file('r.reference.json'), 'utf8')) as { text: string };
    expect(reference.text).toBe('Hello.');
    expect((JSON.parse(stdout) as Said).seconds).toBeGreaterThan(0.2);
  });

  it('can be stopped while it waits for the text', async () => {
    const running = home.start(['say', '-', '--out', 'never.wav']);
    running.child.stdin.write('This is not all of it, ');
    await running.until(({ stderr }) => stderr.includes('reading the text from standard input'));
    running.pressCtrlC();
    const { code, stderr } = await running.finished;
    expect(code).toBe(1);
    expect(stderr).toContain('error ERR_INTERRUPTED');
    expect(existsSync(home.file('never.wav'))).toBe(false);
  });

  it('survives a reader that closes stdout and stderr at once', async () => {
    const running = home.start(['say', 'Hello.', '--out', 'head.wav']);
    running.child.stdout.destroy();
    running.child.stderr.destroy();
    expect((await running.finished).code).toBe(0);
    expect(readWav(home.file('head.wav')).peak).toBeGreaterThan(0.1);
  });
});

describeWith(['ffmpeg', 'canvas'], 'say with pictures', () => {
  it('writes an MP4 file that decodes to the frames and the sound it reports', async () => {
    const args = ['say', 'Good morning.', '--out', 'said.mp4', '--json', ...small];
    const { code, stdout } = await home.run(args);
    expect(code).toBe(0);
    const [output] = (JSON.parse(stdout) as Said).outputs;
    const ffmpeg = await locateFfmpeg();
    const packets = await readPackets(ffmpeg, home.file('said.mp4'));
    expect(packets.video).toHaveLength(output?.videoFrames ?? -1);
    expect(await readPictureSize(ffmpeg, home.file('said.mp4'))).toEqual({ width: 160, height: 90 });
    const sound = await decodeSound(ffmpeg, home.file('said.mp4'), 48_000);
    expect(sound.length).toBeGreaterThanOrEqual(output?.audioFrames ?? Infinity);
    expect(sound.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0)).toBeGreaterThan(0.1);
    expect(existsSync(home.file('said.mp4.part.flv'))).toBe(false);
  });

  it('with nothing but a text works, with a sound card and without', async () => {
    const { code, stdout, stderr } = await home.run(['say', 'Hello.'], { PULSE_SERVER: 'unix:/nonexistent' });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    if (stderr.includes('there is no sound card')) {
      expect(stdout).toMatch(/^Said to out\/say\.mp4: /);
      expect(
        (await readPackets(await locateFfmpeg(), home.file('out', 'say.mp4'))).video.length,
      ).toBeGreaterThan(10);
    } else expect(stdout).toMatch(/^Said to the sound card: /);
  });

  it('pushes to an ingest, warns of a key in the command line, and takes the address from the environment', async () => {
    const ingest = new LocalIngest();
    await ingest.start();
    try {
      const key = 'k3yCanary0123456789abcdef';
      const pushes: { args: string[]; name: string; env: Record<string, string>; warns: boolean }[] = [
        { args: ['--rtmp', ingest.pushUrl('plain')], name: 'plain', env: {}, warns: false },
        { args: ['--rtmp', ingest.pushUrl(key)], name: key, env: {}, warns: true },
        {
          args: ['--rtmp'],
          name: 'chosen',
          env: { FACEWIRE_RTMP_URL: ingest.pushUrl('chosen') },
          warns: false,
        },
        { args: [], name: 'default', env: { FACEWIRE_RTMP_URL: ingest.pushUrl('default') }, warns: false },
      ];
      await Promise.all(
        pushes.map(async ({ args, name, env, warns }) => {
          const reader = new FlvReader(ingest.flvUrl(name));
          await reader.open();
          const result = await home.run(['say', 'Hi.', ...args, ...small], env);
          await reader.ended;
          expect(result).toMatchObject({ code: 0 });
          expect(result.stderr.includes('warning: the push address seems to hold a key')).toBe(warns);
          expect(result.stdout).toMatch(/^Said to rtmp:\/\/127\.0\.0\.1:\d+\/live\/\*\*\*: /);
          expect(result.stdout + result.stderr).not.toContain('Canary');
          expect(reader.counts.video).toBeGreaterThan(3);
          expect(reader.counts.audio).toBeGreaterThan(10);
        }),
      );
    } finally {
      await ingest.stop();
    }
  });

  itLong('goes on the air though the file beside it cannot be begun, and ends as a failure', async () => {
    const ingest = new LocalIngest();
    await ingest.start();
    try {
      const reader = new FlvReader(ingest.flvUrl('on'));
      await reader.open();
      const outputs = ['--rtmp', ingest.pushUrl('on'), '--out', 'no-folder/x.mp4'];
      const { code, stdout, stderr } = await home.run(['say', 'Hi.', ...outputs, '--json', ...small]);
      await reader.ended;
      const failed = JSON.parse(stdout) as Failed;
      expect({ code, error: failed.error.code }).toEqual({ code: 1, error: 'ERR_OUTPUT_UNWRITABLE' });
      expect(stderr).toContain('warning: the mp4 output stopped: ERR_OUTPUT_UNWRITABLE');
      expect(failed.seconds).toBeGreaterThan(0.2);
      expect(failed.outputs).toMatchObject([
        { name: 'rtmp', failed: false, videoFrames: reader.counts.video },
        { name: 'mp4', failed: true, error: 'ERR_OUTPUT_UNWRITABLE' },
      ]);
    } finally {
      await ingest.stop();
    }
  });

  it('gives an output that is late the same frames as the one beside it', async () => {
    const ingest = new LocalIngest();
    await ingest.start();
    try {
      const reader = new FlvReader(ingest.flvUrl('late'));
      await reader.open();
      const outputs = ['--rtmp', ingest.pushUrl('late'), '--out', 'beside.wav', '--delay', 'rtmp=300'];
      const { code, stdout } = await home.run(['say', 'Hi.', ...outputs, '--json', ...small]);
      await reader.ended;
      expect(code).toBe(0);
      const said = (JSON.parse(stdout) as Said).outputs;
      const framesOf = (name: string): number | undefined =>
        said.find((each) => each.name === name)?.videoFrames;
      expect(framesOf('rtmp')).toBe(framesOf('wav'));
      expect(reader.counts.video).toBe(framesOf('rtmp'));
    } finally {
      await ingest.stop();
    }
  });
});

describe('say --device NAME', () => {
  it('without such a device: told before anything is said', async () => {
    const failed = await home.fails(['say', 'Hello.', '--device', 'no-such-card-4711']);
    expect(failed.error.code).toMatch(/^ERR_DEVICE_(MISSING|FAILED)$/);
    expect(failed.error.remedy).not.toBe('');
    expect(failed.outputs).toBeUndefined();
  });
});

describe('secrets', () => {
  const cloud = ['--cloud', 'ws://127.0.0.1:9', '--appkey', 'a', '--project', 'p', '--out', 'x.wav'];

  it('a file that others can read is refused, with what to do', async () => {
    writeFileSync(home.file('open.json'), '{"accessToken":"canary-open"}');
    chmodSync(home.file('open.json'), 0o644);
    const failed = await home.fails(['say', 'Hello', ...cloud, '--secrets', 'open.json']);
    expect(failed.error).toMatchObject({
      code: 'ERR_SECRET_EXPOSED',
      expected: 'mode 0600',
      received: 'mode 0644',
      remedy: expect.stringContaining('Run: chmod 600 open.json') as string,
    });
    const served = await home.fails(['serve', '--port', '0', '--secrets', 'open.json']);
    expect(served.error.code).toBe('ERR_SECRET_EXPOSED');
    expect(JSON.stringify([failed, served])).not.toContain('canary');
  });

  itLong('the usual file is checked in the same way', async () => {
    mkdirSync(home.file('config', 'facewire'), { recursive: true });
    const path = home.file('config', 'facewire', 'secrets.json');
    writeFileSync(path, '{"accessToken":"canary-usual"}', { mode: 0o640 });
    chmodSync(path, 0o640);
    expect((await home.fails(['say', 'Hello', ...cloud])).error.code).toBe('ERR_SECRET_EXPOSED');
    chmodSync(path, 0o600);
    // Now it is read, and the connection is tried and refused.
    expect((await home.fails(['say', 'Hello', ...cloud])).error.code).toBe('ERR_CONNECT_FAILED');
  });

  it('a file that is not there, or no JSON, is not taken for an empty one', async () => {
    const absent = await home.fails(['say', 'Hello', ...cloud, '--secrets', 'absent.json']);
    expect(absent.error).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    expect(absent.error.message).toContain('absent.json');
    writeFileSync(home.file('text.json'), 'canary-text', { mode: 0o600 });
    const text = await home.fails(['say', 'Hello', ...cloud, '--secrets', 'text.json']);
    expect(text.error.code).toBe('ERR_INPUT_UNREADABLE');
    expect(JSON.stringify(text)).not.toContain('canary');
  });

  it('without a token a cloud is not even tried', async () => {
    const failed = await home.fails(['say', 'Hello', ...cloud], { XDG_CONFIG_HOME: home.file('none') });
    expect(failed.error.message).toBe('there is no access token for the cloud');
    expect(failed.error.remedy).toContain('FACEWIRE_ACCESSTOKEN');
  });
});
