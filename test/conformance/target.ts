import { startLocalCloud, type CloudConnection } from '../../src/server/local-cloud.js';
import { ToneVoice } from '../tools/tone-voice.js';

/** A server that the rules are put to. */
export interface Target {
  readonly name: string;
  /** Ours may also be asked for what only our pages promise. */
  readonly isOurs: boolean;
  /** Undefined when what is needed to connect is not there; `needs` says what that is. */
  readonly start: (() => Promise<{ connection: CloudConnection; close(): Promise<void> }>) | undefined;
  readonly needs?: string;
}

const names = {
  url: 'FACEWIRE_CONFORMANCE_URL',
  appkey: 'FACEWIRE_CONFORMANCE_APPKEY',
  accessToken: 'FACEWIRE_CONFORMANCE_ACCESSTOKEN',
  projectId: 'FACEWIRE_CONFORMANCE_PROJECT',
} as const;

/** Our own server, and any other whose address and keys are in the environment. */
export function targets(env: Readonly<Record<string, string | undefined>> = process.env): Target[] {
  const { url, appkey, accessToken, projectId } = {
    url: env[names.url],
    appkey: env[names.appkey],
    accessToken: env[names.accessToken],
    projectId: env[names.projectId],
  };
  const elsewhere =
    url === undefined || appkey === undefined || accessToken === undefined || projectId === undefined
      ? undefined
      : async () => ({ connection: { url, appkey, accessToken, projectId }, close: async () => undefined });
  return [
    {
      name: 'our server',
      isOurs: true,
      start: async () => {
        const cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap', streamIdleMs: 60_000 });
        return { connection: cloud.connection, close: () => cloud.close() };
      },
    },
    {
      name: 'the server of the environment',
      isOurs: false,
      start: elsewhere,
      needs: Object.values(names).join(', '),
    },
  ];
}
