import type { PlannedClause } from '../drive.js';
import { addFaceActions } from '../smart-actions.js';

/** A clause of a session: what is said, and what the script or its source says of it. */
export type SessionClause = Omit<PlannedClause, 'last'>;

/** The clause with actions that the face can perform, when they are wanted and its text has none. */
export function withActions(clause: SessionClause, wanted: boolean): SessionClause {
  return wanted && clause.hasOwnActions !== true ? { ...clause, plan: addFaceActions(clause.plan) } : clause;
}
