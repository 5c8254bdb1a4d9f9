import { setImmediate as turn } from 'node:timers/promises';

import type { FacewireError } from '../../src/errors.js';
import { makeTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { RtmpOutput, type PushOptions } from '../../src/sinks/rtmp-sink.js';
import type { PushEvent } from '../../src/sinks/rtmp/push-events.js';
import type { PushAddress } from '../../src/sinks/rtmp/connector.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { TestIngest, type Visit } from '../tools/rtmp-ingest.js';
import { smallFormat } from './synthetic.js';

export const format = { ...smallFormat, videoKbps: 2500, audioKbps: 128 };
export const gop = 10;
export const canary = 'CanaryKey55?txSecret=CanarySecret';

/** Sound and pictures of 40 ms each, numbered in their payload; a keyframe every tenth. */
class Source {
  #next = 0;

  setUp(): FlvTag[] {
    return [
      makeTag(tagType.video, 0, Buffer.from([0x17, 0, 0, 0, 0, 77])),
      makeTag(tagType.audio, 0, Buffer.from([0xaf, 0, 77])),
    ];
  }

  /** @param bytes of the picture. */
  next(bytes = 100): FlvTag[] {
    const index = this.#next++;
    const number = Buffer.alloc(4);
    number.writeUInt32BE(index);
    const key = index % gop === 0 ? 0x17 : 0x27;
    const picture = Buffer.concat([Buffer.from([key, 1, 0, 0, 0]), number, Buffer.alloc(bytes)]);
    const sound = Buffer.concat([Buffer.from([0xaf, 1]), number]);
    return [makeTag(tagType.video, index * 40 + 21, picture), makeTag(tagType.audio, index * 40, sound)];
  }
}

/** The number that the source gave a tag. */
export function numberOf({ type, payload }: FlvTag): number {
  return payload.readUInt32BE(type === tagType.video ? 5 : 2);
}

/** A push with an ingest, and a clock that only the test moves. */
export class Rig {
  readonly ingest: TestIngest;
  readonly clock = new VirtualClock();
  readonly events: PushEvent[] = [];
  readonly source = new Source();
  readonly errors: FacewireError[] = [];
  output!: RtmpOutput;

  constructor(ingest = new TestIngest()) {
    this.ingest = ingest;
  }

  make(options: PushOptions = {}, url: PushAddress = this.ingest.url(canary)): RtmpOutput {
    this.output = new RtmpOutput(url, {
      clock: this.clock,
      random: () => 0.5,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.output.onError = (error) => this.errors.push(error);
    return this.output;
  }

  async open(options?: PushOptions, url?: PushAddress): Promise<void> {
    await this.ingest.listen();
    await this.reach(this.make(options, url).open(format));
    for (const tag of this.source.setUp()) this.output.write(tag);
  }

  /** Writes `frames` of sound and picture. */
  write(frames: number, bytes?: number): void {
    for (let frame = 0; frame < frames; frame++)
      for (const tag of this.source.next(bytes)) this.output.write(tag);
  }

  /** Lets time go on, in small steps, until the promise settles. */
  async reach<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    void promise.then(
      () => (settled = true),
      () => (settled = true),
    );
    await this.pass(() => settled);
    return promise;
  }

  /** Lets time go on, in small steps, until the condition holds. Sockets get several turns in each. */
  async pass(condition: () => boolean): Promise<void> {
    while (!condition()) {
      for (let turns = 0; turns < 20 && !condition(); turns++) await turn();
      if (!condition()) this.clock.advance(10);
    }
  }

  /** Lets the kernel deliver both ways what was sent, while time stands still: it may take its time on a busy machine. */
  async settle(): Promise<void> {
    const isThere = (): boolean => {
      const { bytesSent, bytesConfirmed } = this.output.counts;
      return this.ingest.last.received >= bytesSent && bytesConfirmed >= this.ingest.last.confirmed;
    };
    for (let turns = 0; turns < 5 || !isThere(); turns++) await turn();
  }

  has(type: PushEvent['type']): boolean {
    return this.events.some((event) => event.type === type);
  }

  types(): string[] {
    return this.events.map(({ type }) => type);
  }

  async close(): Promise<void> {
    await this.reach(this.output?.close().catch(() => undefined));
    await this.ingest.stop();
  }
}

/** Without the set-up. */
export const media = (visit: Visit | undefined): FlvTag[] => visit?.tags.filter((tag) => !tag.isConfig) ?? [];
