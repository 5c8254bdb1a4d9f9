import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Seen from the client: `up` goes to the server, `down` comes from it. */
export type Direction = 'up' | 'down';

/** What the proxy does with a connection; `pass` is none. */
export type Fault =
  | { readonly kind: 'pass' }
  /** A new connection is reset at once; open ones pass. */
  | { readonly kind: 'refuse' }
  /** Nothing is read any more, and nothing passes. */
  | { readonly kind: 'stall' }
  /** Everything is read, and nothing passes. */
  | { readonly kind: 'blackhole' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** The highest bit of byte `at` of the next connection is turned over, which no text survives. */
  | { readonly kind: 'corrupt'; readonly direction: Direction; readonly at: number }
  /** The next connection is cut when so many bytes have passed. */
  | {
      readonly kind: 'cut';
      readonly direction: Direction;
      readonly after: number;
      readonly how: 'rst' | 'fin';
    };

/** Stands between a client and a server on loopback and does to their bytes what networks do. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  #fault: Fault = { kind: 'pass' };
  /** Connections that were made, refused ones included. */
  accepted = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#pairs.size;
  }

  /** Applies a fault from now on, to open connections too where that makes sense. */
  set(fault: Fault): void {
    this.#fault = fault;
    for (const pair of this.#pairs) pair.setFault(fault);
  }

  /** What new connections meet; open ones stay as they are. */
  forNew(fault: Fault): void {
    this.#fault = fault;
  }

  /** Cuts every open connection now. */
  cutAll(how: 'rst' | 'fin'): void {
    for (const pair of this.#pairs) pair.cut(how);
  }

  async close(): Promise<void> {
    this.cutAll('rst');
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    this.accepted++;
    client.on('error', () => undefined);
    if (this.#fault.kind === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, connect({ ...this.#target, allowHalfOpen: true }), this.#fault);
    if (this.#fault.kind === 'cut' || this.#fault.kind === 'corrupt') this.#fault = { kind: 'pass' };
    this.#pairs.add(pair);
    pair.onGone = () => this.#pairs.delete(pair);
  }
}

/** One connection through the proxy. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #own: Fault;
  #fault: Fault;
  readonly #passed: Record<Direction, number> = { up: 0, down: 0 };
  #chain: Record<Direction, Promise<void>> = { up: Promise.resolve(), down: Promise.resolve() };
  /** Parts in the chain. */
  readonly #delayed: Record<Direction, number> = { up: 0, down: 0 };
  onGone: () => void = () => undefined;

  constructor(client: Socket, server: Socket, fault: Fault) {
    this.#client = client;
    this.#server = server;
    this.#own = fault;
    this.#fault = fault;
    client.setNoDelay(true);
    server.setNoDelay(true);
    this.#pipe(client, server, 'up');
    this.#pipe(server, client, 'down');
    this.setFault(fault);
  }

  setFault(fault: Fault): void {
    this.#fault = fault;
    for (const socket of [this.#client, this.#server]) {
      if (fault.kind === 'stall') socket.pause();
      else socket.resume();
    }
  }

  cut(how: 'rst' | 'fin'): void {
    for (const socket of [this.#client, this.#server]) {
      if (how === 'rst') socket.resetAndDestroy();
      else socket.end();
    }
    if (how === 'fin') {
      // What is still under way is thrown away: the other side must not get more than was allowed.
      this.#fault = { kind: 'blackhole' };
      this.#client.resume();
      this.#server.resume();
    }
  }

  #pipe(from: Socket, to: Socket, direction: Direction): void {
    from.on('error', () => {
      if (!to.destroyed) to.resetAndDestroy();
    });
    from.on('close', () => {
      if (to.destroyed) this.onGone();
    });
    from.on('data', (data: Buffer) => this.#pass(data, from, to, direction));
    from.on('end', () => {
      if (this.#fault.kind !== 'blackhole' && this.#fault.kind !== 'stall')
        void this.#chain[direction].then(() => to.end());
    });
  }

  #pass(data: Buffer, from: Socket, to: Socket, direction: Direction): void {
    const fault = this.#fault;
    const own = this.#own;
    if (fault.kind === 'blackhole' || to.destroyed) return;
    const before = this.#passed[direction];
    this.#passed[direction] += data.length;
    if (own.kind === 'corrupt' && own.direction === direction) {
      const at = own.at - before;
      if (at >= 0 && at < data.length) data[at] ^= 0x80;
    }
    if (own.kind === 'cut' && own.direction === direction && before + data.length >= own.after) {
      const rest = data.subarray(0, Math.max(0, own.after - before));
      // A reset throws away what the peer has not read; it is given the time to.
      to.write(rest, () => setImmediate(() => this.cut(own.how)));
      this.#fault = { kind: 'blackhole' };
      return;
    }
    // What comes later never overtakes what is delayed.
    if (fault.kind === 'delay' || fault.kind === 'bandwidth' || this.#delayed[direction] > 0) {
      const ms =
        fault.kind === 'delay'
          ? fault.ms
          : fault.kind === 'bandwidth'
            ? (1000 * data.length) / fault.bytesPerSecond
            : 0;
      this.#delayed[direction] += 1;
      // With a limited bandwidth the sender must feel it.
      if (fault.kind === 'bandwidth') from.pause();
      this.#chain[direction] = this.#chain[direction]
        .then(() => new Promise<void>((resolve) => setTimeout(resolve, ms)))
        .then(() => {
          this.#delayed[direction] -= 1;
          if (!to.destroyed && this.#fault.kind !== 'blackhole') to.write(data);
          if (this.#fault.kind !== 'stall') from.resume();
        });
      return;
    }
    if (!to.write(data)) {
      from.pause();
      to.once('drain', () => {
        if (this.#fault.kind !== 'stall') from.resume();
      });
    }
  }
}
