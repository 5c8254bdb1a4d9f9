import { afterAll, describe, expect, it } from 'vitest';
import { createVoice } from '../../src/voice/create-voice.js';
import { FliteVoice, fliteVoices } from '../../src/voice/flite-voice.js';
import { setPauses } from '../../src/voice/trim.js';
import { expectSound, loudness } from './check-clause.js';

const voice = new FliteVoice();
afterAll(() => voice.close());

describe('FliteVoice', () => {
  it('speaks a sentence with the times of its sounds and words', async () => {
    const text = 'Dr. Smith read $3.14 in Denver — and the “cat’s” tail was £5 bent 🙂.';
    const clause = await voice.synthesize(text);
    expectSound(clause, text);
    expect(clause.sampleRate).toBe(16000);
    const sounds = Object.fromEntries(
      clause.words.map((word) => [word.text, word.phones.map((phone) => phone.symbol).join(' ')]),
    );
    expect(sounds).toMatchObject({
      Smith: 's m ih th',
      '$3.14': 'th r iy d aa l er z f ao r t iy n s eh n t s',
      '“cat’s”': 'k ae t s',
      '£5': 'f ay v p aw n d z',
    });
  });

  it.each(fliteVoices)('%s puts its vowels where they are heard', async (name) => {
    const other = new FliteVoice(name);
    try {
      const clause = await other.synthesize('Papa got a top.');
      expectSound(clause, 'Papa got a top.');
      const quiet = clause.phones
        .filter((phone) => phone.symbol === 'sil')
        .map((phone) => loudness(clause, phone.startTicks, phone.endTicks));
      const loud = clause.phones
        .filter((phone) => phone.symbol === 'aa')
        .map((phone) => loudness(clause, phone.startTicks, phone.endTicks));
      expect(loud.length).toBeGreaterThanOrEqual(3);
      expect(Math.min(...loud)).toBeGreaterThan(4 * Math.max(...quiet));
    } finally {
      await other.close();
    }
  });

  it('obeys speed and volume', async () => {
    const text = 'One two three four.';
    const normal = await voice.synthesize(text);
    const fast = await voice.synthesize(text, { speed: 2 });
    const loud = await voice.synthesize(text, { volume: 6 });
    const soft = await voice.synthesize(text, { volume: -6 });
    expect(normal.pcm.length / fast.pcm.length).toBeCloseTo(2, 1);
    expectSound(fast, text);
    const rms = (pcm: Int16Array): number => Math.sqrt(pcm.reduce((sum, s) => sum + s * s, 0) / pcm.length);
    expect(rms(soft.pcm) / rms(normal.pcm)).toBeCloseTo(10 ** (-6 / 20), 2);
    expect(rms(loud.pcm)).toBeGreaterThan(1.5 * rms(normal.pcm));
    // Bent, not clipped: the extreme values are not repeated in a row.
    expect(loud.pcm.some((s, i) => Math.abs(s) >= 32767 && Math.abs(loud.pcm[i + 1] ?? 0) >= 32767)).toBe(
      false,
    );
  });

  it.each([
    ['你好世界', 'Han'],
    ['hello 世界', 'Han'],
    ['Привет', 'Cyrillic'],
    ['🙂🙂', 'letters or digits'],
    ['?! ...', 'letters or digits'],
    ['', 'letters or digits'],
  ])('refuses %j and names the package', async (text, part) => {
    expect(voice.canSpeak(text)).toBe(false);
    const error: unknown = await voice.synthesize(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_VOICE_UNSPEAKABLE' });
    expect(String(error)).toContain(part);
    expect(String(error)).toContain('@echogarden/espeak-ng-emscripten');
  });

  it.each([{ speed: 0.4 }, { speed: Number.NaN }, { volume: 11 }])('refuses %j', async (options) => {
    await expect(voice.synthesize('Hi.', options)).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' });
  });

  it('starts its process again and repeats what was in flight', async () => {
    await voice.synthesize('Warm up.');
    const before = voice.pid;
    if (before === undefined) throw new Error('the voice has no process');
    const pending = voice.synthesize(
      'This one is in flight when the process dies, and it is long enough to be so.',
    );
    process.kill(before, 'SIGKILL');
    const clause = await pending;
    expect(clause.pcm.length).toBeGreaterThan(16000);
    expect(voice.pid).not.toBe(before);
  });

  it('answers in order and drops what was aborted', async () => {
    const abort = new AbortController();
    const done: string[] = [];
    const speak = (text: string, signal?: AbortSignal): Promise<unknown> =>
      voice.synthesize(text, signal === undefined ? {} : { signal }).then(
        () => done.push(text),
        (error: unknown) => error,
      );
    const all = [speak('First.'), speak('Second.', abort.signal), speak('Third.')];
    abort.abort();
    expect((await Promise.all(all))[1]).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(done).toEqual(['First.', 'Third.']);
  });

  it('says so when it is closed', async () => {
    const other = createVoice('kal', { otherLanguages: false });
    await other.synthesize('Hi.');
    const waiting = other.synthesize('This will not be heard.');
    const lost = expect(waiting).rejects.toMatchObject({ code: 'ERR_STATE' });
    await other.close();
    await lost;
    await expect(other.synthesize('Hi.')).rejects.toMatchObject({ code: 'ERR_STATE' });
  });
});

describe('setPauses', () => {
  it('sets lead and tail, shifts all times, and keeps the speech', async () => {
    const clause = await voice.synthesize('Hello there.');
    for (const [lead, tail] of [
      [60, 120],
      [0, 0],
      [400, 700],
    ] as const) {
      const set = setPauses(clause, lead, tail);
      expectSound(set, 'Hello there.');
      const first = set.phones.find((phone) => phone.symbol !== 'sil');
      const last = set.phones.findLast((phone) => phone.symbol !== 'sil');
      expect(first?.startTicks).toBe(lead * 10_000);
      const rest = (set.phones.at(-1)?.endTicks ?? 0) - (last?.endTicks ?? 0);
      expect(rest).toBeGreaterThanOrEqual(tail * 10_000 - 700);
      expect(rest).toBeLessThan((tail + 21) * 10_000);
      expect(((set.pcm.length / set.sampleRate) * 1000) % 20).toBe(0);
      expect(loudness(set, first?.startTicks ?? 0, last?.endTicks ?? 0)).toBeGreaterThan(500);
    }
  });
});

describe('createVoice', () => {
  it('refuses an unknown name', () => {
    expect(() => createVoice('nobody')).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error,
    );
  });
});
