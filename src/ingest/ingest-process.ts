/**
 * The child process of LocalIngest: node-media-server by itself, because it
 * keeps global state, prints, and ends its process when a port is taken.
 */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Server as Listener } from 'node:net';

interface Subscriber {
  close(): void;
}
interface Publisher {
  readonly streamPath: string;
  readonly broadcast: { publishGraceMs: number; readonly subscribers: Map<string, Subscriber> };
}
interface MediaServer {
  readonly rtmpServer: { readonly tcpServer: Listener };
  readonly httpServer: { readonly httpServer: Listener };
  on(name: string, listener: (publisher: Publisher) => void): void;
  run(): Promise<void>;
}

const [host = '', rtmpPort = '', httpPort = '', storePath = ''] = process.argv.slice(2);

// The parent decides when we end; when it dies the channel closes.
process.on('disconnect', () => process.exit(0));
process.on('message', () => process.exit(0));
// The parent made this folder for us, but a killed parent cannot remove it.
process.on('exit', () => rmSync(storePath, { recursive: true, force: true }));
process.on('SIGINT', () => undefined);

let Server: new (config: unknown) => MediaServer;
try {
  Server = createRequire(import.meta.url)('node-media-server') as typeof Server;
} catch {
  process.send?.({ missing: true }, () => process.exit(2));
  throw new Error('node-media-server is not installed');
}
const server = new Server({
  bind: host,
  rtmp: { port: Number(rtmpPort) },
  http: { port: Number(httpPort) },
  webadmin: { enable: false },
  auth: { play: false, publish: false },
  record: { auto: false, path: storePath },
  store: { path: storePath },
  notify: { url: '' },
});
server.on('postPublish', ({ broadcast, streamPath }) => {
  // Else the stream counts as running for 30 s after its publisher has left, and readers never see its end.
  broadcast.publishGraceMs = 0;
  process.send?.({ published: streamPath });
});
server.on('donePublish', ({ broadcast, streamPath }) => {
  for (const subscriber of broadcast.subscribers.values()) subscriber.close();
  process.send?.({ ended: streamPath });
});
const listening = [server.rtmpServer.tcpServer, server.httpServer.httpServer].map(
  (socket) => new Promise((resolve) => socket.once('listening', resolve)),
);
await server.run();
await Promise.all(listening);
process.send?.({ ready: true });
