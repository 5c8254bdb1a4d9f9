import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A private nginx-rtmp on a free port of loopback that records every stream. */
export interface Nginx {
  readonly port: number;
  readonly folder: string;
  /** Stops reading, as a hung ingest does, and goes on. */
  pause(): void;
  resume(): void;
  /** Kills it, without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it again on the same port. Resolves when it answers. */
  start(): Promise<void>;
  /** Path of the finished recording of stream `name`; waits for nginx to close it. */
  recording(name: string): Promise<string>;
  /** Paths of all recordings of stream `name`, oldest first. */
  recordings(name: string): Promise<string[]>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await sleep(20);
  }
}

/** Application `live` takes and records every stream, `closed` refuses all. */
export async function startNginx(): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'facewire-nginx-'));
  await mkdir(join(folder, 'rec'));
  await mkdir(join(folder, 'logs'));
  const port = await freePort();
  const conf = `
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log info;
events { worker_connections 64; }
rtmp { access_log off; server { listen 127.0.0.1:${port};
  application live { live on; record all; record_unique on; record_path ${folder}/rec; }
  application closed { live on; deny publish all; } } }`;
  await writeFile(join(folder, 'nginx.conf'), conf);
  const launch = async (): Promise<ChildProcess> => {
    const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await answers(port);
    return child;
  };
  let nginx = await launch();
  const list = async (name: string): Promise<string[]> =>
    (await readdir(join(folder, 'rec'))).filter((entry) => entry.startsWith(`${name}-`)).sort();
  return {
    port,
    folder,
    pause: () => void nginx.kill('SIGSTOP'),
    resume: () => void nginx.kill('SIGCONT'),
    async kill() {
      const gone = once(nginx, 'exit');
      nginx.kill('SIGKILL');
      await gone;
    },
    async start() {
      nginx = await launch();
    },
    async recordings(name) {
      return (await list(name)).map((entry) => join(folder, 'rec', entry));
    },
    async recording(name) {
      // nginx writes the last tags when it notices the end of the connection.
      for (;;) {
        const log = await readFile(join(folder, 'error.log'), 'utf8');
        if (log.includes('deleteStream') || log.includes('disconnect')) break;
        await sleep(20);
      }
      const file = (await list(name)).at(-1);
      if (file === undefined) throw new Error(`nginx recorded no stream ${name}`);
      const path = join(folder, 'rec', file);
      for (let size = -1; ;) {
        const { size: now } = await stat(path);
        if (now === size && now > 0) return path;
        size = now;
        await sleep(100);
      }
    },
    async close() {
      if (nginx.exitCode === null && nginx.signalCode === null) {
        const gone = once(nginx, 'exit');
        nginx.kill('SIGCONT');
        nginx.kill('SIGTERM');
        await gone;
      }
      await rm(folder, { recursive: true });
    },
  };
}
