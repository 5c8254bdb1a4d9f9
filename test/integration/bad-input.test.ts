import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { startLocalCloud, type CloudConnection } from '../../src/server/local-cloud.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { readPackets } from '../../src/verify/decode.js';
import { createVoice } from '../../src/voice/create-voice.js';
import { maxFrameBytes, writeSpeechFrame, type DriveRequest } from '../../src/wire/index.js';
import { readWav } from '../cli/media.js';
import { Home, small, type Failed } from '../cli/run.js';
import {
  accessToken,
  appkey,
  closeAll,
  newDriver,
  projectId,
  ramp,
  startCloud,
  type Script,
} from '../driver/cloud.js';
import { describeWith, itLong } from '../tools.js';

// What a user sees when something is wrong, through the command line and real servers.
const home = new Home();
afterAll(() => home.remove());
afterEach(closeAll);

let files = 0;

/** Arguments and environment that send `text` to a cloud, and the file it is said to. */
function sayTo(
  cloud: Partial<CloudConnection> & { readonly url: string },
  text = 'Hello.',
): { args: string[]; env: Record<string, string>; out: string } {
  const out = `out-${++files}.wav`;
  const args = ['say', text, '--out', out, '--cloud', cloud.url];
  args.push('--appkey', cloud.appkey ?? appkey, '--project', cloud.projectId ?? projectId);
  return { args, env: { FACEWIRE_ACCESSTOKEN: cloud.accessToken ?? accessToken }, out: home.file(out) };
}

/** A chunk of 0.5 s as the wire has it, with fields of its own; then what ends the drive. */
function speech(request: DriveRequest, change: Readonly<Record<string, unknown>> = {}): string {
  const input = { clause: 1, pcm: ramp(0.5), sampleRate: 24_000, featureDimension: 52 };
  const frame = JSON.parse(writeSpeechFrame(request, { ...input, features: new Float32Array(52) })) as {
    Payload: { SpeechRsp: Record<string, unknown> };
  };
  Object.assign(frame.Payload.SpeechRsp, change);
  return JSON.stringify(frame);
}

const final = (request: DriveRequest): string => writeSpeechFrame(request, { clause: 1, final: true });

describe('a cloud that says no', () => {
  it('a wrong key: told as such, without the key, and no file is begun', async () => {
    const cloud = await startLocalCloud({ warm: false });
    const { args, env, out } = sayTo({ ...cloud.connection, accessToken: 'canary-wrong-token' });
    const failed = await home.fails(args, env);
    await cloud.close();
    expect(failed.error.code).toBe('ERR_AUTH_REJECTED');
    expect(failed.error.remedy).toContain('FACEWIRE_ACCESSTOKEN');
    expect(JSON.stringify(failed)).not.toContain('canary');
    expect(existsSync(out)).toBe(false);
  });

  it('a clock that is off by 10 minutes is allowed for, with a warning', async () => {
    const script: Script = (request, { socket }) => {
      socket.send(speech(request));
      socket.send(final(request));
    };
    const cloud = await startCloud(script, { nowMs: () => Date.now() + 600_000 });
    const { args, env, out } = sayTo(cloud);
    const { code, stderr } = await home.run(args, env);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*clock is (599|600|601) s behind/);
    expect(readWav(out).seconds).toBeGreaterThan(0.5);
  });

  it('the same is an error for a program that does not want it allowed for', async () => {
    const cloud = await startLocalCloud({ warm: false });
    const environment = { now: () => Date.now() + 600_000 };
    const driver = newDriver(cloud.url, { ...cloud.connection, correctClock: false, environment });
    const error: unknown = await driver.text('Hello.').done.catch((thrown: unknown) => thrown);
    await cloud.close();
    expect(error).toMatchObject({ code: 'ERR_CLOCK_SKEW', expected: 'at most 300 s' });
    expect((error as Failed['error']).remedy).toContain('NTP');
  });

  itLong('a server that is not there, and one that is no cloud', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const other = sayTo({ url });
    expect((await home.fails(other.args, other.env)).error).toMatchObject({
      code: 'ERR_CONNECT_FAILED',
      received: 'HTTP 404',
    });
    await new Promise((resolve) => server.close(resolve));
    const gone = sayTo({ url });
    const failed = await home.fails(gone.args, gone.env);
    expect(failed.error).toMatchObject({ code: 'ERR_CONNECT_FAILED', received: 'ECONNREFUSED' });
    expect(failed.error.remedy).toContain('facewire serve');
  });
});

describe('a cloud that breaks off', () => {
  itLong('killed in mid-drive: what had arrived is said to the end, in a whole file', async () => {
    const serve = home.start(['serve', '--port', '0', '--json']);
    await serve.until(({ stdout }) => stdout.includes('\n'));
    const { url, secrets, ...keys } = JSON.parse(serve.stdout) as Record<string, string>;
    const token = (JSON.parse(readFileSync(`${secrets}`, 'utf8')) as Record<string, string>)['accessToken'];
    const long = 'This takes much longer to say than anybody is going to wait for. '.repeat(20);
    const { args, env, out } = sayTo({ url: `${url}`, ...keys, accessToken: `${token}` }, long);
    const say = home.start([...args, '--json'], env);
    // A second of sound or more is in the file.
    while (!existsSync(out) || statSync(out).size < 96_044) await sleep(50);
    serve.child.kill('SIGKILL');
    const { code, stdout } = await say.finished;
    const failed = JSON.parse(stdout) as Failed;
    const wav = readWav(out);
    expect({ code, error: failed.error.code }).toEqual({ code: 1, error: 'ERR_CONNECTION_LOST' });
    expect(failed.outputs?.[0]?.audioFrames).toBe(wav.frames);
    expect(wav.seconds).toBeGreaterThanOrEqual(failed.seconds ?? Infinity);
    expect(failed.seconds).toBeGreaterThan(1);
    expect(wav.peak).toBeGreaterThan(0.1);
  });

  it('with a frame over the limit: the same', async () => {
    const cloud = await startCloud((request, { socket }) => {
      socket.send(speech(request));
      socket.send(Buffer.alloc(maxFrameBytes + 1, 0x20));
      socket.send(final(request));
    });
    const { args, env, out } = sayTo(cloud);
    const failed = await home.fails(args, env);
    expect(failed.error.code).toBe('ERR_MESSAGE_TOO_LARGE');
    expect(failed.seconds).toBe(0.5);
    expect(readWav(out).seconds).toBeGreaterThan(0.5);
  });

  it('with a failure of its own: its code is shown', async () => {
    const cloud = await startCloud((request, { socket }) => {
      socket.send(speech(request));
      socket.send(
        JSON.stringify({
          Header: { Code: 100013, Message: 'no hours left', RequestID: request.requestId },
          Payload: { ReqId: request.requestId },
        }),
      );
    });
    const { args, env, out } = sayTo(cloud);
    const failed = await home.fails(args, env);
    expect(failed.error).toMatchObject({ code: 'ERR_DRIVE_FAILED', remoteCode: 100013 });
    expect(readWav(out).seconds).toBeGreaterThan(0.5);
  });
});

describe('frames that are not as they should be', () => {
  it.each<[string, (request: DriveRequest) => (string | Buffer)[], string, number]>([
    ['no JSON', () => ['{"Header":', 'null', '[]', '"text"', ''], 'frame-malformed', 1],
    ['bytes', () => [Buffer.from([0, 255, 254, 1, 2])], 'frame-malformed', 1],
    ['fields of other types', (r) => [speech(r, { SeqNo: 'one', Phn: 7, ThDim: {} })], 'field-type', 1.5],
    ['audio that is no base64', (r) => [speech(r, { Audio: '!!!!' })], 'base64-invalid', 1],
    [
      'half a sample',
      (r) => [speech(r, { Audio: Buffer.alloc(24_001).toString('base64') })],
      'audio-odd-byte',
      1.5,
    ],
    ['a rate nobody has', (r) => [speech(r, { Sampling: 12_345 })], 'audio-rate-unsupported', 1],
    [
      'features that are no numbers',
      (r) => [speech(r, { ThFeat: new Array<null>(52).fill(null) })],
      'features-not-finite',
      1.5,
    ],
    [
      'rows of another length',
      (r) => [speech(r, { ThFeat: new Array<number>(53).fill(0) })],
      'features-length',
      1.5,
    ],
    ['an unknown family', (r) => [speech(r, { RealThType: '9D_hologram' })], 'features-family-unknown', 1.5],
  ])('%s: a warning, and everything good is said', async (_, bad, warning, seconds) => {
    const cloud = await startCloud((request, { socket }) => {
      for (const frame of [speech(request), ...bad(request), speech(request), final(request)])
        socket.send(frame);
    });
    const { args, env, out } = sayTo(cloud);
    const { code, stdout, stderr } = await home.run([...args, '--json'], env);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`warning: ${warning}`) as string,
    });
    expect((JSON.parse(stdout) as Failed).seconds).toBeCloseTo(seconds, 2);
    expect(readWav(out).seconds).toBeGreaterThan(seconds);
  });

  it('an answer without any sound is an error, not a silent file', async () => {
    const cloud = await startCloud((request, { socket }) => socket.send(final(request)));
    const { args, env } = sayTo(cloud);
    const failed = await home.fails(args, env);
    expect(failed.error).toMatchObject({ code: 'ERR_DRIVE_FAILED', received: 'an answer without audio' });
  });
});

describe('text that cannot be said', () => {
  it.each([
    ['only signs', '?! … --'],
    ['only pictures', '😀🎉👍🏽'],
  ])('%s', async (_, text) => {
    writeFileSync(home.file('yesterday.wav'), 'what was good');
    const failed = await home.fails(['say', text, '--out', 'yesterday.wav']);
    expect(failed.error.code).toBe('ERR_VOICE_UNSPEAKABLE');
    expect(failed.error.remedy).toContain('Send text with words');
    expect(readFileSync(home.file('yesterday.wav'), 'utf8')).toBe('what was good');
  });

  it('Chinese without the package for it: the package is named', async () => {
    // The voice as it is where the optional package is not installed.
    const voice = createVoice('slt', { otherLanguages: false });
    const cloud = await startLocalCloud({ voice });
    const { args, env, out } = sayTo(cloud.connection, '你好');
    const failed = await home.fails(args, env);
    await cloud.close();
    await voice.close();
    expect(failed.error.code).toBe('ERR_VOICE_UNSPEAKABLE');
    expect(failed.error.remedy).toContain('npm install @echogarden/espeak-ng-emscripten');
    expect(existsSync(out)).toBe(false);
  });

  it('more text than a drive may have', async () => {
    const failed = await home.fails(['say', 'word '.repeat(1000), '--out', 'long.wav']);
    expect(failed.error.code).toBe('ERR_WIRE_LIMIT');
    expect(failed.error.message).toContain('5000 bytes, more than 4000');
    expect(existsSync(home.file('long.wav'))).toBe(false);
  });

  it('a voice that the cloud does not have', async () => {
    const cloud = await startLocalCloud({ warm: false });
    const { args, env } = sayTo(cloud.connection);
    const failed = await home.fails([...args, '--voice', 'elvis'], env);
    await cloud.close();
    expect(failed.error).toMatchObject({ code: 'ERR_OPTION_INVALID' });
    expect(failed.error.message).toContain('no voice of that name');
  });
});

describe('outputs that cannot be', () => {
  it('a folder that does not exist', async () => {
    const wav = await home.fails(['say', 'Hello.', '--out', 'nowhere/x.wav']);
    expect(wav.error).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'ENOENT' });
    expect(wav.outputs).toBeUndefined();
  });

  it('a disk that is full', async () => {
    symlinkSync('/dev/full', home.file('full.wav'));
    const failed = await home.fails(['say', 'Hello.', '--out', 'full.wav']);
    expect(failed.error).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'ENOSPC' });
  });

  itLong('a demo below a file, or with a folder in its way', async () => {
    writeFileSync(home.file('taken'), '');
    const failed = await home.fails(['demo', '--out', 'taken/below']);
    expect(failed.error).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'ENOTDIR' });
    mkdirSync(home.file('blocked', 'first-light.mp4'), { recursive: true });
    const blocked = await home.fails(['demo', '--out', 'blocked']);
    expect(blocked.error).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'EISDIR' });
  });

  it('a reference into a folder that does not exist', async () => {
    const failed = await home.fails(['say', 'Hello.', '--out', 'kept.wav', '--reference', 'nowhere/r.json']);
    expect(failed.error.code).toBe('ERR_OUTPUT_UNWRITABLE');
    expect(readWav(home.file('kept.wav')).peak).toBeGreaterThan(0.1);
  });

  it('pictures without ffmpeg; sound alone needs none', async () => {
    const env = { FFMPEG_BIN: home.file('no-ffmpeg') };
    for (const args of [
      ['say', 'Hello.', '--out', 'x.mp4'],
      ['say', 'Hello.', '--rtmp', 'rtmp://127.0.0.1/live/x'],
      ['demo', '--out', 'never'],
      ['verify', 'x.mp4'],
    ]) {
      const failed = await home.fails(args, env);
      expect(failed.error.code).toBe('ERR_FFMPEG_MISSING');
      expect(failed.error.remedy).toContain('FFMPEG_BIN');
    }
    expect(existsSync(home.file('x.mp4'))).toBe(false);
    expect((await home.run(['say', 'Hello.', '--out', 'sound.wav'], env)).code).toBe(0);
  });
});

describeWith(['ffmpeg', 'canvas'], 'an ingest', () => {
  const ingest = new LocalIngest();
  beforeAll(() => ingest.start());
  afterAll(() => ingest.stop());

  it('that is not there', async () => {
    const address = 'rtmp://127.0.0.1:1/live/canary-key-0123456789abcdef';
    const failed = await home.fails(['say', 'Hello.', ...small], { FACEWIRE_RTMP_URL: address });
    expect(failed.error).toMatchObject({ code: 'ERR_RTMP_CONNECT' });
    expect(failed.error.remedy).toContain('ingest is running');
    expect(JSON.stringify(failed)).not.toContain('canary');
  });

  itLong('that refuses the stream, because somebody else publishes it', async () => {
    const url = ingest.pushUrl('taken');
    const published = new Promise((resolve) => ingest.once('published', resolve));
    const first = home.start(['say', 'One, two, three, four, five, six, seven.', '--rtmp', url, ...small]);
    await published;
    const failed = await home.fails(['say', 'Hello.', '--rtmp', url, ...small]);
    expect(failed.error).toMatchObject({ code: 'ERR_RTMP_REFUSED' });
    // The one who was there first is not disturbed.
    expect((await first.finished).code).toBe(0);
  });

  itLong('that dies in the middle: told, and the file beside the push is whole', async () => {
    const mortal = new LocalIngest();
    await mortal.start();
    const reader = new FlvReader(mortal.flvUrl('cut'));
    await reader.open();
    const text = 'This goes on for a while, so that something can happen in the middle of it.';
    const args = ['say', text, '--rtmp', mortal.pushUrl('cut'), '--out', 'both.mp4', '--json', ...small];
    const say = home.start(args);
    while (reader.counts.video < 10) await sleep(20);
    process.kill(mortal.pid as number, 'SIGKILL');
    const { code, stdout, stderr } = await say.finished;
    await reader.close();
    await mortal.stop();
    const failed = JSON.parse(stdout) as Failed;
    expect({ code, error: failed.error.code }).toEqual({ code: 1, error: 'ERR_RTMP_LOST' });
    expect(stderr).toContain('warning: the rtmp output stopped: ERR_RTMP_LOST');
    const outputs = failed.outputs ?? [];
    const states = outputs.map((output): [string, boolean] => [output.name, output.failed === true]);
    expect(states).toEqual([
      ['rtmp', true],
      ['mp4', false],
    ]);
    const packets = await readPackets(await locateFfmpeg(), home.file('both.mp4'));
    expect(packets.video).toHaveLength(outputs[1]?.videoFrames ?? -1);
    // Longer than what the ingest saw: the file went on.
    expect(packets.video.length).toBeGreaterThan((failed.seconds ?? Infinity) * 10);
  });

  itLong('that was the only output: what nobody hears is not said to its end', async () => {
    const mortal = new LocalIngest();
    await mortal.start();
    const reader = new FlvReader(mortal.flvUrl('only'));
    await reader.open();
    const say = home.start([
      'say',
      'Word. '.repeat(300),
      '--rtmp',
      mortal.pushUrl('only'),
      '--json',
      ...small,
    ]);
    while (reader.counts.video < 5) await sleep(20);
    process.kill(mortal.pid as number, 'SIGKILL');
    const { code, stdout } = await say.finished;
    await reader.close();
    await mortal.stop();
    expect({ code, error: (JSON.parse(stdout) as Failed).error.code }).toEqual({
      code: 1,
      error: 'ERR_RTMP_LOST',
    });
  });
});

describeWith(['ffmpeg'], 'verify', () => {
  it.each([
    ['a file that is not there', ['absent.mp4'], 'ERR_INPUT_UNREADABLE'],
    ['a stream that is not there', ['http://127.0.0.1:1/live/x.flv'], 'ERR_INPUT_UNREADABLE'],
    ['an RTMP address', ['rtmp://127.0.0.1/live/x'], 'ERR_INPUT_UNREADABLE'],
    ['a file that is no recording', ['noise.mp4'], 'ERR_INPUT_UNREADABLE'],
    ['a reference that is none', ['noise.mp4', '--reference', 'noise.mp4'], 'ERR_INPUT_UNREADABLE'],
  ])('%s', async (_, args, code) => {
    writeFileSync(home.file('noise.mp4'), Buffer.alloc(5000, 'noise'));
    const failed = await home.fails(['verify', ...args]);
    expect(failed.error.code).toBe(code);
  });
});
