export interface Question {
  readonly text: string;
  /** Names the conversation. */
  readonly conversationId: string;
  /** The visitor as the client of a session names him; absent when it does not. */
  readonly visitorId?: string;
  /** The first words of a conversation are asked for: `text` may be empty. */
  readonly opening: boolean;
  /** Fires when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** Where the answers of a CHAT come from, in pieces as they become known. */
export interface AnswerSource {
  /** What the wire calls an answer of this source; default `cloudAiGpt`. */
  readonly replyType?: 'cloudAiGpt' | 'yunxiaowei';
  answer(question: Question): AsyncIterable<string>;
}

/** The default: says that it has no dialogue model and repeats the question. */
export const echoAnswers: AnswerSource = {
  async *answer({ text, opening }) {
    if (opening && text.trim() === '') {
      yield 'Hello. There is no dialogue model behind me; I only repeat what you say.';
      return;
    }
    if (text.trim() === '') return;
    yield 'I am an echo. ';
    yield `You said: ${text}`;
  },
};
