import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSecretsPath, newKeyPair, openKeyStore } from '../../src/server/keys.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fresh = (): string => join(folder, `sub-${++files}`, 'secrets.json');

describe('openKeyStore', () => {
  it('makes a pair once, for its owner only', async () => {
    const path = fresh();
    const first = await openKeyStore(path);
    expect(first.created).toBe(true);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = await openKeyStore(path);
    expect(second.created).toBe(false);
    expect(second.keys.accessToken).toBe(first.keys.accessToken);
    expect(readFileSync(path, 'utf8')).toContain(first.keys.accessToken);
  });

  it('gives two servers that start at once the same pair', async () => {
    const path = fresh();
    const stores = await Promise.all(Array.from({ length: 8 }, () => openKeyStore(path)));
    expect(new Set(stores.map((store) => store.keys.accessToken)).size).toBe(1);
    expect(stores.filter((store) => store.created)).toHaveLength(1);
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a file that others can read, without a word of its content',
    async () => {
      const path = fresh();
      const { keys } = await openKeyStore(path);
      for (const mode of [0o644, 0o640, 0o604]) {
        chmodSync(path, mode);
        const error: unknown = await openKeyStore(path).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'ERR_SECRET_EXPOSED' });
        expect(inspect(error, { depth: 5 })).not.toContain(keys.accessToken);
      }
      chmodSync(path, 0o600);
      expect((await openKeyStore(path)).keys.appkey).toBe(keys.appkey);
    },
  );

  it.each([
    '',
    'no json',
    '[]',
    '{"accessToken":"half-a-pair"}',
    '{"appkey":"a","accessToken":"b"}',
    '{"appkey":"12345678","accessToken":"secret secret"}',
  ])('refuses a damaged file: %j', async (text) => {
    const path = fresh();
    await openKeyStore(path);
    writeFileSync(path, text);
    const error: unknown = await openKeyStore(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    expect(String(error)).not.toContain('secret secret');
  });

  it('adds its pair to a file with other secrets, and keeps those', async () => {
    const path = fresh();
    await openKeyStore(path);
    writeFileSync(path, '{"rtmpUrl":"rtmp://example.com/app/key"}');
    const { keys, created } = await openKeyStore(path);
    expect(created).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      rtmpUrl: 'rtmp://example.com/app/key',
      appkey: keys.appkey,
      accessToken: keys.accessToken,
    });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('says when the folder cannot be made', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expect(openKeyStore(join(file, 'secrets.json'))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(OUTPUT_UNWRITABLE|INPUT_UNREADABLE)$/) as string,
    });
  });

  it('lives in the user’s folder for configuration', () => {
    if (process.platform === 'win32') return;
    expect(defaultSecretsPath({ XDG_CONFIG_HOME: '/conf' })).toBe('/conf/facewire/secrets.json');
    expect(defaultSecretsPath({})).toMatch(/\.config\/facewire\/secrets\.json$/);
  });
});

describe('KeyPair', () => {
  it('does not show its token', () => {
    const keys = newKeyPair();
    expect(inspect(keys)).not.toContain(keys.accessToken);
    expect(JSON.stringify({ keys })).not.toContain(keys.accessToken);
    expect(`${inspect({ deep: { keys } }, { depth: 9, showHidden: true })}`).not.toContain(keys.accessToken);
  });
});
