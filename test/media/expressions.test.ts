import { describe, expect, it } from 'vitest';
import { arkitIndex, arkitNames, expressionShapes, frameWidth, MediaSession } from '../../src/media/index.js';
import { codeOf } from '../code-of.js';

const second = 48_000;

/** Four seconds of speech with the lips closed or open throughout. */
function speaking(
  closed: boolean,
  options: ConstructorParameters<typeof MediaSession>[0] = {},
): MediaSession {
  const session = new MediaSession({ idleSeed: -1, featureOrder: ['jawOpen', 'mouthClose'], ...options });
  session.begin();
  session.pushParsed({
    audio: Buffer.alloc(4 * second).toString('base64'),
    sampleRate: 24_000,
    features: Array.from({ length: 100 }, () => (closed ? [0.2, 0.18] : [0.5, 0])).flat(),
    featureDimension: 2,
  });
  return session;
}

function at(session: MediaSession, sample: number): Float32Array {
  const row = new Float32Array(frameWidth);
  session.commit(Math.max(session.committed(), sample + 1));
  session.frameAt(sample, row);
  return row;
}

describe('an expression', () => {
  it('comes by name or by weights, at its strength, and goes again', () => {
    using session = new MediaSession({ idleSeed: -1 });
    at(session, 0);
    const angry = session.setExpression('angry', { intensity: 0.5, from: second, to: 2 * second });
    const puffed = session.setExpression({ cheekPuff: 0.4 });
    expect(at(session, second)[arkitIndex.browDownLeft]).toBe(0);
    expect(at(session, 1.5 * second)[arkitIndex.browDownLeft]).toBeCloseTo(
      0.5 * expressionShapes['angry'].browDownLeft!,
      5,
    );
    expect(at(session, 2.5 * second)[arkitIndex.browDownLeft]).toBe(0);
    expect(at(session, 2.5 * second)[arkitIndex.cheekPuff]).toBeCloseTo(0.4, 6);
    session.endExpression(puffed!);
    expect(at(session, 3 * second)[arkitIndex.cheekPuff]).toBe(0);
    session.endExpression(angry!);
  });

  it.each(Object.keys(expressionShapes))(
    '%s leaves closed lips closed and the mouth mostly to speech',
    (name) => {
      for (const closed of [true, false]) {
        using session = speaking(closed);
        using plain = speaking(closed);
        session.setExpression(name);
        const [row, bare] = [at(session, 2 * second), at(plain, 2 * second)];
        expect(row[arkitIndex.jawOpen]).toBe(bare[arkitIndex.jawOpen]);
        expect(row[arkitIndex.mouthClose]).toBe(bare[arkitIndex.mouthClose]);
        for (const channel of arkitNames) {
          if (/^(mouth|jaw|noseSneer)/.test(channel)) {
            const share = (expressionShapes[name][channel] ?? 0) / 3;
            expect(row[arkitIndex[channel]], channel).toBeLessThanOrEqual(
              Math.max(bare[arkitIndex[channel]], share) + 1e-6,
            );
          }
        }
        if (closed) expect(row[arkitIndex.mouthUpperUpLeft]).toBe(0);
      }
    },
  );

  it('of the running utterance follows its sound, silence before it included', () => {
    using session = speaking(false);
    session.expression({ name: 'Angry', start: 5_000_000, end: 10_000_000, open: true });
    session.expression({ name: 'angry', start: 5_000_000, end: 15_000_000, open: false });
    session.expression({ name: 'no such thing', start: 0, end: 1, open: true });
    const brow = (seconds: number): number => at(session, seconds * second)[arkitIndex.browDownLeft];
    expect([brow(0.49), brow(1), brow(1.4), brow(2)].map((value) => Number(value.toFixed(3)))).toEqual([
      0, 0.65, 0.65, 0,
    ]);
  });

  it('can have a shape of its own, or none', () => {
    const cue = { name: 'wink', start: 0, end: 1, open: true };
    using own = speaking(false, { expressions: { wink: { eyeBlinkLeft: 1 } } });
    own.expression(cue);
    expect(at(own, second)[arkitIndex.eyeBlinkLeft]).toBe(1);
    using none = speaking(false, { expressions: false });
    none.expression({ ...cue, name: 'angry' });
    expect(at(none, second)[arkitIndex.browDownLeft]).toBe(0);
  });

  it('is refused when it is unknown, out of range or one too many', () => {
    using session = new MediaSession();
    expect(codeOf(() => session.setExpression('hungry'))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => session.setExpression('toString'))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => session.setExpression('happy', { intensity: 1.1 }))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => session.setExpression('happy', { from: 0.5 }))).toBe('ERR_OPTION_INVALID');
    const worn = Array.from({ length: 9 }, () => session.setExpression('happy'));
    expect(worn.map((key) => key !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});
