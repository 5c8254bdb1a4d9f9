import type { FaceGeometry } from '../geometry/face.js';
import { paintBrows, paintEye, paintNose } from './features.js';
import { paintBehind, paintFrontHair, paintJawShadow, paintSkin } from './head.js';
import { paintMouth } from './mouth.js';
import type { Context } from './path.js';

/** Everything that moves, from back to front; `paintBody` puts the body between neck and face. */
export function paintFace(context: Context, face: FaceGeometry, paintBody: () => void): void {
  paintBehind(context, face);
  paintBody();
  paintJawShadow(context, face);
  paintSkin(context, face);
  paintNose(context, face);
  paintMouth(context, face);
  for (const eye of face.eyes) paintEye(context, eye, face.scale);
  paintFrontHair(context, face);
  paintBrows(context, face);
}
