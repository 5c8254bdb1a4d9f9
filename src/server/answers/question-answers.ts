import Fuse, { type IFuseOptions } from 'fuse.js';
import { normalText } from '../script/normal-text.js';
import { SettingsFile } from '../../settings-file.js';
import type { AnswerSource, Question } from '../answer-source.js';

const mostAnswers = 2000;
const mostQuestions = 20;
const longestQuestion = 300;
const longestAnswer = 4000;
/** A question that is shorter is not looked for inside a longer one: letters, or characters of Chinese. */
const shortestInside = { letters: 8, han: 3 } as const;

interface Entry {
  /** In normal form. */
  readonly question: string;
  readonly answer: string;
}

interface Found {
  readonly answer: string;
  /** 0 the same words, 1 nothing in common. */
  readonly distance: number;
}

/** Questions and answers from a file, found by likeness. docs/server-text.md describes the file. */
export class QuestionAnswers implements AnswerSource {
  readonly replyType = 'yunxiaowei';
  readonly #entries: readonly Entry[];
  readonly #index: Fuse<Entry>;
  readonly #options: IFuseOptions<Entry>;
  readonly #threshold: number;
  readonly #greeting: string | undefined;
  readonly #fallback: string;
  readonly #otherwise: AnswerSource | undefined;

  private constructor(file: SettingsFile, otherwise: AnswerSource | undefined) {
    const fields = file.root.fields(['answers', 'threshold', 'greeting', 'fallback']);
    this.#threshold = fields.threshold.number(0, 1, 0.4);
    this.#greeting = fields.greeting.absent ? undefined : fields.greeting.text(longestAnswer);
    this.#fallback = fields.fallback.absent
      ? 'I do not know the answer to that.'
      : fields.fallback.text(longestAnswer);
    this.#entries = fields.answers.list(mostAnswers).flatMap((value) => {
      const { questions, answer } = value.fields(['questions', 'answer']);
      const text = answer.text(longestAnswer);
      return questions.texts(mostQuestions, longestQuestion).map((question) => {
        const normal = normalText(question);
        if (normal === '') throw questions.not('a question with letters or digits');
        return { question: normal, answer: text };
      });
    });
    if (this.#entries.length === 0) throw fields.answers.not('a list with at least one answer');
    this.#options = {
      keys: ['question'],
      includeScore: true,
      ignoreLocation: true,
      // The distance is the share of letters that differ.
      ignoreFieldNorm: true,
      threshold: this.#threshold,
    };
    this.#index = new Fuse(this.#entries, this.#options);
    this.#otherwise = otherwise;
  }

  /**
   * @param otherwise is asked what the file does not answer; by default the file's `fallback` is said.
   * @throws FacewireError ERR_INPUT_UNREADABLE with line and field.
   */
  static async load(path: string, otherwise?: AnswerSource): Promise<QuestionAnswers> {
    return new QuestionAnswers(await SettingsFile.read(path), otherwise);
  }

  /** @param name shown in errors. */
  static parse(text: string, otherwise?: AnswerSource, name = 'answers'): QuestionAnswers {
    return new QuestionAnswers(SettingsFile.parse(text, name), otherwise);
  }

  /** The answer to the question that is most like this one; undefined when none is like it. */
  find(question: string): string | undefined {
    const asked = normalText(question).slice(0, longestQuestion);
    if (asked === '') return undefined;
    const nearest = this.#index.search(asked, { limit: 1 })[0];
    let best: Found | undefined =
      nearest === undefined ? undefined : { answer: nearest.item.answer, distance: nearest.score ?? 1 };
    // A known question may be part of a longer sentence.
    const sentence = new Fuse([{ question: asked, answer: '' }], this.#options);
    for (const { question: known, answer } of this.#entries) {
      if (best?.distance === 0) break;
      if (!longEnough(known) || known.length > asked.length) continue;
      const distance = sentence.search(known)[0]?.score;
      if (distance !== undefined && distance < (best?.distance ?? 1)) best = { answer, distance };
    }
    return best !== undefined && best.distance <= this.#threshold + 0.001 ? best.answer : undefined;
  }

  async *answer(question: Question): AsyncGenerator<string> {
    if (question.opening && question.text.trim() === '') {
      if (this.#greeting !== undefined) yield this.#greeting;
      else if (this.#otherwise !== undefined) yield* this.#otherwise.answer(question);
      else yield 'Hello. What would you like to know?';
      return;
    }
    const found = this.find(question.text);
    if (found !== undefined) yield found;
    else if (this.#otherwise !== undefined) yield* this.#otherwise.answer(question);
    else yield this.#fallback;
  }
}

function longEnough(question: string): boolean {
  const han = question.match(/\p{Script=Han}/gu)?.length ?? 0;
  return han >= shortestInside.han || question.length >= shortestInside.letters;
}
