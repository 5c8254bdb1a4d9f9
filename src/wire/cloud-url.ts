import { FacewireError } from '../errors.js';

/** Schemes of a kind of address, by those that are read as them. */
export const webSocketSchemes: Readonly<Record<string, string>> = { http: 'ws', https: 'wss' };
export const httpSchemes: Readonly<Record<string, string>> = { ws: 'http', wss: 'https' };

/**
 * An address of the cloud without its query. `origin` is scheme and host, with
 * or without a path prefix of a private deployment, or the whole address.
 * Throws ERR_OPTION_INVALID.
 */
export function cloudUrl(origin: string, path: string, schemes: Readonly<Record<string, string>>): URL {
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    throw invalid('an address that cannot be read');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid('an address with a user, a query or a fragment');
  }
  const scheme = url.protocol.slice(0, -1);
  const wanted = Object.hasOwn(schemes, scheme) ? schemes[scheme] : scheme;
  if (!Object.values(schemes).includes(wanted)) throw invalid(`the scheme ${url.protocol}`);
  url.protocol = `${wanted}:`;
  if (!url.pathname.endsWith(path)) url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return url;
}

// The text itself stays out of the error: it may hold a key.
function invalid(received: string): FacewireError {
  return new FacewireError('ERR_OPTION_INVALID', `the cloud address is not usable: ${received}`, {
    expected: 'ws://host[:port] (or wss, http, https), without user, query or fragment',
    received,
  });
}
