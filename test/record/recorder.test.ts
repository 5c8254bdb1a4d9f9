import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FacewireError } from '../../src/errors.js';
import type { Entry, Happening } from '../../src/record/format.js';
import { Recorder, type RecorderOptions } from '../../src/record/recorder.js';
import { Recording } from '../../src/record/recording.js';
import { Random } from '../reference/random.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-record-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newPath = (): string => join(folder, `${++files}.jsonl`);
const token = 'canary/token+"of 32"\\characters';

async function record(
  happenings: readonly Happening[],
  options: Partial<RecorderOptions> = {},
): Promise<{ path: string; stops: FacewireError[] }> {
  const stops: FacewireError[] = [];
  const path = options.path ?? newPath();
  const recorder = new Recorder(
    { path, ...options },
    { cloud: 'ws://127.0.0.1:1', secrets: [token] },
    (why) => stops.push(why),
  );
  for (const happening of happenings) recorder.note(happening);
  await recorder.close();
  return { path, stops };
}

async function read(path: string): Promise<{ entries: Entry[]; recording: Recording }> {
  const recording = new Recording(path);
  const entries: Entry[] = [];
  for await (const entry of recording.entries()) entries.push(entry);
  return { entries, recording };
}

const session: Happening[] = [
  { what: 'open' },
  { what: 'begin', id: 'a', media: true },
  { what: 'sent', text: '{"Text":"Grüße, 世界 😀"}' },
  { what: 'received', text: '{"Audio":"AAAA"}' },
  { what: 'received', bytes: Buffer.from([0, 255, 254]).toString('base64') },
  { what: 'over', id: 'a', end: 'final' },
  { what: 'lost', code: 'ERR_CONNECTION_LOST', why: 'reset' },
];

describe('a recording', () => {
  it('gives back what was noted, in order, with times that never go back', async () => {
    const { path, stops } = await record(session);
    const { entries, recording } = await read(path);
    expect(entries.map((entry) => ({ ...entry, at: undefined }))).toEqual(
      session.map((happening) => ({ ...happening, at: undefined })),
    );
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(recording.header).toMatchObject({ facewireRecording: 1, cloud: 'ws://127.0.0.1:1' });
    expect(recording.damaged).toBe(0);
    expect(stops).toEqual([]);
  });

  it('can be read by its owner only', async () => {
    const { path } = await record(session);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps no secret, however the cloud wrote it back', async () => {
    const forms = [token, encodeURIComponent(token), Buffer.from(token).toString('base64')];
    const { path } = await record([
      ...forms.map((form): Happening => ({ what: 'received', text: JSON.stringify({ echo: form }) })),
      { what: 'received', text: '{"url":"wss://x/y?appkey=canary-key&signature=canary%2Bsignature&z=1"}' },
      { what: 'received', text: '{"address":"webrtc://x?userSig=canary-user"}' },
      { what: 'lost', code: 'X', why: `close 4000 (${token})` },
      { what: 'received', bytes: Buffer.from(`\xff${token}`, 'latin1').toString('base64') },
    ]);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('canary');
    const { entries } = await read(path);
    expect(entries).toHaveLength(forms.length + 4);
    for (const entry of entries)
      if (entry.what === 'received' && entry.text !== undefined) JSON.parse(entry.text);
    const last = entries.at(-1) as Entry & { readonly what: 'received' };
    expect(Buffer.from(last.bytes!, 'base64').toString('latin1')).toBe('\xff***');
  });

  it('ends at its limit, says so, and can be read', async () => {
    const frame: Happening = { what: 'received', text: 'x'.repeat(500) };
    const { path, stops } = await record(Array<Happening>(20).fill(frame), { maxBytes: 4096 });
    expect(statSync(path).size).toBeLessThanOrEqual(4096);
    expect(stops.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ERR_OUTPUT_UNWRITABLE the recording has reached its limit of 4096 bytes',
    ]);
    const { entries, recording } = await read(path);
    expect(entries.at(-1)?.what).toBe('full');
    expect(entries.length).toBeGreaterThan(5);
    expect(recording.damaged).toBe(0);
  });

  it('refuses a path and a limit that cannot work', async () => {
    await expect(record([], { path: join(folder, 'no', 'such', 'folder') })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      received: 'ENOENT',
    });
    await expect(record([], { maxBytes: 10 })).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' });
  });

  it('tells of a full disk once and goes on', async () => {
    if (process.platform !== 'linux') return;
    const { stops } = await record(session, { path: '/dev/full' });
    expect(stops.map(({ code, received }) => [code, received])).toEqual([
      ['ERR_OUTPUT_UNWRITABLE', 'ENOSPC'],
    ]);
  });
});

describe('a recording that is damaged', () => {
  it('gives every whole line, wherever it was cut off', async () => {
    const { path } = await record(session);
    const whole = readFileSync(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
    for (let length = ends[0]; length <= whole.length; length++) {
      const cut = newPath();
      writeFileSync(cut, whole.subarray(0, length));
      const { entries, recording } = await read(cut);
      // A line without its line end is whole all the same.
      const lines = ends.filter((end) => end <= length).length;
      expect(entries).toHaveLength(lines - 1);
      const isClean = ends.some((end) => length === end || length === end + 1);
      expect(recording.damaged).toBe(isClean ? 0 : 1);
      if (!isClean) expect(recording.damages[0].byte).toBe(ends[lines - 1] + 1);
      rmSync(cut);
    }
  });

  it('leaves out the lines that were changed, and no others', async () => {
    const { path } = await record(session);
    const whole = readFileSync(path);
    const { entries: good } = await read(path);
    const random = new Random(7);
    for (let run = 0; run < 300; run++) {
      const bytes = Buffer.from(whole);
      const at = random.integer(0, bytes.length - 1);
      bytes[at] ^= 1 << random.integer(0, 7);
      const broken = newPath();
      writeFileSync(broken, bytes);
      const { entries, recording } = await read(broken);
      expect(recording.damaged).toBeGreaterThan(0);
      // At most two lines are lost: a line end that is gone joins two.
      expect(entries.length).toBeGreaterThanOrEqual(good.length - 2);
      for (const entry of entries) expect(good).toContainEqual(entry);
      rmSync(broken);
    }
  });

  it('is refused when it is none, empty, or of a version to come', async () => {
    const refused = async (content: string): Promise<unknown> => {
      const path = newPath();
      writeFileSync(path, content);
      return read(path).catch((thrown: FacewireError) => `${thrown.code}: ${thrown.received}`);
    };
    expect(await refused('')).toBe('ERR_INPUT_UNREADABLE: an empty file');
    expect(await refused('RIFF\nWAVE\n{}\n')).toBe('ERR_INPUT_UNREADABLE: other lines');
    const { path } = await record([]);
    const { writeLine } = await import('../../src/record/format.js');
    const later = writeLine({ facewireRecording: 2, began: '', cloud: '' });
    expect(await refused(later + readFileSync(path, 'utf8'))).toBe('ERR_INPUT_UNREADABLE: version 2');
    await expect(read(join(folder, 'none'))).rejects.toMatchObject({ received: 'ENOENT' });
    await expect(read(folder)).rejects.toMatchObject({ received: 'EISDIR' });
  });
});
