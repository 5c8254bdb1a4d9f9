import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { RtmpTarget } from './url.js';

/** A connection that is being made. */
export interface Dialled {
  readonly tcp: Socket;
  /** What is written to: `tcp` itself, or TLS over it. */
  readonly socket: Socket;
  /** Event of `socket` that says that it can be written to. */
  readonly ready: 'connect' | 'secureConnect';
}

export interface DialOptions {
  /** Connect to this address instead of looking the host up (again). */
  readonly address?: string;
  /** Certificates, PEM, that an rtmps ingest is checked against. Default those of Node. */
  readonly ca?: string;
}

/** Begins to connect, without delay for small packets. */
export function dial({ host, port, tls }: RtmpTarget, { address = host, ca }: DialOptions): Dialled {
  const tcp = connectTcp({ host: address, port });
  tcp.setNoDelay(true);
  if (!tls) return { tcp, socket: tcp, ready: 'connect' };
  const socket = connectTls({
    socket: tcp,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
  return { tcp, socket, ready: 'secureConnect' };
}
