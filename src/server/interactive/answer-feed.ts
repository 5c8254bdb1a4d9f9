import { FacewireError, toFacewireError } from '../../errors.js';
import type { PlannedClause } from '../drive.js';
import { withActions } from './face-clause.js';
import type { TextDrive } from './text-drive.js';

/** Feeds a drive with an answer as it becomes known. Never rejects; a failure becomes the drive's. */
export async function feedAnswer(
  clauses: AsyncIterable<PlannedClause>,
  drive: TextDrive,
  smartActions: boolean,
): Promise<void> {
  let sequence = 0;
  try {
    for await (const clause of clauses) {
      if (!drive.hasRoom(clause.plan.display.length))
        throw new FacewireError('ERR_WIRE_LIMIT', 'the answer is too long');
      drive.add({ sequence: ++sequence, clauses: [withActions(clause, smartActions)] });
    }
    drive.end();
  } catch (thrown) {
    drive.fail(toFacewireError(thrown));
  }
}
