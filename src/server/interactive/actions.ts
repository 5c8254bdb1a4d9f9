import { faceActions } from '../../avatar/face-actions.js';
import type { AvatarAction } from '../../wire/interactive/session-types.js';

/** What the face of a session performs, in the form of the vendor's actions. */
export function listActions(): AvatarAction[] {
  return Object.entries(faceActions).map(([code, { title }]) => ({ name: title, code, sample: '' }));
}
