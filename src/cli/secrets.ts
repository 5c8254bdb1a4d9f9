import { FacewireError } from '../errors.js';
import { defaultSecretsPath, readSecretsFile } from '../server/keys.js';

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
  const content = await readSecretsFile(path ?? defaultSecretsPath());
  if (content === undefined && path !== undefined) {
    throw new FacewireError('ERR_INPUT_UNREADABLE', `there is no secrets file ${path}`, {
      expected: 'a JSON file of mode 0600 with accessToken, rtmpUrl or both',
      received: 'ENOENT',
    });
  }
  return {
    accessToken: nonEmpty(process.env['FACEWIRE_ACCESSTOKEN']) ?? asText(content?.['accessToken']),
    rtmpUrl: nonEmpty(process.env['FACEWIRE_RTMP_URL']) ?? asText(content?.['rtmpUrl']),
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? nonEmpty(value) : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
