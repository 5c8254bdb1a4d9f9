import type { ArkitName } from '../frame.js';

/** Weights of a facial expression by name, 0 to 1. What is not named is left as it is. */
export type ExpressionShape = Readonly<Partial<Record<ArkitName, number>>>;

const both = (name: string, value: number): ExpressionShape => ({
  [`${name}Left`]: value,
  [`${name}Right`]: value,
});

// At full strength, as worn by a face that does not speak; 0.7 of joy is a friendly smile. None of them opens the mouth:
// jawOpen and mouthClose belong to speech, and a session leaves them out of any shape.
const joy: ExpressionShape = {
  ...both('mouthSmile', 1), ...both('mouthDimple', 0.15), ...both('cheekSquint', 0.4), ...both('eyeSquint', 0.16),
}; // prettier-ignore
const sorrow: ExpressionShape = {
  browInnerUp: 0.6, ...both('mouthFrown', 1), mouthShrugLower: 0.2, ...both('eyeSquint', 0.1),
}; // prettier-ignore
const anger: ExpressionShape = {
  ...both('browDown', 0.65), ...both('noseSneer', 0.26), ...both('eyeSquint', 0.28), ...both('mouthPress', 0.35), ...both('mouthFrown', 0.2),
}; // prettier-ignore
const fear: ExpressionShape = { browInnerUp: 0.55, ...both('eyeWide', 0.42), ...both('mouthStretch', 0.45) };
const wonder: ExpressionShape = { browInnerUp: 0.5, ...both('browOuterUp', 0.5), ...both('eyeWide', 0.48) };
const disgust: ExpressionShape = {
  ...both('noseSneer', 0.5), ...both('browDown', 0.3), ...both('cheekSquint', 0.3), ...both('mouthFrown', 0.45), ...both('mouthUpperUp', 0.2),
}; // prettier-ignore
const calm: ExpressionShape = { ...both('mouthSmile', 0.3), ...both('eyeSquint', 0.06) };
const plain: ExpressionShape = {};

/** Expressions by the vendor's names of emotions and their usual synonyms. The styles of reading leave the face as it is. */
export const expressionShapes: Readonly<Record<string, ExpressionShape>> = {
  neutral: plain, happy: joy, joy, smile: joy, sad: sorrow, sadness: sorrow, angry: anger, anger, fear, afraid: fear,
  surprised: wonder, surprise: wonder, amaze: wonder, disgusted: disgust, disgust, peaceful: calm, calm,
  exciting: { ...joy, ...both('browOuterUp', 0.3), ...both('eyeWide', 0.16) },
  sajiao: { ...joy, browInnerUp: 0.25 }, aojiao: { ...calm, ...both('browOuterUp', 0.3) },
  news: plain, story: plain, radio: plain, poetry: plain, call: plain, jieshuo: plain,
}; // prettier-ignore

/**
 * The share of an expression's mouth that is left while the face speaks: a third.
 * More would spoil the shapes of speech. As kSpeechShare of native/include/facewire/expressions.h.
 */
export const speechShare = 1 / 3;

/** Whether a channel shows what is between the lips; such a one only comes as these open. */
export function partsLips(name: string): boolean {
  return /^mouth(LowerDown|UpperUp|Funnel|ShrugUpper)/.test(name);
}

/** 0 where the lips touch (jawOpen − mouthClose of 0.03) to 1 where they are surely apart. */
export function lipsApart(aperture: number): number {
  return Math.min(Math.max((aperture - 0.03) / 0.09, 0), 1);
}

/** Whether a channel belongs to the mouth, whose part of an expression gives way to speech; the nose takes the upper lip along. */
export function isMouth(name: string): boolean {
  return /^(mouth|jaw|noseSneer)/.test(name);
}
