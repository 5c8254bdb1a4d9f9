// A server in a process of its own, so that its memory can be measured: `node --expose-gc cloud-process.mjs`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startLocalCloud } from '../../dist/index.js';

// Speaks 0.1 s a word without any process beside it.
const voice = {
  name: 'tone',
  languages: ['en'],
  canSpeak: () => true,
  synthesize: (text) => {
    const seconds = 0.1 * text.split(/\s+/).length;
    const pcm = new Int16Array(Math.round(24_000 * seconds)).map((_, i) => 8000 * Math.sin(i / 9));
    const endTicks = Math.round(1e7 * seconds);
    return Promise.resolve({
      pcm,
      sampleRate: 24_000,
      alphabet: 'arpabet',
      phones: [{ symbol: 'aa', startTicks: 0, endTicks }],
      words: [],
    });
  },
  close: () => Promise.resolve(),
};

// Sessions without pictures: everything is heard at once.
const heard = { started: Promise.resolve(true), finished: Promise.resolve(true) };
const nothing = () => undefined;
const stage = {
  speak: () => heard,
  sound: () => ({ ...heard, roomInMs: () => 0, push: nothing, end: nothing }),
  interrupt: nothing,
  close: () => Promise.resolve(),
};
const interactive = { stage: () => Promise.resolve(stage), maxSessions: 100 };

const cloud = await startLocalCloud({ voice, maxTextBytes: 60_000, pace: 'asap', interactive });
let peak = 0;
const sample = () => (peak = Math.max(peak, process.memoryUsage.rss()));
setInterval(sample, 20);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

process.on('message', (order) => {
  if (order === 'mark') {
    // What is garbage already must not count for what comes.
    for (let i = 0; i < 3; i++) globalThis.gc();
    peak = process.memoryUsage.rss();
    delay.reset();
    process.send({ rss: peak });
  } else if (order === 'read') {
    sample();
    const { clients, counts, bufferedBytes } = cloud;
    process.send({ peak, clients, counts, bufferedBytes, p99Ms: delay.percentile(99) / 1e6 });
  } else if (order === 'end') void cloud.close().then(() => process.exit());
});
// The token is left out of JSON by itself.
const { url, appkey, accessToken, projectId } = cloud.connection;
process.send({ url, appkey, accessToken, projectId });
