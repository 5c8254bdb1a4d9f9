import { resolve } from 'node:path';

import { startLocalCloud } from '../server/local-cloud.js';
import { openKeyStore } from '../server/keys.js';
import type { Output } from './output.js';
import type { StopSignal } from './stop-signal.js';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly voice: string;
  readonly sessions?: number;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly secrets?: string;
}

/** Runs the local cloud until SIGINT or SIGTERM. */
export async function serve(options: ServeOptions, output: Output, stop: StopSignal): Promise<void> {
  const store = await openKeyStore(options.secrets);
  if (store.created) output.progress(`made a key pair in ${store.path} (mode 0600)`);
  const { appkey, accessToken } = store.keys;
  const cloud = await startLocalCloud({
    host: options.host,
    port: options.port,
    voice: options.voice,
    keys: { appkey, accessToken },
    interactive:
      options.sessions === 0
        ? false
        : {
            picture: { ...options.size, frameRate: options.fps },
            ...(options.sessions !== undefined && { maxSessions: options.sessions }),
          },
  });
  const { url, projectId } = cloud.connection;
  const { width, height } = options.size;
  const rest = url.replace(/^ws/, 'http');
  const elsewhere = options.secrets === undefined ? '' : ` --secrets ${shellWord(resolve(options.secrets))}`;
  const say = `npx facewire say "Hello" --cloud ${url} --appkey ${appkey} --project ${projectId}${elsewhere}`;
  output.result(
    [
      `The local cloud listens on ${url}`,
      `  drives        ${url} (endpoint rendering: voice and mouth shapes)`,
      cloud.maxSessions === 0
        ? `  sessions      off`
        : `  sessions      ${rest} (cloud rendering: at most ${cloud.maxSessions}, ${width}x${height}, RTMP)`,
      `  app key       ${appkey}`,
      `  project       ${projectId}`,
      `  access token  in ${store.path}; other clients take it as FACEWIRE_ACCESSTOKEN`,
      `Try, in another terminal:`,
      `  ${say}`,
      `Ctrl-C ends it.`,
    ],
    {
      url,
      rest,
      maxSessions: cloud.maxSessions,
      appkey,
      projectId,
      secrets: store.path,
      created: store.created,
      say,
    },
  );
  await stop.wait();
  output.progress('closing');
  await cloud.close();
}

/** As a POSIX shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
