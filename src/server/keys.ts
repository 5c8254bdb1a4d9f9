import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { FacewireError } from '../errors.js';

/** An app key and the secret that signs for it. Printing or serialising it shows the app key only. */
export class KeyPair {
  readonly appkey: string;
  readonly #accessToken: string;

  constructor(appkey: string, accessToken: string) {
    this.appkey = appkey;
    this.#accessToken = accessToken;
  }

  /** The secret. Never log it or put it into an error. */
  get accessToken(): string {
    return this.#accessToken;
  }

  toJSON(): { appkey: string } {
    return { appkey: this.appkey };
  }

  [inspect.custom](): string {
    return `KeyPair { appkey: '${this.appkey}', accessToken: <hidden> }`;
  }
}

/** A fresh random pair, 32 hex digits each. */
export function newKeyPair(): KeyPair {
  return new KeyPair(randomBytes(16).toString('hex'), randomBytes(16).toString('hex'));
}

/** Where the local cloud keeps its keys: `facewire/secrets.json` in the user's folder for configuration. */
export function defaultSecretsPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const windows = process.platform === 'win32' ? env['APPDATA'] : undefined;
  const root = windows ?? env['XDG_CONFIG_HOME'] ?? '';
  return join(root === '' ? join(homedir(), '.config') : root, 'facewire', 'secrets.json');
}

export interface StoredKeys {
  readonly keys: KeyPair;
  readonly path: string;
  /** True when this call made the file. */
  readonly created: boolean;
}

/**
 * Reads the key pair of the local cloud and makes one at the first start, in a
 * file that only its owner can read. A file that others can read is refused.
 */
export async function openKeyStore(path: string = defaultSecretsPath()): Promise<StoredKeys> {
  const content = await readSecretsFile(path);
  const existing = content === undefined ? undefined : pairOf(content, path);
  if (existing !== undefined) return { keys: existing, path, created: false };
  const keys = newKeyPair();
  const text = `${JSON.stringify({ ...content, appkey: keys.appkey, accessToken: keys.accessToken }, undefined, 2)}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (content !== undefined) await replaceFile(path, text);
    // Exclusive: of two servers that start at once, one makes the file and the other reads it.
    else await writeNew(path, text);
    return { keys, path, created: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return waitForKeys(path);
    throw new FacewireError('ERR_OUTPUT_UNWRITABLE', `the secrets file ${path} cannot be written`, {
      received: (error as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause: error,
    });
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file holds other secrets, which stay. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await writeNew(draft, text);
  await rename(draft, path);
}

/** The other server has made the file but may not have filled it yet. */
async function waitForKeys(path: string): Promise<StoredKeys> {
  for (let attempt = 0; attempt < 20; attempt++) {
    // An empty or half-written file is not an error yet.
    const content = await readSecretsFile(path).catch(() => undefined);
    const keys = content === undefined ? undefined : pairOf(content, path);
    if (keys !== undefined) return { keys, path, created: false };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw unusable(path);
}

/** The object in a secrets file, undefined when there is no file. One that others can read is refused. */
export async function readSecretsFile(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new FacewireError('ERR_SECRET_EXPOSED', `the secrets file ${path} can be read by others`, {
        expected: 'mode 0600',
        received: `mode 0${(mode & 0o777).toString(8)}`,
        remedy: `Run: chmod 600 ${path} — and, if others use this machine, delete it to get a new key pair.`,
      });
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof FacewireError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FacewireError('ERR_INPUT_UNREADABLE', `the secrets file ${path} cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause: error,
    });
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch {
    // Told below, without the content: half a secret is one too.
  }
  throw unusable(path);
}

/** The pair; undefined when the file holds neither half of one. */
function pairOf(content: Readonly<Record<string, unknown>>, path: string): KeyPair | undefined {
  const { appkey, accessToken } = content;
  if (appkey === undefined && accessToken === undefined) return undefined;
  const usable = (value: unknown): value is string =>
    typeof value === 'string' && /^[\x21-\x7e]{8,128}$/.test(value);
  if (usable(appkey) && usable(accessToken)) return new KeyPair(appkey, accessToken);
  throw unusable(path);
}

function unusable(path: string): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', `the secrets file ${path} does not hold a key pair`, {
    expected: '{"appkey": …, "accessToken": …} of 8 to 128 characters each',
    remedy: 'Correct the file, or move it away to get a new key pair.',
  });
}
