import { afterAll, expect, it } from 'vitest';
import { createVoice } from '../../src/voice/create-voice.js';
import { describeWith } from '../tools.js';
import { expectSound } from './check-clause.js';

describeWith(['espeak-ng'], 'espeak', () => {
  const auto = createVoice('slt');
  const english = createVoice('espeak:en-us');
  afterAll(() => Promise.all([auto.close(), english.close()]));

  it('speaks Chinese for the English voice, a word for every character', async () => {
    const text = '在人工智能产业中，你好世界。';
    const clause = await auto.synthesize(text);
    expectSound(clause, text);
    expect(clause.alphabet).toBe('ipa');
    expect(clause.words).toHaveLength(12);
    expect(clause.words.every((word) => word.phones.length > 0)).toBe(true);
  });

  it.each(['hello 世界，再见。', 'Привет, мир!', 'Γειά σου', '안녕하세요'])('speaks %j', async (text) => {
    expect(auto.canSpeak(text)).toBe(true);
    expectSound(await auto.synthesize(text), text);
  });

  it('speaks English when asked by name', async () => {
    const text = 'Hello <world>, it is 3.14 🙂 today.';
    const clause = await english.synthesize(text);
    expectSound(clause, text);
    expect(clause.sampleRate).toBe(22050);
  });

  it.each([
    ['espeak:en-us', 'One of the best in the world, it is at the end of the day.'],
    ['espeak:fr', 'Tout le monde est là.'],
    ['espeak:de', 'Es ist so, wie es ist.'],
  ])('times every word that %s says as one with another', async (name, text) => {
    const voice = createVoice(name);
    const clause = await voice.synthesize(text);
    await voice.close();
    expectSound(clause, text);
    expect(clause.words).toHaveLength(text.split(' ').length);
    for (const word of clause.words) expect(word.phones.length).toBeGreaterThan(0);
  });

  it('refuses kanji between kana, which it would read as "Chinese letter"', async () => {
    expect(auto.canSpeak('日本語です')).toBe(false);
    await expect(auto.synthesize('你好 мир')).rejects.toMatchObject({
      code: 'ERR_VOICE_UNSPEAKABLE',
      remedy: expect.stringContaining('Split the text by language') as string,
    });
    await expect(auto.synthesize('日本語です')).rejects.toMatchObject({ code: 'ERR_VOICE_UNSPEAKABLE' });
  });

  it('names a language that does not exist', async () => {
    const wrong = createVoice('espeak:xx-none');
    await expect(wrong.synthesize('Hi.')).rejects.toMatchObject({ code: 'ERR_VOICE_UNAVAILABLE' });
    await wrong.close();
  });
});
