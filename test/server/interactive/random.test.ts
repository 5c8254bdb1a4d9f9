import { expect, it } from 'vitest';
import { newRequestId } from '../../../src/wire/ids.js';
import { randomNumbers } from '../../sinks/synthetic.js';
import { driven, world } from './world.js';

const whole = {
  text: /^WaitingTextStart(S* TextStart)?S*( WaitingTextOver)?S* (TextOver( final[123])?|Error)$/,
  audio: /^WaitingAudioStart( AudioStart)?( WaitingAudioOver)? (AudioOver( final[123])|Error)$/,
};

// Whatever is sent in whatever order, every drive has one beginning, one end
// and nothing after it, no two overlap, and the session goes on.
it.each([1, 2, 3, 4])('tells one whole story of every drive, whatever is sent (seed %i)', async (seed) => {
  const own = await world({ pingMs: 2_000_000_000, isUninterruptible: (text) => text.includes('!') });
  const { channel, stage } = await driven(own, { DriverType: 3 });
  const random = randomNumbers(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)];
  const ids: string[] = [];
  const anId = (): string => {
    if (ids.length === 0 || random() < 0.3) ids.push(newRequestId());
    return pick(ids.slice(-4));
  };
  const words = [
    '',
    'One sentence. ',
    'Two. Sentences. ',
    'no end',
    '…',
    'Stay here! ',
    '<speak>Marked</speak>',
  ];
  for (let step = 0; step < 400; step++) {
    const Text = pick(words);
    const Interrupt = random() < 0.2;
    const Seq = below(6);
    const IsFinal = random() < 0.2;
    const what = below(6);
    if (what === 0)
      channel.send('SEND_TEXT', { Text, Interrupt, ChatCommand: pick(['', 'NotUseChat']) }, anId());
    else if (what === 1) channel.send('SEND_STREAMTEXT', { Text, Seq, IsFinal, Interrupt }, anId());
    else if (what === 2) {
      const IsInsertSentence = random() < 0.3;
      const data = { Text, Seq, IsFinal, Interrupt, IsSentence: true, IsInsertSentence };
      channel.send('SEND_STREAMTEXT', data, anId());
    } else if (what === 3) {
      const Audio = Buffer.alloc(below(3) * 999).toString('base64');
      channel.send('SEND_AUDIO', { Audio, Seq, IsFinal, Interrupt }, anId());
    } else if (what === 4) own.clock.advance(pick([10, 500, 1000, 2500]));
    else for (const entry of [...stage.entries, ...stage.sounds]) if (random() < 0.7) entry.finish();
    if (random() < 0.5) await channel.settled();
  }
  await channel.settled();
  channel.send('SEND_TEXT', { Interrupt: true });
  await channel.settled();

  const statuses = channel.messages.filter(({ Payload }) => Payload.Type === 3);
  const told = [...new Set(statuses.map(({ Payload }) => Payload.ReqId))];
  expect(told.length).toBeGreaterThan(20);
  let before = -1;
  for (const id of told) {
    const story = channel.story(id);
    // S stands for the begin, the next and the end of one clause after the other.
    const shape = story.join(' ').replaceAll(/ Sentence(Start|Next|Over) \d+/g, 'S');
    expect(shape).toMatch(story[0]?.includes('Audio') === true ? whole.audio : whole.text);
    const places = statuses.flatMap(({ Payload }, place) => (Payload.ReqId === id ? [place] : []));
    // One after the other: the first word of a drive comes after the last one of the drive before.
    expect(places[0]).toBe(before + 1);
    before = places.at(-1) ?? before;
  }
  expect(own.cloud.sessions).toBe(1);
  own.clock.advance(1000);
  const last = channel.text('The session goes on.');
  await channel.has(last, 'WaitingTextStart');
  await own.cloud.close();
});
