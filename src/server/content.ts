import type { AnswerSource } from './answer-source.js';
import type { Script } from './script/script.js';
import type { SensitiveWords } from './script/sensitive-words.js';

/** What a server says of its own accord. */
export interface Phrases {
  /** Said when the first piece of an answer is late. Default `One moment, please.`, in Chinese to a Chinese question. */
  readonly waiting?: string;
  /** Said when there is no answer in time; then the round ends. */
  readonly timeOut?: string;
  /** Said in place of a text that holds a sensitive word. */
  readonly sensitive?: string;
}

/** Where the content of drives comes from and what is watched over. */
export interface Content {
  readonly answers: AnswerSource;
  readonly script: Script | undefined;
  readonly sensitive: SensitiveWords | undefined;
  readonly phrases: Phrases;
  /** The first piece of an answer is late after this many ms; 0 never. */
  readonly waitingMs: number;
  /** There is no answer after this many ms. */
  readonly answerMs: number;
  /** An answer that has begun fails when it does not go on for this many ms. */
  readonly answerIdleMs: number;
  /** A streamed text ends by itself after this many ms without a packet. */
  readonly streamIdleMs: number;
}

const usual = {
  en: {
    waiting: 'One moment, please.',
    timeOut: 'I am sorry, I have no answer to that at the moment.',
    sensitive: 'I am sorry, I cannot talk about that.',
  },
  zh: { waiting: '请稍等。', timeOut: '抱歉，我暂时没有答案。', sensitive: '抱歉，我不能谈论这个话题。' },
} as const;

/** A fixed phrase, by default in the language of the input when the voice can speak it. */
export function phrase(
  name: keyof Phrases,
  phrases: Phrases,
  input: string,
  canSpeak: (text: string) => boolean,
): string {
  const chinese = usual.zh[name];
  return phrases[name] ?? (/\p{Script=Han}/u.test(input) && canSpeak(chinese) ? chinese : usual.en[name]);
}
