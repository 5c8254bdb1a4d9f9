import { createHmac, timingSafeEqual } from 'node:crypto';
import { FacewireError } from '../errors.js';

/** Seconds that the clocks of the two sides may differ. */
export const maxSkewSeconds = 300;

export interface SigningInput {
  readonly appkey: string;
  /** Never printed, logged or put into an error. */
  readonly accessToken: string;
  /** Unix time in whole seconds. */
  readonly timestampSeconds: number;
  readonly requestId?: string;
  /** zh-CN or en-US; the language of the cloud's error texts. */
  readonly language?: string;
}

// The documents sign raw values, the browser SDKs form-encoded ones. Within
// this set of characters both are the same, so nothing else is sent.
const safeValue = /^[A-Za-z0-9._*-]+$/;

/** Parameters but the signature, sorted by the bytes of their names, as `name=value` joined by `&`. */
export function stringToSign(parameters: Readonly<Record<string, string>>): string {
  return Object.keys(parameters)
    .filter((name) => name !== 'signature')
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
}

/** HMAC-SHA256 of `text`, in standard base64. */
export function sign(accessToken: string, text: string): string {
  return createHmac('sha256', accessToken).update(text).digest('base64');
}

/** The whole query, without '?', for one connection attempt. A reconnect needs a fresh one. */
export function signedQuery(input: SigningInput): string {
  if (!Number.isSafeInteger(input.timestampSeconds) || input.timestampSeconds < 0) {
    throw new FacewireError('ERR_OPTION_INVALID', 'the time to sign is not usable', {
      expected: 'Unix time in whole seconds',
      received: String(input.timestampSeconds),
    });
  }
  if (input.accessToken === '') {
    throw new FacewireError('ERR_OPTION_INVALID', 'the access token is empty', {
      expected: 'the token that belongs to the app key',
      received: 'an empty string',
    });
  }
  const parameters: Record<string, string> = {
    ...(input.language === undefined ? {} : { Language: safe('language', input.language) }),
    appkey: safe('appkey', input.appkey),
    ...(input.requestId === undefined ? {} : { requestid: safe('requestId', input.requestId) }),
    timestamp: String(input.timestampSeconds),
  };
  const text = stringToSign(parameters);
  return `${text}&signature=${encodeURIComponent(sign(input.accessToken, text))}`;
}

function safe(option: string, value: string): string {
  if (safeValue.test(value)) return value;
  // The value is left out: a token pasted into the wrong field must not be printed.
  throw new FacewireError('ERR_OPTION_INVALID', `${option} holds characters that cannot be signed`, {
    expected: 'one or more of A-Z a-z 0-9 . _ * -',
    received: value === '' ? 'an empty string' : `${value.length} characters`,
  });
}

export type SignatureVerdict =
  | {
      readonly ok: true;
      readonly appkey: string;
      readonly timestampSeconds: number;
      readonly signature: string;
      readonly requestId: string | undefined;
      readonly language: string | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: 'malformed' | 'bad-key' | 'bad-signature' | 'skew';
      /** One sentence for the caller; holds no secret. */
      readonly message: string;
      /** The caller's clock minus ours, only when `reason` is skew. */
      readonly skewSeconds?: number;
    };

/**
 * The server's side: reads and checks a query. Skew is told only to a caller
 * whose signature is right, and every comparison of secrets takes constant time.
 *
 * @param query the part of the URL behind '?'.
 * @param tokenOf the access token of an app key, undefined when the key is unknown.
 * @param nowSeconds our Unix time in seconds.
 */
export function verifyQuery(
  query: string,
  tokenOf: (appkey: string) => string | undefined,
  nowSeconds: number,
): SignatureVerdict {
  const parameters = parseQuery(query);
  if (typeof parameters === 'string') return { ok: false, reason: 'malformed', message: parameters };
  const appkey = parameters.get('appkey');
  const timestamp = parameters.get('timestamp');
  const signature = parameters.get('signature');
  if (appkey === undefined || timestamp === undefined || signature === undefined) {
    return { ok: false, reason: 'malformed', message: 'appkey, timestamp and signature are all required' };
  }
  if (!/^[0-9]{1,12}$/.test(timestamp)) {
    return { ok: false, reason: 'malformed', message: 'timestamp must be Unix seconds in decimal digits' };
  }
  const token = tokenOf(appkey);
  const values = Object.fromEntries(parameters);
  const raw = stringToSign(values);
  // An unknown key costs the same work as a wrong signature.
  const matches = equal(sign(token ?? 'unknown', raw), signature);
  const encodedMatches = equal(sign(token ?? 'unknown', formEncode(values)), signature);
  if (token === undefined) return { ok: false, reason: 'bad-key', message: 'the app key is not known' };
  if (!matches && !encodedMatches) {
    const hint = signature.includes(' ') ? "; a '+' of the base64 must be sent as %2B" : '';
    return { ok: false, reason: 'bad-signature', message: `the signature does not match${hint}` };
  }
  const skewSeconds = Number(timestamp) - nowSeconds;
  if (Math.abs(skewSeconds) > maxSkewSeconds) {
    const message = `the timestamp is ${Math.round(Math.abs(skewSeconds))} s ${skewSeconds < 0 ? 'behind' : 'ahead of'} the server, more than ${maxSkewSeconds} s`;
    return { ok: false, reason: 'skew', message, skewSeconds };
  }
  return {
    ok: true,
    appkey,
    timestampSeconds: Number(timestamp),
    signature,
    requestId: parameters.get('requestid'),
    language: parameters.get('Language'),
  };
}

function equal(wanted: string, received: string): boolean {
  const a = Buffer.from(wanted);
  const b = Buffer.from(received);
  return a.length === b.length && timingSafeEqual(a, b);
}

function formEncode(values: Record<string, string>): string {
  const coded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return stringToSign(Object.fromEntries(Object.entries(values).map(([k, v]) => [coded(k), coded(v)])));
}

/** The parameters, or one sentence that says what is wrong. */
function parseQuery(query: string): Map<string, string> | string {
  const parameters = new Map<string, string>();
  if (query.length > 4096) return 'the query is longer than 4096 characters';
  for (const pair of query.split('&')) {
    const cut = pair.indexOf('=');
    if (cut <= 0) return 'every parameter must have the form name=value';
    let name: string;
    let value: string;
    try {
      name = decodeURIComponent(pair.slice(0, cut).replaceAll('+', ' '));
      value = decodeURIComponent(pair.slice(cut + 1).replaceAll('+', ' '));
    } catch {
      return 'the query is not valid percent-encoding';
    }
    if (parameters.has(name)) return 'a parameter is given twice';
    parameters.set(name, value);
  }
  return parameters;
}
