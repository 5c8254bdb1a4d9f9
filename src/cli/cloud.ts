import { FacewireError } from '../errors.js';
import type { CloudConnection } from '../server/local-cloud.js';
import type { Secrets } from './secrets.js';

/** A cloud elsewhere, as the command line says it. */
export interface CloudOptions {
  readonly cloud?: string;
  readonly appkey?: string;
  readonly project?: string;
}

/** Undefined: one of our own is started. */
export function cloudOf(options: CloudOptions, secrets: Secrets): CloudConnection | undefined {
  if (options.cloud === undefined) return undefined;
  const { appkey, project } = options;
  if (appkey === undefined || project === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', '--cloud needs --appkey and --project', {
      expected: '--cloud URL --appkey KEY --project ID',
      received: [appkey === undefined ? 'no --appkey' : '', project === undefined ? 'no --project' : '']
        .filter((text) => text !== '')
        .join(', '),
    });
  }
  if (secrets.accessToken === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is no access token for the cloud', {
      expected: 'FACEWIRE_ACCESSTOKEN in the environment, or accessToken in a secrets file of mode 0600',
      received: 'neither',
      remedy: 'Set FACEWIRE_ACCESSTOKEN, or give --secrets FILE.',
    });
  }
  return { url: options.cloud, appkey, accessToken: secrets.accessToken, projectId: project };
}
