import { FacewireError } from '../../errors.js';

/** The parts of a push address. `stream` holds the key, if there is one: never print it. */
export interface RtmpTarget {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** Stream name with its query, as the ingest wants it. */
  readonly stream: string;
  /** scheme://host[:port]/app, which holds no key. */
  readonly tcUrl: string;
  /** The address for messages: the stream name is masked. */
  readonly shown: string;
}

const maxLength = 2048;
const form = /^(rtmps?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?\/(.+)$/i;
const keyNames = /^(tx)?(secret|time)$|secret|token|key|auth|sign|hash|passw|pwd|^(st|sig|e|expires?)$/i;

/**
 * Reads a push address strictly. Refuses what other programs would interpret:
 * other schemes, control characters, white space, | [ ] \ " < >, user names,
 * %00, dot segments, more than 2048 characters. The error never shows the key.
 */
export function parseRtmpUrl(text: string): RtmpTarget {
  if (typeof text !== 'string') refuse('text', typeof text);
  if (text.length > maxLength) refuse(`at most ${maxLength} characters`, `${text.length}`);
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0x20 || code >= 0x7f) refuse('printable ASCII without spaces', `U+${code.toString(16)}`);
  }
  const match = form.exec(text);
  if (match === null) refuse('rtmp://host[:port]/app/stream', 'another form');
  const [, scheme = '', rawHost = '', rawPort, rest = ''] = match;
  const forbidden = /[|[\]\\"<>^`{}#]|%00|%0[ad]/i.exec(rest);
  if (forbidden !== null) refuse('no | [ ] \\ " < > ^ ` { } # %00', JSON.stringify(forbidden[0]));
  if (/%(?![0-9a-f]{2})/i.test(rest)) refuse('% followed by two hexadecimal digits', 'a lone %');
  const tls = scheme.toLowerCase() === 'rtmps';
  let host: string;
  try {
    // The WHATWG parser knows what a host is; it also turns 0x7f.1 into 127.0.0.1.
    host = new URL(`http://${rawHost}/`).hostname;
  } catch {
    refuse('a host name or address', 'something else');
  }
  const port = rawPort === undefined ? (tls ? 443 : 1935) : Number(rawPort);
  if (port < 1 || port > 65535) refuse('a port of 1 to 65535', String(port));
  const mark = rest.indexOf('?');
  const path = mark === -1 ? rest : rest.slice(0, mark);
  const query = mark === -1 ? '' : rest.slice(mark);
  const segments = path.split('/');
  if (segments.length < 2 || segments.some((segment) => segment === '' || /^(\.|%2e){1,2}$/i.test(segment)))
    refuse('/app/stream', 'a path with empty, dot or missing parts');
  const name = segments.pop() ?? '';
  const app = segments.join('/');
  const place = `${tls ? 'rtmps' : 'rtmp'}://${host}${rawPort === undefined ? '' : `:${port}`}/${app}`;
  return {
    tls,
    host: host.replace(/^\[|\]$/g, ''),
    port,
    app,
    stream: name + query,
    tcUrl: place,
    shown: `${place}/***`,
  };
}

/** The address with the stream name and query masked; for text that may not even be a URL. */
export function redactRtmpUrl(text: string): string {
  try {
    return parseRtmpUrl(text).shown;
  } catch {
    return '***';
  }
}

/** Removes the key of `target` wherever it stands in `message`, whole or in parts. */
export function redactKey(message: string, target: RtmpTarget): string {
  return keyParts(target).reduce((text, part) => text.replaceAll(part, '***'), message);
}

/** Guesses whether an address carries a key: a query that looks like one, or a long random stream name. */
export function hasRtmpKey(text: string): boolean {
  const { stream } = parseRtmpUrl(text);
  const [name = '', query = ''] = split(stream);
  for (const [key, value] of new URLSearchParams(query)) {
    if (keyNames.test(key) || value.length >= 16) return true;
  }
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(name)).length;
  return (name.length >= 16 && kinds >= 2) || name.length >= 32 || /^live_\d+_/.test(name);
}

function keyParts(target: RtmpTarget): string[] {
  const [name = '', query = ''] = split(target.stream);
  const values = [
    ...new URLSearchParams(query).values(),
    ...query.split('&').map((pair) => pair.replace(/^[^=]*=/, '')),
  ];
  // Very short parts would mask ordinary words; they are not keys.
  return [target.stream, query, name, ...values]
    .flatMap((part) => [part, encodeURIComponent(part), safeDecode(part)])
    .filter((part) => part.length >= 4)
    .sort((a, b) => b.length - a.length);
}

function split(stream: string): [string, string] {
  const mark = stream.indexOf('?');
  return mark === -1 ? [stream, ''] : [stream.slice(0, mark), stream.slice(mark + 1)];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuse(expected: string, received: string): never {
  throw new FacewireError('ERR_RTMP_URL', `the push address is not usable: expected ${expected}`, {
    expected,
    received,
  });
}
