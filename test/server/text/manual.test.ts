import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { QuestionAnswers } from '../../../src/server/answers/question-answers.js';
import { Script } from '../../../src/server/script/script.js';

describe('the files shown in docs/server-text.md', () => {
  const manual = readFileSync(new URL('../../../docs/server-text.md', import.meta.url), 'utf8');
  const [script = '', answers = ''] = [...manual.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1]);

  it('are read as they stand', () => {
    expect(Script.parse(script).replyTo('Opening hours?', 'chat')?.text).toBe('We open at **nine**.');
    expect(Script.parse(script).marksOf('See our new model.').interactionType).toBe('Image');
    expect(QuestionAnswers.parse(answers).find('when do you open')).toBe('We open at **nine**.');
  });
});
