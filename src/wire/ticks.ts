import { FacewireError } from '../errors.js';

declare const tickBrand: unique symbol;

/** A whole count of 100 ns, the wire's unit of time; at most 2^53 - 1 (28 years). */
export type Ticks = number & { readonly [tickBrand]: true };

export const ticksPerSecond = 10_000_000;
export const ticksPerMillisecond = 10_000;

/** Marks a whole, non-negative number as ticks. */
export function toTicks(count: number): Ticks {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new FacewireError('ERR_WIRE_MALFORMED', `a tick count must be a whole number, not ${count}`, {
      expected: 'a whole number of 100 ns, 0 or more',
      received: String(count),
    });
  }
  return count as Ticks;
}

/** Reads a wire time, which arrives as a decimal string ("1100000" is 110 ms). */
export function parseTicks(text: string): Ticks {
  const count = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(count)) {
    throw new FacewireError('ERR_WIRE_MALFORMED', 'a wire time does not have the documented form', {
      expected: 'a decimal string of 100 ns ticks, for example "1100000"',
      received: JSON.stringify(text.slice(0, 40)),
    });
  }
  return count as Ticks;
}

/** The wire's form of a time: a decimal string. */
export function formatTicks(ticks: Ticks): string {
  return String(ticks);
}

/**
 * Sample index nearest to an instant. Exact for every tick count: the product
 * is formed on the part below one second only.
 *
 * @param rate in Hz, a whole number of 1 to 400 000.
 */
export function ticksToSamples(ticks: Ticks, rate: number): number {
  const seconds = Math.floor(ticks / ticksPerSecond);
  const rest = ticks - seconds * ticksPerSecond;
  return seconds * rate + Math.floor((2 * rest * rate + ticksPerSecond) / (2 * ticksPerSecond));
}

/** Instant nearest to a sample; `ticksToSamples` gives the same sample back. `rate` in Hz as there. */
export function samplesToTicks(samples: number, rate: number): Ticks {
  const seconds = Math.floor(samples / rate);
  const rest = samples - seconds * rate;
  return (seconds * ticksPerSecond + Math.floor((2 * rest * ticksPerSecond + rate) / (2 * rate))) as Ticks;
}
