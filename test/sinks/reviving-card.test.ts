import { afterEach, expect, it } from 'vitest';

import { pause } from '../../src/clock.js';
import { FacewireError } from '../../src/errors.js';
import { RevivingCard } from '../../src/sinks/device/reviving-card.js';
import { FakeCard } from '../player/fake-card.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { smallFormat } from './synthetic.js';

const rate = smallFormat.sampleRate;
const ms = rate / 1000;
const gone = new FacewireError('ERR_DEVICE_FAILED', 'its program ended');

/** A card that may fail to open, or lack a cut as those of other processes do. */
class Card extends FakeCard {
  closed = 0;

  constructor(
    readonly failing: boolean,
    readonly opening: () => Promise<void>,
  ) {
    super(rate);
  }

  override async open(): Promise<void> {
    await this.opening();
    if (this.failing) throw gone;
  }

  override close(): ReturnType<FakeCard['close']> {
    this.closed += 1;
    return super.close();
  }
}

class Stage {
  readonly clock = new VirtualClock();
  readonly cards: Card[] = [];
  readonly brokenMs: number[] = [];
  readonly card: RevivingCard<Card>;
  back = 0;
  /** What the next cards wait for as they open. */
  opening = Promise.resolve();

  /** @param failing which of the cards do not open, by number. */
  constructor(...failing: number[]) {
    this.card = new RevivingCard({
      clock: this.clock,
      make: () => {
        const card = new Card(failing.includes(this.cards.length), () => this.opening);
        this.cards.push(card);
        return card;
      },
      onBroken: () => this.brokenMs.push(this.clock.now()),
      onBack: () => (this.back += 1),
    });
  }

  /** Gives counting samples as there is room. */
  feed(): void {
    for (let room = this.card.room; room >= 10 * ms; room = this.card.room) {
      const { next } = this.card;
      this.card.play(
        Float32Array.from({ length: 10 * ms }, (_, i) => next + i),
        true,
      );
    }
  }

  /** Time passes, in steps of 10 ms; the latest card plays when it is open. */
  async pass(time: number): Promise<void> {
    for (let passed = 0; passed < time; passed += 10) {
      const before = this.card.heard;
      this.feed();
      const playing = this.card.inner;
      playing?.pass(10 * ms);
      this.clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
      // Time goes on at its pace, whoever plays.
      expect(Math.abs(this.card.heard - before - 10 * ms)).toBeLessThanOrEqual(1);
    }
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const stages: Stage[] = [];
const make = (...failing: number[]): Stage => {
  const stage = new Stage(...failing);
  stages.push(stage);
  return stage;
};
afterEach(async () => {
  for (const { card } of stages.splice(0)) await card.close();
});

it('goes on with another card at the sample that time has reached, and loses none after it', async () => {
  const stage = make();
  const { card, cards } = stage;
  await card.open(smallFormat);
  await stage.pass(1000);
  cards[0].onError?.(gone);
  expect(card.isUp).toBe(false);
  expect(stage.brokenMs).toHaveLength(1);
  await stage.pass(2000);
  expect(card.isUp).toBe(true);
  expect(stage.back).toBe(1);
  expect(cards).toHaveLength(2);
  expect(cards[0].closed).toBe(1);
  const [first] = cards[1].audio;
  // 250 ms after it broke, or a step later.
  expect(Math.abs(first - 1250 * ms)).toBeLessThanOrEqual(20 * ms);
  expect(cards[1].audio.every((sample, i) => Math.abs(sample - first - i) <= 1)).toBe(true);
  expect(Math.abs(card.heard - 3000 * ms)).toBeLessThanOrEqual(20 * ms);
  // A card that is gone has nothing more to say.
  cards[0].onError?.(gone);
  expect(card.isUp).toBe(true);
});

it('is looked for with growing pauses of up to 2 s', async () => {
  const stage = make(1, 2, 3, 4, 5, 6);
  await stage.card.open(smallFormat);
  await stage.pass(100);
  stage.cards[0].onError?.(gone);
  await stage.pass(12_000);
  expect(stage.card.isUp).toBe(true);
  // Time goes in steps of 10 ms.
  const pauses = stage.brokenMs.slice(1).map((at, i) => at - stage.brokenMs[i]);
  const expected = [250, 500, 1000, 2000, 2000, 2000];
  expect(pauses.map((pause, i) => Math.abs(pause - expected[i]) <= 10)).toEqual(expected.map(() => true));
  expect(stage.card.breaks).toBe(7);
  expect(stage.cards.slice(1, 7).every(({ closed }) => closed === 1)).toBe(true);
});

it('breaks again and is revived again', async () => {
  const stage = make();
  await stage.card.open(smallFormat);
  for (let i = 0; i < 5; i++) {
    await stage.pass(700);
    stage.card.inner?.onError?.(gone);
  }
  await stage.pass(700);
  expect(stage.back).toBe(5);
  expect(stage.card.isUp).toBe(true);
});

it('goes on at what was heard when that is more than was given', async () => {
  const stage = make();
  const { card, cards, clock } = stage;
  await card.open(smallFormat);
  await stage.pass(100);
  const heard = card.next + 100 * ms;
  cards[0].heard = heard;
  cards[0].onError?.(gone);
  await settle();
  clock.advance(250);
  await settle();
  expect(card.isUp).toBe(true);
  expect(card.heard).toBe(heard);
  expect(card.next).toBe(heard);
  expect(cards[1].audio).toEqual([]);
});

it('is cut at the sample that is heard, also while there is no card', async () => {
  const stage = make();
  const { card, cards } = stage;
  await card.open(smallFormat);
  await stage.pass(500);
  expect(card.cut?.()).toBe(card.heard);
  await stage.pass(100);
  cards[0].onError?.(gone);
  stage.feed();
  expect(card.next).toBeGreaterThan(card.heard);
  const { heard } = card;
  expect(card.cut?.()).toBe(heard);
  expect(card.next).toBe(heard);
  await stage.pass(500);
  expect(card.isUp).toBe(true);
});

it('offers no cut while its card has none', async () => {
  const stage = make();
  await stage.card.open(smallFormat);
  Object.defineProperty(stage.cards[0], 'cut', { value: undefined });
  expect(stage.card.cut).toBeUndefined();
  stage.cards[0].onError?.(gone);
  expect(stage.card.cut).toBeDefined();
});

it('goes on silently when the first card takes 11 s to open, has its sound with another, and lets go of the first', async () => {
  const stage = make();
  const { clock } = stage;
  stage.opening = pause(clock, 11_000);
  const { card, cards } = stage;
  let isOpen = false;
  const opening = card.open(smallFormat).then(() => (isOpen = true));
  clock.advance(4990);
  await settle();
  expect(isOpen).toBe(false);
  clock.advance(10);
  await opening;
  expect(card.isUp).toBe(false);
  expect(stage.brokenMs).toEqual([5000]);
  expect(cards[0].closed).toBe(1);
  stage.opening = Promise.resolve();
  await stage.pass(1000);
  expect(card.isUp).toBe(true);
  expect(card.inner).toBe(cards[1]);
  expect(cards[1].audio[0]).toBeGreaterThan(200 * ms);
  await stage.pass(6000);
  // It has opened by now.
  expect(cards[0].closed).toBe(2);
  expect(cards).toHaveLength(2);
});

it('is closed within a second, also while another card hangs as it opens', async () => {
  const stage = make();
  const { card, cards, clock } = stage;
  await card.open(smallFormat);
  stage.opening = pause(clock, 30_000);
  cards[0].onError?.(gone);
  await stage.pass(500);
  expect(cards).toHaveLength(2);
  let isClosed = false;
  void card.close().then(() => (isClosed = true));
  clock.advance(1000);
  await settle();
  expect(isClosed).toBe(true);
  clock.advance(30_000);
  await settle();
  expect(cards[1].closed).toBeGreaterThan(0);
  expect(cards).toHaveLength(2);
});

it('rejects when the first card does not open, and ends in the middle of looking for another', async () => {
  await expect(make(0).card.open(smallFormat)).rejects.toMatchObject({ code: 'ERR_DEVICE_FAILED' });
  const stage = make(1, 2, 3);
  await stage.card.open(smallFormat);
  stage.cards[0].onError?.(gone);
  await stage.pass(300);
  await stage.card.close();
  const made = stage.cards.length;
  stage.clock.advance(10_000);
  expect(stage.cards).toHaveLength(made);
});
