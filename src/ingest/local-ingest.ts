import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { MediaChild } from '../child.js';
import { entryUrl } from '../entry-url.js';
import { FacewireError } from '../errors.js';

export interface LocalIngestOptions {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Port for RTMP, 0 for a free one. Default 0. */
  readonly rtmpPort?: number;
  /** Port for HTTP-FLV, 0 for a free one. Default 0. */
  readonly httpPort?: number;
}

export interface LocalIngestEvents {
  /** A publisher was accepted. */
  published: [{ stream: string }];
  /** The publisher has left and all it sent was handed to the readers. */
  ended: [{ stream: string }];
}

interface ChildMessage {
  readonly ready?: boolean;
  readonly missing?: boolean;
  readonly published?: string;
  readonly ended?: string;
}

const app = 'live';

/**
 * An RTMP server on this machine (node-media-server in a child process).
 * Streams are pushed to `pushUrl(name)` and read from `flvUrl(name)`.
 */
export class LocalIngest extends EventEmitter<LocalIngestEvents> {
  readonly host: string;
  readonly #wanted: { rtmp: number; http: number };
  #ports: { rtmp: number; http: number } | undefined;
  #child: MediaChild | undefined;
  #folder: string | undefined;

  constructor(options: LocalIngestOptions = {}) {
    super();
    this.host = options.host ?? '127.0.0.1';
    this.#wanted = { rtmp: options.rtmpPort ?? 0, http: options.httpPort ?? 0 };
  }

  get rtmpPort(): number {
    return this.#running().rtmp;
  }

  get httpPort(): number {
    return this.#running().http;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.process.pid;
  }

  /** True between start() and stop(), unless its process has ended by itself. */
  get isRunning(): boolean {
    return this.#ports !== undefined && this.#child?.running === true;
  }

  /** Where to push. `name` is made of letters, digits, - and _. */
  pushUrl(name: string): string {
    return `rtmp://${bracket(this.host)}:${this.rtmpPort}/${app}/${checkName(name)}`;
  }

  /** Where a player or FlvReader reads. */
  flvUrl(name: string): string {
    return `http://${bracket(this.host)}:${this.httpPort}/${app}/${checkName(name)}.flv`;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) throw new FacewireError('ERR_STATE', 'the ingest runs already');
    const folder = await mkdtemp(join(tmpdir(), 'facewire-ingest-'));
    this.#folder = folder;
    const isFree = this.#wanted.rtmp === 0 && this.#wanted.http === 0;
    // Between looking for a free port and using it, another program may take it.
    for (let attempt = 0; attempt < (isFree ? 5 : 1); attempt++) {
      const rtmp = this.#wanted.rtmp !== 0 ? this.#wanted.rtmp : await freePort(this.host);
      const http = this.#wanted.http !== 0 ? this.#wanted.http : await freePort(this.host);
      if (await this.#launch(rtmp, http, folder)) return;
    }
    await this.stop();
    throw new FacewireError('ERR_PORT_UNAVAILABLE', `the ingest cannot listen on ${this.host}`, {
      expected: 'two free ports',
      received: `rtmp ${this.#wanted.rtmp}, http ${this.#wanted.http}`,
    });
  }

  /** Ends the child, frees the ports and removes its files. Idempotent. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#ports = undefined;
    // A word instead of disconnect(), after which Node never reports the child's pipes as closed.
    if (child?.process.connected === true) child.process.send('stop', () => undefined);
    await child?.stop(1000);
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  async #launch(rtmp: number, http: number, folder: string): Promise<boolean> {
    const script = fileURLToPath(entryUrl('ingest/ingest-process'));
    const child = new MediaChild(process.execPath, [script, this.host, `${rtmp}`, `${http}`, folder], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    const answer = await new Promise<'ready' | 'missing' | 'ended'>((resolve) => {
      child.process.on('message', (message: ChildMessage) => {
        if (message.ready === true) resolve('ready');
        if (message.missing === true) resolve('missing');
        if (message.published !== undefined) this.emit('published', { stream: nameOf(message.published) });
        if (message.ended !== undefined) this.emit('ended', { stream: nameOf(message.ended) });
      });
      void child.exited.then(() => resolve('ended'));
    });
    if (answer === 'ready') {
      this.#ports = { rtmp, http };
      return true;
    }
    await child.stop(1000);
    this.#child = undefined;
    if (answer === 'missing') {
      throw new FacewireError('ERR_INTERNAL', 'the package node-media-server is not installed', {
        remedy: 'Run: npm install node-media-server',
      });
    }
    return false;
  }

  #running(): { rtmp: number; http: number } {
    if (this.#ports === undefined) throw new FacewireError('ERR_STATE', 'the ingest is not running');
    return this.#ports;
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `no port can be opened on ${host} (${error.code ?? error.name})`;
      reject(new FacewireError('ERR_PORT_UNAVAILABLE', message, { cause: error }));
    });
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function checkName(name: string): string {
  if (/^[a-zA-Z0-9_-]{1,128}$/.test(name)) return name;
  throw new FacewireError('ERR_OPTION_INVALID', 'a stream name is made of letters, digits, - and _');
}

function nameOf(streamPath: string): string {
  return streamPath.slice(streamPath.lastIndexOf('/') + 1);
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
