import { FacewireError } from './errors.js';

/** The value of an option, when it is in the range. Throws ERR_OPTION_INVALID. */
export function inRange(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new FacewireError('ERR_OPTION_INVALID', `${name} must be ${low} to ${high}`, {
    expected: `${low} to ${high}`,
    received: String(value),
  });
}

/** The value of an option, when it is one of the few. Throws ERR_OPTION_INVALID. */
export function oneOf<T extends string>(name: string, values: readonly string[], value: T): T {
  if (values.includes(value)) return value;
  throw new FacewireError('ERR_OPTION_INVALID', `unknown ${name} ${JSON.stringify(value)}`, {
    expected: values.join(', '),
    received: JSON.stringify(value),
  });
}
