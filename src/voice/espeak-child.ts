import { FacewireError } from '../errors.js';
import { serveVoice, type SpeakRequest } from './child-loop.js';
import { spellMandarin, type SpelledText } from './mandarin-spelling.js';
import { findSyllables, readMnemonics, type PinyinSyllable } from './pinyin.js';
import { placeWords } from './place-words.js';
import { tokenize, type Token } from './tokens.js';
import { silence, ticksPerSecond, type PhoneTime, type SpokenClause, type WordTime } from './voice.js';

/** The part of the package that is used. Times are ms, text positions are code points from 1. */
interface EspeakEvent {
  readonly type: string;
  readonly text_position: number;
  readonly audio_position: number;
  readonly id?: string | number;
}
interface EspeakWorker {
  set_voice(name: string): number;
  set_rate(wordsPerMinute: number): void;
  synthesize(
    text: string,
    onChunk: (audio: ArrayBuffer | undefined, events: EspeakEvent[] | undefined) => number,
  ): void;
  get_samplerate?(): number;
  /** Prints the sounds of a text; the result is the address of a string. */
  text_to_phonemes?(text: string, mode: number): { readonly ptr: number };
}
interface EspeakModule {
  readonly eSpeakNGWorker: new () => EspeakWorker;
  readonly HEAPU8?: Uint8Array;
}
interface Engine {
  readonly worker: EspeakWorker;
  readonly module: EspeakModule;
}

const packageName = '@echogarden/espeak-ng-emscripten';
const normalRate = 175;
/** Shorter silences inside a text are part of the sound before them: 60 ms. */
const shortestPauseTicks = 600_000;

async function load(): Promise<Engine> {
  try {
    // GPL: loaded only when asked for, only here, never bundled. The name is a variable so that nothing resolves it at build time.
    const loaded = (await import(packageName)) as { default: () => Promise<EspeakModule> };
    const module = await loaded.default();
    return { module, worker: new module.eSpeakNGWorker() };
  } catch (error) {
    throw new FacewireError('ERR_VOICE_UNAVAILABLE', `the espeak voice needs the package ${packageName}`, {
      received: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      remedy: `Run: npm install ${packageName} (its licence is GPL-3.0)`,
      cause: error,
    });
  }
}

serveVoice(async () => {
  const engine = await load();
  return (request) => speak(engine, request);
});

function speak(engine: Engine, request: SpeakRequest): SpokenClause {
  const { worker } = engine;
  if (worker.set_voice(request.voice) !== 0) {
    throw new FacewireError(
      'ERR_VOICE_UNAVAILABLE',
      `espeak has no voice named ${JSON.stringify(request.voice)}`,
      {
        remedy: 'Use a language code such as en-us or cmn.',
      },
    );
  }
  worker.set_rate(Math.max(80, Math.min(450, Math.round(normalRate * request.speed))));
  const blocks: Int16Array[] = [];
  const events: EspeakEvent[] = [];
  const mandarin = request.voice.startsWith('cmn');
  const spelled = mandarin ? spellMandarin(request.text) : undefined;
  const said = spelled?.text ?? request.text;
  worker.synthesize(said, (audio, some) => {
    if (audio !== undefined && audio !== null) blocks.push(new Int16Array(audio.slice(0)));
    events.push(...(some ?? []));
    return 0;
  });
  const sampleRate = worker.get_samplerate?.() ?? 22050;
  const pcm = new Int16Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    pcm.set(block, at);
    at += block.length;
  }
  const total = Math.round((pcm.length * ticksPerSecond) / sampleRate);
  const sounds = readSounds(events, request.text, total, spelled);
  const syllables = mandarin ? syllablesOf(engine, said, sounds) : undefined;
  return {
    pcm,
    sampleRate,
    alphabet: 'ipa',
    phones: sounds.map(({ phone }) => phone),
    words: readWords(sounds, request.text, syllables),
    ...(syllables === undefined ? {} : { syllables: labelSounds(sounds, syllables) }),
  };
}

/** The syllables among the sounds; undefined when what espeak prints does not match what it said. */
function syllablesOf(
  { worker, module }: Engine,
  text: string,
  sounds: readonly Sound[],
): readonly PinyinSyllable[] | undefined {
  const memory = module.HEAPU8;
  const at = worker.text_to_phonemes?.(text, 0).ptr;
  if (memory === undefined || at === undefined || at === 0) return undefined;
  const mnemonics = readMnemonics(new TextDecoder().decode(memory.slice(at, memory.indexOf(0, at))));
  const voiced = sounds.filter(({ phone }) => phone.symbol !== silence);
  return mnemonics.length === voiced.length ? findSyllables(mnemonics) : undefined;
}

/** The sounds with each syllable as its initial and its final; what is no syllable keeps its symbol. */
function labelSounds(sounds: readonly Sound[], syllables: readonly PinyinSyllable[]): PhoneTime[] {
  const labels: PhoneTime[] = [];
  const starts = new Map(syllables.map((syllable) => [syllable.first, syllable]));
  let number = 0;
  let current: PinyinSyllable | undefined;
  for (const { phone } of sounds) {
    const before = labels.at(-1);
    if (phone.symbol === silence) {
      // The moment before a stop is no pause.
      if (
        before !== undefined &&
        phone.endTicks - phone.startTicks < shortestPauseTicks &&
        phone !== sounds.at(-1)?.phone
      )
        labels[labels.length - 1] = { ...before, endTicks: phone.endTicks };
      else labels.push(phone);
      continue;
    }
    current =
      starts.get(number) ??
      (current !== undefined && number < current.first + current.count ? current : undefined);
    const last = labels.at(-1);
    if (current === undefined) labels.push(phone);
    else if (number === current.first && current.initial !== '')
      labels.push({ ...phone, symbol: `${current.initial}${current.tone}` });
    else if (
      number - current.first > (current.initial === '' ? 0 : 1) &&
      last !== undefined &&
      last.symbol !== silence
    )
      labels[labels.length - 1] = { ...last, endTicks: phone.endTicks };
    else labels.push({ ...phone, symbol: `${current.final}${current.tone}` });
    number++;
  }
  return labels;
}

interface Sound {
  readonly phone: PhoneTime;
  /** Token the sound belongs to; -1 for silence. */
  readonly token: number;
}

/** Turns events, which say only where sounds begin, into contiguous sounds. */
function readSounds(
  events: readonly EspeakEvent[],
  text: string,
  total: number,
  spelled: SpelledText | undefined,
): Sound[] {
  const tokens = tokenize(text);
  const begins: { symbol: string; ticks: number; token: number }[] = [];
  let token = -1;
  for (const event of events) {
    if (event.type === 'word') {
      const sent = event.text_position - 1;
      const position = spelled === undefined ? sent : (spelled.origin[sent] ?? sent);
      const found = tokens.findIndex(({ start, end }) => position >= start && position < end);
      // Words never go backwards; a position between words stays with the one before.
      token = Math.max(token, found);
    } else if (event.type === 'phoneme') {
      const symbol = String(event.id ?? '').replace(/[ˈˌ]/gu, '');
      const ticks = Math.min(total, Math.round((event.audio_position * ticksPerSecond) / 1000));
      // Marks of a language switch and of palatalisation are no sounds of their own.
      if (/^\(.*\)$/.test(symbol) || /^[ʲʰʷ]$/u.test(symbol)) continue;
      const pause = symbol === '' || symbol.startsWith('_');
      begins.push({ symbol: pause ? silence : symbol, ticks, token: pause ? -1 : Math.max(0, token) });
    }
  }
  if ((begins[0]?.ticks ?? 1) > 0) begins.unshift({ symbol: silence, ticks: 0, token: -1 });
  const sounds: Sound[] = [];
  begins.forEach(({ symbol, ticks, token: owner }, index) => {
    const startTicks = sounds.at(-1)?.phone.endTicks ?? 0;
    const endTicks = Math.max(startTicks, begins[index + 1]?.ticks ?? total);
    if (endTicks <= startTicks) return;
    const last = sounds.at(-1);
    if (last !== undefined && symbol === silence && last.phone.symbol === silence) {
      sounds[sounds.length - 1] = { phone: { ...last.phone, endTicks }, token: -1 };
    } else
      sounds.push({
        phone: { symbol, startTicks: Math.min(startTicks, Math.max(ticks, startTicks)), endTicks },
        token: owner,
      });
  });
  return sounds;
}

function readWords(
  sounds: readonly Sound[],
  text: string,
  syllables: readonly PinyinSyllable[] | undefined,
): WordTime[] {
  const tokens = tokenize(text);
  const phones: PhoneTime[][] = tokens.map((_, index) =>
    sounds.filter((sound) => sound.token === index).map(({ phone }) => phone),
  );
  const voiced = sounds.map(({ phone }) => phone).filter((phone) => phone.symbol !== silence);
  const begins = new Set(syllables?.map((syllable) => voiced[syllable.first]));
  shareSounds(tokens, phones, begins);
  return placeWords(tokens, phones);
}

/**
 * Espeak reports words that it says as one ("of the", 智能) at the first of them; the sounds are shared out among the
 * words, by their letters, and a syllable to each Chinese character where the syllables are known.
 */
function shareSounds(
  tokens: readonly Token[],
  phones: PhoneTime[][],
  begins: ReadonlySet<PhoneTime | undefined>,
): void {
  const size = (index: number): number =>
    Array.from((tokens[index]?.text ?? '').replace(/[^\p{L}\p{N}]/gu, '')).length;
  for (let index = 0; index < tokens.length; index++) {
    const own = phones[index] ?? [];
    let end = index + 1;
    // Signs and pictures have no sounds.
    while (end < tokens.length && phones[end]?.length === 0 && size(end) > 0) end++;
    const shares = Math.min(end - index, own.length);
    if (shares < 2) continue;
    const starts = own.flatMap((phone, at) => (begins.has(phone) ? [at] : []));
    const sizes = Array.from({ length: shares }, (_, share) => Math.max(1, size(index + share)));
    const total = sizes.reduce((sum, each) => sum + each, 0);
    let from = 0;
    let letters = 0;
    for (let share = 0; share < shares; share++) {
      letters += sizes[share] ?? 0;
      const most = own.length - (shares - 1 - share);
      const even = Math.min(most, Math.max(from + 1, Math.round((letters * own.length) / total)));
      const to = starts.length === shares ? (starts[share + 1] ?? own.length) : even;
      phones[index + share] = own.slice(from, to);
      from = to;
    }
    index = end - 1;
  }
}
