import type { InteractiveOptions } from '../../../src/server/interactive/options.js';
import type { StageRequest } from '../../../src/server/interactive/stage.js';
import { startLocalCloud, type LocalCloud, type LocalCloudOptions } from '../../../src/server/local-cloud.js';
import { ChannelClient, ready } from './client.js';
import { FakeStage, fakeVoice } from './fake-stage.js';
import { VirtualClock } from '../../tools/virtual-clock.js';

export interface World {
  readonly cloud: LocalCloud;
  readonly clock: VirtualClock;
  /** By session id. */
  readonly stages: Map<string, FakeStage>;
}

/** A real server with real HTTP and WebSockets, whose sessions have a stage and a time of the test's own. */
export async function world(
  interactive: InteractiveOptions = {},
  options: Partial<LocalCloudOptions> = {},
): Promise<World> {
  const clock = new VirtualClock();
  const stages = new Map<string, FakeStage>();
  const stage = (request: StageRequest): Promise<FakeStage> => {
    const made = new FakeStage(request);
    stages.set(request.sessionId, made);
    return Promise.resolve(made);
  };
  const cloud = await startLocalCloud({
    voice: fakeVoice,
    interactive: { clock, stage, ...interactive },
    ...options,
  });
  return { cloud, clock, stages };
}

export interface Driven {
  readonly id: string;
  readonly stage: FakeStage;
  readonly channel: ChannelClient;
}

/** A started session with its channel open. */
export async function driven(
  { cloud, stages }: World,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Driven> {
  const { id } = await ready(cloud.connection, fields);
  const channel = await ChannelClient.connect(cloud.connection, id);
  return { id, channel, stage: stages.get(id) as FakeStage };
}

/** Speaks on until the drive ends: every entry is heard at once. */
export async function hear(
  { stage, channel }: Driven,
  requestId: string,
  from = stage.entries.length,
): Promise<void> {
  let next = from;
  for (;;) {
    const over = channel.until(() =>
      channel.story(requestId).some((word) => /^(Text|Audio)Over|^Error/.test(word)),
    );
    const entry = await Promise.race([stage.entry(next), over.then(() => undefined)]);
    if (entry === undefined) return;
    entry.finish();
    next++;
  }
}
