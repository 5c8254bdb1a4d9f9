import { describe, expect, it } from 'vitest';
import {
  buildRequest,
  readFrame,
  readRequest,
  SpeechJoiner,
  toTicks,
  writeErrorFrame,
  writeReplyFrame,
  writeSpeechFrame,
} from '../../src/wire/index.js';
import { dice, mutate, rounds } from './mutate.js';
import { damagedReply, damagedSpeech } from './samples.js';

const to = { requestId: 'd7aa08da33dd4a662ad5be508c5b77cf', streamId: 's' };
const frames = [
  damagedReply,
  damagedSpeech,
  writeErrorFrame(to, 100001, 'bad', 'payload'),
  writeReplyFrame(to, { replyType: 'input', displayText: 'hi', clause: 1 }),
  writeSpeechFrame(to, {
    clause: 1,
    pcm: new Int16Array(40),
    sampleRate: 24_000,
    featureDimension: 4,
    features: [0, 0.5, 1, 0.25, 1, 1, 1, 1],
    expressions: [{ name: 'joy', start: toTicks(0), end: toTicks(5), position: 0, part: 'begin' }],
  }),
].map((text) => Buffer.from(text));

describe('the readers under mutation', () => {
  it(
    `never throw for ${rounds} downstream frames, and never give samples or features that cannot be played`,
    { timeout: 0 },
    () => {
      const roll = dice(20_251_121);
      const kinds = new Map<string, number>();
      const joiner = new SpeechJoiner();
      for (let i = 0; i < rounds; i++) {
        const { frame, warnings } = readFrame(mutate(frames[i % frames.length], roll));
        kinds.set(frame.kind, (kinds.get(frame.kind) ?? 0) + 1);
        expect(warnings.length).toBeLessThanOrEqual(32);
        if (frame.kind !== 'speech') continue;
        const joined = joiner.push(frame.speech);
        if (!joined.features.every((value) => value >= 0 && value <= 1))
          throw new Error(`feature in mutation ${i}`);
        for (const span of [...frame.speech.timing.phones, ...frame.speech.timing.subtitles]) {
          if (!(span.start >= 0 && span.end >= span.start)) throw new Error(`time in mutation ${i}`);
        }
      }
      // The loop is only worth something when the mutations reach past the JSON parser.
      for (const kind of ['speech', 'reply', 'error', 'malformed', 'other'])
        expect(kinds.get(kind)).toBeGreaterThan(100);
    },
  );

  it(`never throw for ${rounds / 3} upstream frames`, { timeout: 0 }, () => {
    const roll = dice(7);
    const ids = { requestId: to.requestId, streamId: 's', projectId: 'p' };
    const requests = [
      buildRequest({ kind: 'text', text: 'Hi', ...ids, speech: { speed: 1, volume: 2, subtitles: 'word' } }),
      buildRequest({ kind: 'stream', text: 'Hi', sequence: 1, final: true, ...ids }),
      buildRequest({ kind: 'chat', text: 'Hi', command: 'say', ...ids }),
    ].map(({ frame }) => Buffer.from(frame));
    const outcomes = { taken: 0, refused: 0 };
    for (let i = 0; i < rounds / 3; i++) {
      const reading = readRequest(mutate(requests[i % requests.length], roll));
      outcomes[reading.ok ? 'taken' : 'refused']++;
    }
    expect(outcomes.taken).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });
});
