import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** `sl local remote state tx_queue:rx_queue …`, numbers in hexadecimal. */
const established = '01';

/**
 * Bytes of a connection that the other machine's kernel has not confirmed: for
 * ingests that never say what they have. Undefined where the system does not
 * tell (Linux does, in /proc/net).
 */
export async function unconfirmedBytes(socket: Socket): Promise<number | undefined> {
  const { localPort, remotePort } = socket;
  if (process.platform !== 'linux' || localPort === undefined || remotePort === undefined) return undefined;
  const table = socket.localFamily === 'IPv6' ? 'tcp6' : 'tcp';
  const text = await readFile(`/proc/net/${table}`, 'latin1').catch(() => '');
  return readQueue(text, localPort, remotePort);
}

/** The send queue of the connection between two ports in a table of /proc/net. */
export function readQueue(table: string, localPort: number, remotePort: number): number | undefined {
  const hex = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const [local, remote] = [hex(localPort), hex(remotePort)];
  for (let at = table.indexOf(`${local} `); at !== -1; at = table.indexOf(`${local} `, at + 1)) {
    const end = table.indexOf('\n', at);
    const [, far = '', state, queues = ''] = table.slice(at, end === -1 ? undefined : end).split(' ');
    if (far.endsWith(remote) && state === established) return parseInt(queues, 16);
  }
  return undefined;
}
