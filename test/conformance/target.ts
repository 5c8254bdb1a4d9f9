import { afterAll, beforeAll, describe, it } from 'vitest';
import type { InteractiveOptions } from '../../src/server/interactive/options.js';
import { startLocalCloud, type CloudConnection, type LocalCloud } from '../../src/server/local-cloud.js';
import { isAll } from '../tools.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { TimedStage } from './timed-stage.js';

/** The time of a server's timers. */
export interface ServerTime {
  /** Lets so many ms go by. */
  pass(ms: number): Promise<void>;
  /** Lets a little go by, for whoever waits for something. */
  tick(): Promise<void>;
}

/** A server that runs. */
export interface Running {
  readonly connection: CloudConnection;
  readonly time: ServerTime;
  close(): Promise<void>;
}

/** A server that the rules are put to. */
export interface Target {
  readonly name: string;
  /** Ours may also be asked for what only our pages promise, and for what needs a time that can be moved. */
  readonly isOurs: boolean;
  /** Asset that sessions can be made of, if there is one. */
  readonly assetKey: string | undefined;
  readonly start: (more?: InteractiveOptions) => Promise<Running>;
}

const names = {
  url: 'FACEWIRE_CONFORMANCE_URL',
  appkey: 'FACEWIRE_CONFORMANCE_APPKEY',
  accessToken: 'FACEWIRE_CONFORMANCE_ACCESSTOKEN',
  projectId: 'FACEWIRE_CONFORMANCE_PROJECT',
} as const;
export const assetName = 'FACEWIRE_CONFORMANCE_ASSET';

/** What must not be interrupted at our server. */
export const uninterruptibleText = 'Please leave the building at once, all of you, by the nearest door.';

/** Our server: its sessions have real HTTP and WebSockets, and a time of their own that cases move. */
export async function startOurs(
  more: InteractiveOptions = {},
): Promise<Running & { readonly cloud: LocalCloud }> {
  const clock = new VirtualClock();
  const cloud = await startLocalCloud({
    voice: new ToneVoice(),
    pace: 'asap',
    streamIdleMs: 60_000,
    interactive: {
      clock,
      stage: (request) => TimedStage.open(clock, request),
      maxSessions: 100,
      // Nobody answers a ping while time jumps.
      pingMs: 1e9,
      isUninterruptible: (text) => text === uninterruptibleText,
      ...more,
    },
  });
  const go = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    cloud,
    connection: cloud.connection,
    time: {
      async pass(ms) {
        const step = Math.max(20, Math.ceil(ms / 100));
        for (let left = ms; left > 0; left -= step) await go(Math.min(left, step));
      },
      tick: () => go(20),
    },
    async close() {
      const closed = cloud.close();
      // What is being prepared is waited for.
      clock.advance(60_000);
      await closed;
    },
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Our own server, and any other whose address and keys are in the environment. */
export function targets(env: Readonly<Record<string, string | undefined>> = process.env): Target[] {
  const { url, appkey, accessToken, projectId } = {
    url: env[names.url],
    appkey: env[names.appkey],
    accessToken: env[names.accessToken],
    projectId: env[names.projectId],
  };
  const ours: Target = { name: 'our server', isOurs: true, assetKey: 'asset-1', start: startOurs };
  if (url === undefined || appkey === undefined || accessToken === undefined || projectId === undefined)
    return [ours];
  const elsewhere: Target = {
    name: 'the server of the environment',
    isOurs: false,
    assetKey: env[assetName],
    start: async () => ({
      connection: { url, appkey, accessToken, projectId },
      time: { pass: sleep, tick: () => sleep(50) },
      close: async () => undefined,
    }),
  };
  return [ours, elsewhere];
}

/** A skipped case that says what another server would need. An account is no tool: where every tool must be there it is not missed. */
export function sayWhatElsewhereNeeds(): void {
  if (targets().length > 1 || isAll) return;
  it.skip(`every rule, put to another server [needs ${Object.values(names).join(', ')}]`, () => undefined);
}

/** Puts rules to every server, one running server for all of them; says why where there is none. */
export function describeTargets(what: string, rules: (server: () => Running, target: Target) => void): void {
  for (const target of targets()) {
    const { name, start } = target;
    describe(`${what} of ${name}`, () => {
      let running: Running;
      beforeAll(async () => {
        running = await start();
      });
      afterAll(() => running.close());
      rules(() => running, target);
    });
  }
}

type Case = (name: string, run: () => Promise<void> | void) => void;

/** `it` where `condition` holds, else a case that is skipped with the reason in its name. */
export function itWhere(condition: boolean, reason: string): Case {
  return (name, run) => (condition ? it(name, run) : it.skip(`${name} [${reason}]`, run));
}

/** The cases that not every server can be asked for. */
export function cases({ isOurs, assetKey }: Target): Record<'ours' | 'timed' | 'asset', Case> {
  return {
    ours: itWhere(isOurs, 'promised by our own pages only'),
    timed: itWhere(isOurs, 'needs a server whose time can be moved'),
    asset: itWhere(assetKey !== undefined, `needs ${assetName}`),
  };
}
