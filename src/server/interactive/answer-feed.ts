import { FacewireError } from '../../errors.js';
import type { ClausePlan } from '../clause-plan.js';
import type { AnswerSource, Question } from '../answer-source.js';
import { IdleTimer, type Clock } from './clock.js';
import { PlanCutter } from './plan-text.js';
import type { TextDrive } from './text-drive.js';

/** Feeds a drive with an answer as it becomes known. Never rejects; a failure becomes the drive's. */
export async function feedAnswer(
  answers: AnswerSource,
  question: Omit<Question, 'signal'>,
  drive: TextDrive,
  clock: Clock,
  idleMs: number,
): Promise<void> {
  const cutter = new PlanCutter();
  let sequence = 0;
  const add = (plans: readonly ClausePlan[]): void => {
    for (const plan of plans) drive.add({ sequence: ++sequence, plans: [plan] });
  };
  const idle = new IdleTimer(clock, idleMs, () =>
    drive.fail(
      new FacewireError('ERR_TIMEOUT', 'the source of answers was silent for too long', {
        remedy: 'Check the dialogue model behind the server.',
      }),
    ),
  );
  drive.signal.addEventListener('abort', () => idle.stop());
  try {
    for await (const text of answers.answer({ ...question, signal: drive.signal })) {
      if (drive.isOver) return;
      idle.restart();
      if (!drive.hasRoom(text.length)) throw new FacewireError('ERR_WIRE_LIMIT', 'the answer is too long');
      add(cutter.push(text));
    }
    add(cutter.end());
    drive.end();
  } catch (cause) {
    drive.fail(new FacewireError('ERR_DRIVE_FAILED', 'the source of answers failed', { cause }));
  } finally {
    idle.stop();
  }
}
