// A server in a process of its own, so that its memory can be measured: `node --expose-gc cloud-process.mjs`.
import { startLocalCloud } from '../../dist/index.js';
import { beMeasured } from '../tools/measured.mjs';

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
// The token is left out of JSON by itself.
const { url, appkey, accessToken, projectId } = cloud.connection;
beMeasured({
  greeting: { url, appkey, accessToken, projectId },
  read: () => {
    const { clients, counts, bufferedBytes } = cloud;
    return { clients, counts, bufferedBytes };
  },
  end: () => cloud.close(),
});
