import type { InteractiveSession } from '../../../src/driver/interactive/index.js';
import type { SpeakStatus } from '../../../src/wire/index.js';
import {
  openSession,
  startCloud,
  type CloudScript,
  type InteractiveCloud,
} from '../../tools/interactive-cloud.js';
import { advanceUntil, VirtualClock } from '../../tools/virtual-clock.js';

export interface Stage {
  readonly cloud: InteractiveCloud;
  readonly session: InteractiveSession;
  readonly clock: VirtualClock;
  /** What happened to the channel and the session. */
  readonly log: string[];
}

/** A session on a virtual clock; the cloud only says what a test tells it to. */
export async function onStage(
  script: CloudScript = {},
  more: object = {},
  clock = new VirtualClock(),
): Promise<Stage> {
  const cloud = await startCloud({ command: () => undefined, ...script });
  const session = await openSession(cloud, { environment: { clock }, ...more });
  const log: string[] = [];
  session.on('connected', (again) => log.push(`connected ${again}`));
  session.on('disconnected', (error) => log.push(`disconnected ${error.code}`));
  session.on('closed', (error) => log.push(`closed ${error?.code}`));
  return { cloud, session, clock, log };
}

export const say = (cloud: InteractiveCloud, requestId: string, ...statuses: SpeakStatus[]): void => {
  for (const status of statuses) cloud.channel.status(requestId, status);
};

/** Cuts the channel and waits until it is there again. */
export async function reconnect({ cloud, session, clock }: Stage): Promise<void> {
  const before = session.counters.reconnects;
  cloud.cut();
  await advanceUntil(
    clock,
    () => session.counters.reconnects > before && session.isConnected && cloud.channels.size > 0,
    50,
  );
}
