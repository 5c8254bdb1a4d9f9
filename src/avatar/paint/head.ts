import type { FaceGeometry } from '../geometry/face.js';
import { faded, palette } from './palette.js';
import { between, brush, centreOf, glow, line, outline, stroke, type Context } from './path.js';

/** Hair behind the head and the neck; the body is drawn over their lower ends. */
export function paintBehind(context: Context, face: FaceGeometry): void {
  const { head, scale } = face;
  outline(context, head.backHair);
  const middle = centreOf(head.backHair);
  const hair = context.createLinearGradient(
    middle.x,
    middle.y - 200 * scale,
    middle.x,
    middle.y + 190 * scale,
  );
  hair.addColorStop(0, palette.hair);
  hair.addColorStop(0.55, palette.hairBack);
  hair.addColorStop(1, palette.hair);
  context.fillStyle = hair;
  context.fill();
  outlineNeck(context, face);
  context.fillStyle = palette.skin;
  context.fill();
}

/** The chin's shadow falls on the neck and, with a low chin, on the skin in the neckline. */
export function paintJawShadow(context: Context, face: FaceGeometry): void {
  const { head, scale } = face;
  context.save();
  outlineNeck(context, face);
  context.clip();
  glow(context, { x: head.chin.x, y: head.chin.y + 12 * scale }, 92 * scale, palette.skinDeep, 0.95, 0.72);
  context.restore();
}

function outlineNeck(context: Context, { head }: FaceGeometry): void {
  context.beginPath();
  head.neck.forEach((point, index) => {
    if (index === 0) context.moveTo(point.x, point.y);
    else context.lineTo(point.x, point.y);
  });
  context.closePath();
}

export function paintSkin(context: Context, face: FaceGeometry): void {
  const { head, scale } = face;
  for (const ear of head.ears) {
    outline(context, ear.outline);
    context.fillStyle = palette.skinShade;
    context.fill();
    line(context, ear.inner);
    stroke(context, faded(palette.skinDeep, 0.8), 2.6 * scale);
    context.fillStyle = palette.stud;
    context.beginPath();
    context.arc(ear.stud.x, ear.stud.y, 4 * scale, 0, 2 * Math.PI);
    context.fill();
  }
  outline(context, head.face);
  const { centre } = head;
  const skin = context.createRadialGradient(
    centre.x,
    centre.y - 10 * scale,
    30 * scale,
    centre.x,
    centre.y - 5 * scale,
    205 * scale,
  );
  skin.addColorStop(0, palette.skinLight);
  skin.addColorStop(0.42, palette.skin);
  skin.addColorStop(0.72, palette.skin);
  skin.addColorStop(1, palette.skinShade);
  context.fillStyle = skin;
  context.fill();
  context.save();
  context.clip();
  outline(context, head.hairShadow);
  context.fillStyle = faded(palette.skinDeep, 0.42);
  context.fill();
  paintCheeks(context, face);
  paintChin(context, face);
  context.restore();
}

function paintCheeks(context: Context, { cheeks, scale }: FaceGeometry): void {
  for (const cheek of cheeks) {
    glow(context, cheek.blush, 44 * scale, palette.blush, 0.42 * cheek.blushStrength, 0.8);
    if (cheek.puff > 0) {
      glow(
        context,
        { x: cheek.puffAt.x, y: cheek.puffAt.y + 14 * scale },
        44 * scale,
        palette.skinDeep,
        0.4 * cheek.puff,
      );
      glow(context, cheek.puffAt, 34 * scale, palette.skinLight, 0.6 * cheek.puff);
    }
    brush(context, cheek.fold, faded(palette.skinDeep, 0.75 * cheek.foldStrength), 4.5 * scale);
  }
}

function paintChin(context: Context, { head, mouth, scale }: FaceGeometry): void {
  glow(context, head.chin, 30 * scale, palette.skinLight, 0.55, 0.7);
  brush(context, head.chinFold, faded(palette.skinDeep, 0.7 * head.chinFoldStrength), 5 * scale);
  glow(context, mouth.lowerShade, 30 * scale, palette.skinDeep, 0.55 * mouth.pout, 0.36);
}

export function paintFrontHair(context: Context, { head, scale }: FaceGeometry): void {
  outline(context, head.frontHair);
  const crown = between(head.forehead, centreOf(head.frontHair), 0.5);
  const hair = context.createLinearGradient(crown.x, crown.y - 120 * scale, crown.x, crown.y + 110 * scale);
  hair.addColorStop(0, palette.hair);
  hair.addColorStop(0.32, '#5e4142');
  hair.addColorStop(0.62, palette.hair);
  hair.addColorStop(1, palette.hairDark);
  context.fillStyle = hair;
  context.fill();
  for (const strand of head.strands)
    brush(context, strand.line, faded(palette.hairLight, 0.5), strand.width * 1.3 * scale);
}
