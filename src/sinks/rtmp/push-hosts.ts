import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

import { FacewireError } from '../../errors.js';
import type { RtmpTarget } from './url.js';

/** Every address a name stands for. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Addresses that are not the internet (IANA's registries of special-purpose addresses). */
const special = new BlockList();
for (const range of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
])
  addRange(special, range);
/** IPv6: what is given out is here, the rest is nowhere or within. */
const given = new BlockList();
addRange(given, '2000::/3');
// Tunnels, documentation and 6to4 lead elsewhere than they say.
for (const range of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) addRange(special, range);
const loopback = new BlockList();
for (const range of ['127.0.0.0/8', '::1/128']) addRange(loopback, range);

interface Rule {
  readonly port: number | undefined;
  readonly fits: (host: string, address: string) => boolean;
}

const usualPorts = [80, 443];
const entryForm =
  /^(\[[0-9a-f:.]+\](?:\/\d{1,3})?|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:./]*|[^:]+)(?::(\d{1,5}))?$/i;

/**
 * The hosts that addresses given by strangers may lead to. Names are looked up
 * once for each connection, every address of a name is judged, and the
 * connection goes to the address that was judged.
 */
export class PushHosts {
  readonly #rules: readonly Rule[];
  readonly #setting: string;
  readonly #resolve: Resolve;

  /**
   * @param entries `public` (the internet), `loopback`, a host name, `*.domain`,
   * an IP address or a range such as `10.0.0.0/8`, each with `:port` if only one is meant.
   * @param setting how the list is called where the reader can change it.
   * @param resolve looks a name up. Default the system's.
   */
  constructor(entries: readonly string[], setting: string, resolve: Resolve = lookUp) {
    this.#rules = entries.map((entry) => readRule(entry, setting));
    this.#setting = setting;
    this.#resolve = resolve;
  }

  /** Throws ERR_RTMP_FORBIDDEN for an address without a name that is not allowed; names are judged by pick(). */
  check(target: RtmpTarget): void {
    if (isIP(target.host) !== 0 && !this.#allows(target, target.host)) this.#refuse(target);
  }

  /** The address to connect to. Throws ERR_RTMP_FORBIDDEN, or ERR_RTMP_CONNECT when the name leads nowhere. */
  async pick(target: RtmpTarget): Promise<string> {
    const { host } = target;
    if (isIP(host) !== 0) {
      this.check(target);
      return host;
    }
    const addresses = await this.#resolve(host).catch((error: NodeJS.ErrnoException) => {
      const why = `the name cannot be looked up (${error.code ?? error.name})`;
      throw new FacewireError('ERR_RTMP_CONNECT', `${target.shown}: ${why}`, { received: why });
    });
    const [first] = addresses;
    if (first === undefined) {
      throw new FacewireError('ERR_RTMP_CONNECT', `${target.shown}: the name has no address`);
    }
    // One that also leads to the inside is a trap.
    if (!addresses.every((address) => this.#allows(target, address))) this.#refuse(target);
    return first;
  }

  #allows({ host, port }: RtmpTarget, address: string): boolean {
    const name = host.toLowerCase().replace(/\.$/, '');
    return this.#rules.some(
      (rule) =>
        (rule.port === undefined || rule.port === port) &&
        rule.fits(name, address) &&
        this.#mayUse(rule, port),
    );
  }

  /** Below 1024 other things listen than ingests, so such a port must be named. */
  #mayUse(rule: Rule, port: number): boolean {
    return port >= 1024 || usualPorts.includes(port) || rule.port === port;
  }

  #refuse(target: RtmpTarget): never {
    throw new FacewireError('ERR_RTMP_FORBIDDEN', `${target.shown}: this server may not push there`, {
      expected: `a host that the setting ${this.#setting} allows`,
      received: `${target.host}:${target.port}`,
      remedy: `If this host is meant to get streams, add it to ${this.#setting}.`,
    });
  }
}

async function lookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function readRule(entry: string, setting: string): Rule {
  const match = entryForm.exec(entry);
  const rawPort = match?.[2];
  const port = rawPort === undefined ? undefined : Number(rawPort);
  const name = (match?.[1] ?? '').toLowerCase().replace(/^\[|\](?=\/|$)/g, '');
  if (name === '' || (port !== undefined && (port < 1 || port > 65535))) refuseEntry(entry, setting);
  if (name === 'public') return { port, fits: (_, address) => isPublic(address) };
  if (name === 'loopback') return { port, fits: (_, address) => isIn(loopback, address) };
  if (isIP(name.split('/')[0] ?? '') !== 0) {
    const range = new BlockList();
    try {
      addRange(range, name);
    } catch {
      refuseEntry(entry, setting);
    }
    return { port, fits: (_, address) => isIn(range, address) };
  }
  if (!/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) refuseEntry(entry, setting);
  if (name.startsWith('*.')) return { port, fits: (host) => host.endsWith(name.slice(1)) };
  return { port, fits: (host) => host === name };
}

function addRange(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function isPublic(address: string): boolean {
  if (isIn(special, address)) return false;
  return isIP(address) === 4 || (isIP(address) === 6 && isIn(given, address));
}

function refuseEntry(entry: string, setting: string): never {
  throw new FacewireError('ERR_OPTION_INVALID', `${setting} has an entry that is none`, {
    expected: 'public, loopback, a host name, *.domain, an IP address or a range, with :port or without',
    received: entry.slice(0, 100),
  });
}
