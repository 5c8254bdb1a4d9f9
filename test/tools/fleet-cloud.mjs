// A server in a process of its own for the fleet (fleet.ts), as the last tsc left it in dist.
import { startLocalCloud } from '../../dist/index.js';

/** As ToneVoice: a tenth of a second a word, of samples that depend on the text alone. */
const voice = {
  name: 'tone',
  languages: ['en'],
  canSpeak: () => true,
  synthesize: (text) => {
    const words = [...text.matchAll(/\S+/gu)].length;
    let state = 7;
    for (const character of text) state = (Math.imul(state, 31) + character.codePointAt(0)) | 0;
    const pcm = Int16Array.from({ length: Math.max(1, words) * 2400 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
      return (state >> 16) % 8000 || 1;
    });
    const phones = [{ symbol: 'ah', startTicks: 0, endTicks: words * 1_000_000 }];
    return Promise.resolve({ pcm, sampleRate: 24_000, alphabet: 'arpabet', phones, words: [] });
  },
  close: () => Promise.resolve(),
};

const cloud = await startLocalCloud({ voice, aheadSeconds: 1, maxConnections: 4096, interactive: false });
let unhandled = 0;
process.on('unhandledRejection', () => (unhandled += 1));
process.on('message', (order) => {
  if (order === 'read') {
    globalThis.gc?.();
    const { clients, counts } = cloud;
    process.send({ rss: process.memoryUsage.rss(), clients, counts, unhandled });
  } else if (order === 'end') void cloud.close().then(() => process.exit());
});
process.on('disconnect', () => process.exit());
// The token is left out of JSON by itself.
const { url, appkey, accessToken, projectId } = cloud.connection;
process.send({ url, appkey, accessToken, projectId, port: cloud.port });
