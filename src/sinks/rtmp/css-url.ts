import { createHash } from 'node:crypto';

import { FacewireError } from '../../errors.js';
import { parseRtmpUrl } from './url.js';

export interface CssPushOptions {
  /** Push domain, for example push.example.com; with :port when it is not the usual one. */
  readonly domain: string;
  /** Default live. */
  readonly app?: string;
  readonly stream: string;
  /** The push authentication key of the domain, from the console. A secret. */
  readonly key: string;
  /** Until when a push may begin; it may run on after that. Seconds since 1970 (UTC), or a Date. */
  readonly expires: number | Date;
  /** rtmps instead of rtmp. Default false. */
  readonly tls?: boolean;
}

/**
 * A signed push address of Cloud Streaming Services: `txTime` is the expiry in
 * seconds since 1970 as upper-case hexadecimal, `txSecret` the MD5 of key,
 * stream name and `txTime` written one after the other.
 * (tencentcloud.com, document 267/31560, "Hotlink Protection URL Calculation".)
 *
 * The result is a secret. Throws ERR_OPTION_INVALID, or ERR_RTMP_URL for parts that make no address.
 */
export function signCssPushUrl(options: CssPushOptions): string {
  const { domain, app = 'live', stream, key, expires, tls = false } = options;
  const seconds = typeof expires === 'number' ? expires : Math.floor(expires.getTime() / 1000);
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > 0xffffffff) {
    throw new FacewireError('ERR_OPTION_INVALID', 'expires is not a moment', {
      expected: 'whole seconds since 1970, or a Date',
      received: String(seconds),
    });
  }
  if (!/^[A-Za-z0-9_-]+$/.test(stream)) {
    throw new FacewireError('ERR_OPTION_INVALID', 'a stream name is made of letters, digits, - and _');
  }
  if (key === '') throw new FacewireError('ERR_OPTION_INVALID', 'the key is empty');
  const txTime = seconds.toString(16).toUpperCase();
  const txSecret = createHash('md5').update(`${key}${stream}${txTime}`).digest('hex');
  const { tcUrl, app: read } = parseRtmpUrl(`${tls ? 'rtmps' : 'rtmp'}://${domain}/${app}/${stream}`);
  if (read !== app) throw new FacewireError('ERR_OPTION_INVALID', 'domain holds more than a domain');
  return `${tcUrl}/${stream}?txSecret=${txSecret}&txTime=${txTime}`;
}
