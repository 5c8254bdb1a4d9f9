import { readFile, stat } from 'node:fs/promises';

import { FacewireError } from '../errors.js';
import { defaultSecretsPath } from '../server/keys.js';

/** What must never be an argument. */
export interface Secrets {
  readonly accessToken: string | undefined;
  readonly rtmpUrl: string | undefined;
}

/**
 * Collects the secrets: the environment first (FACEWIRE_ACCESSTOKEN,
 * FACEWIRE_RTMP_URL), then the secrets file, a JSON object with `accessToken`
 * and `rtmpUrl`, which only its owner may be able to read.
 *
 * @param path given by the user; then it must exist. Default: the file that `facewire serve` makes, if there.
 */
export async function readSecrets(path: string | undefined): Promise<Secrets> {
  const fromFile = await readSecretsFile(path ?? defaultSecretsPath(), path !== undefined);
  return {
    accessToken: nonEmpty(process.env['FACEWIRE_ACCESSTOKEN']) ?? fromFile.accessToken,
    rtmpUrl: nonEmpty(process.env['FACEWIRE_RTMP_URL']) ?? fromFile.rtmpUrl,
  };
}

async function readSecretsFile(path: string, required: boolean): Promise<Secrets> {
  const none: Secrets = { accessToken: undefined, rtmpUrl: undefined };
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new FacewireError('ERR_SECRET_EXPOSED', `the secrets file ${path} can be read by others`, {
        expected: 'mode 0600',
        received: `mode 0${(mode & 0o777).toString(8)}`,
        remedy: `Run: chmod 600 ${path}`,
      });
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof FacewireError) throw error;
    if (!required) return none;
    throw new FacewireError('ERR_INPUT_UNREADABLE', `the secrets file ${path} cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? 'an unknown failure',
    });
  }
  try {
    const parsed = JSON.parse(text) as { accessToken?: unknown; rtmpUrl?: unknown };
    return { accessToken: asText(parsed.accessToken), rtmpUrl: asText(parsed.rtmpUrl) };
  } catch {
    // The content stays out of the message: half a secret is one too.
    throw new FacewireError('ERR_INPUT_UNREADABLE', `the secrets file ${path} is not JSON`, {
      expected: '{"accessToken": "…", "rtmpUrl": "…"}',
    });
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? nonEmpty(value) : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
