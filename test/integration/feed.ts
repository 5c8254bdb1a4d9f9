import { setTimeout as sleep } from 'node:timers/promises';

import type { DeviceSink } from '../../src/sinks/device-sink.js';
import type { PortAudioSink } from '../../src/sinks/device/portaudio-sink.js';
import { makeSpan, smallFormat } from '../sinks/synthetic.js';
import { counter } from './counter.js';

/** Samples of a frame. */
export const span = 1920;

/** Feeds the counter as the sink has room, from frame `from` up to `to`. */
export async function feed(sink: DeviceSink | PortAudioSink, from: number, to: number): Promise<void> {
  for (let frame = from; frame < to; frame++) {
    while (sink.room < span) await sleep(4);
    sink.write(makeSpan(frame, smallFormat, counter));
  }
}

/** Feeds the counter for as long as the returned function is not called. */
export function keepFeeding(sink: PortAudioSink): () => Promise<void> {
  let feeding = true;
  const feeder = (async () => {
    for (let frame = 0; feeding; frame++) await feed(sink, frame, frame + 1);
  })();
  return () => {
    feeding = false;
    return feeder;
  };
}
