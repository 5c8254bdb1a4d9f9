import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  InteractiveSession,
  Recording,
  Replay,
  SessionReplay,
  type SessionMoment,
} from '../../../src/driver/index.js';
import {
  accessToken,
  appkey,
  closeAll,
  failureOf,
  openSession,
  optionsFor,
  startCloud,
} from '../../tools/interactive-cloud.js';
import { until } from '../../tools/virtual-clock.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-session-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeAll);

let files = 0;
const newPath = (): string => join(folder, `${++files}.jsonl`);

async function read(path: string, speed = Number.POSITIVE_INFINITY): Promise<SessionMoment[]> {
  const moments: SessionMoment[] = [];
  for await (const moment of new SessionReplay(new Recording(path), { speed }).moments())
    moments.push(moment);
  return moments;
}

/** One moment as a short word. */
const wordOf = (moment: SessionMoment): string => {
  if (moment.type === 'asked' || moment.type === 'answered') return `${moment.type} ${moment.call}`;
  if (moment.type === 'command') return moment.command.kind;
  if (moment.type === 'message')
    return moment.message.kind === 'status' ? moment.message.status : moment.message.kind;
  return moment.type;
};

describe('the recording of an interactive session', () => {
  it('holds calls, commands and messages in order, and gives them again at every speed', async () => {
    const cloud = await startCloud();
    const record = newPath();
    const session = await openSession(cloud, { record, driver: 'audio', textGapMs: 1001 });
    await session.speak('Grüße, 世界 😀').finished;
    const sound = Int16Array.from({ length: 4000 }, (_, i) => 7 * i);
    await session.playAudio(sound, { sampleRate: 16_000 }).finished;
    cloud.cut();
    await until(() => !session.isConnected);
    await until(() => session.isConnected);
    await session.close();
    const moments = await read(record);
    expect(moments.map(wordOf)).toEqual([
      'asked createByAsset',
      'answered createByAsset',
      'asked start',
      'answered start',
      'open',
      'text',
      'text-start',
      'text-over',
      ...['audio', 'audio', 'audio', 'audio-start', 'audio-over'],
      'lost',
      'asked stat',
      'answered stat',
      'open',
      'asked close',
      'answered close',
    ]);
    const pcm = moments.flatMap((moment) =>
      moment.type === 'command' && moment.command.kind === 'audio' ? [moment.command.pcm] : [],
    );
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(digest(Buffer.concat(pcm))).toBe(digest(new Uint8Array(sound.buffer)));
    for (const speed of [1, 50]) expect(await read(record, speed)).toEqual(moments);
    if (process.platform !== 'win32') expect(statSync(record).mode & 0o777).toBe(0o600);
  });

  it('holds no secret, whatever the cloud writes back', async () => {
    const pushUrl = 'rtmp://127.0.0.1/app/canary-stream?txSecret=canary-push';
    const cloud = await startCloud({
      rest: (call) => (call === 'stat' ? { code: 100001, message: `${accessToken} ${pushUrl}` } : undefined),
      command: (command, { socket, status }) => {
        if (command.kind !== 'text') return;
        const Message = `you are ${accessToken}, ${encodeURIComponent(accessToken)}, ${pushUrl}`;
        socket.send(JSON.stringify({ Payload: { Type: 4, ReqId: command.requestId, TextDisplay: Message } }));
        status(command.requestId, 'text-over');
      },
    });
    const record = newPath();
    const output = { pushUrl, trtcUserSignature: 'canary-user-sig', trtcPrivateKey: 'canary-private' };
    const session = await openSession(cloud, { record, output });
    await session.speak('Hello').finished;
    cloud.channel.socket.close(4000, `bye ${accessToken}`);
    await until(() => !session.isConnected);
    await until(() => session.isConnected);
    await session.close();
    const text = readFileSync(record, 'utf8');
    expect(text).toContain('Hello');
    expect(text).not.toContain('canary');
    expect(text).not.toContain(appkey);
    expect(text).not.toMatch(/signature=(?!\*)/);
  });

  it('is whole when the session could not be opened, and not begun by options that are wrong', async () => {
    const cloud = await startCloud({ rest: (call) => (call === 'start' ? { code: 100014 } : undefined) });
    const record = newPath();
    await failureOf(InteractiveSession.open({ ...optionsFor(cloud), record }));
    expect((await read(record)).map(wordOf)).toEqual([
      'asked createByAsset',
      'answered createByAsset',
      'asked start',
      'answered start',
      'asked close',
      'answered close',
    ]);
    const never = newPath();
    await failureOf(InteractiveSession.open({ ...optionsFor(cloud), record: never, heartbeatMs: 1 }));
    expect(existsSync(never)).toBe(false);
  });

  it('ends at its limit; the session goes on and is told', async () => {
    const cloud = await startCloud();
    const session = await openSession(cloud, { record: { path: newPath(), maxBytes: 2000 } });
    const warnings: string[] = [];
    session.on('warning', (code) => warnings.push(code));
    await session.speak('x'.repeat(4000)).finished;
    await until(() => warnings.length > 0);
    expect(warnings).toEqual(['recording-stopped']);
  });

  it('is not taken for one of drives, nor the other way round', async () => {
    const cloud = await startCloud();
    const record = newPath();
    await (await openSession(cloud, { record })).close();
    const drives = new Replay(new Recording(record)).drives();
    expect(await failureOf(drives.next())).toMatchObject({ code: 'ERR_STATE' });
    const fixture = join(import.meta.dirname, '../../fixtures/recordings/hi.jsonl');
    expect(await failureOf(read(fixture))).toMatchObject({ code: 'ERR_STATE' });
  });
});
