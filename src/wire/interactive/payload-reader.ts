import { asBoolean, asNumber, asObject, field, type JsonObject } from '../fields.js';

/** A request that our server does not take, by the documented name of the field at fault. */
export class Refused extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The server's view of one object of a request: numbers may be strings, null is
 * left out, the case of a name's first letter does not matter; a value outside
 * its documented range is refused.
 */
export class PayloadReader {
  readonly #object: JsonObject;
  readonly #place: string;
  readonly warnings: string[];

  constructor(object: JsonObject, place: string, warnings: string[]) {
    this.#object = object;
    this.#place = place;
    this.warnings = warnings;
  }

  /** The field, undefined when it is missing or null. */
  value(name: string): unknown {
    return field(this.#object, name) ?? undefined;
  }

  text(name: string, maxLength = 4096): string | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string') throw this.refused(name, 'must be a string');
    if (value.length > maxLength) throw this.refused(name, `has at most ${maxLength} characters`);
    return value;
  }

  /** A string that must be there and not be empty. */
  identifier(name: string, maxLength = 128): string {
    const value = this.text(name, maxLength);
    if (value === undefined || value === '') throw this.refused(name, 'must be a string that is not empty');
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const boolean = asBoolean(value);
    if (boolean === undefined) throw this.refused(name, 'must be true or false');
    return boolean;
  }

  number(name: string, range: readonly [number, number], whole: boolean): number | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    const number = asNumber(value);
    if (
      number === undefined ||
      !(number >= range[0] && number <= range[1]) ||
      (whole && !Number.isInteger(number))
    ) {
      throw this.refused(name, `must be a ${whole ? 'whole ' : ''}number of ${range[0]} to ${range[1]}`);
    }
    return number;
  }

  object(name: string): PayloadReader | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const object = asObject(value);
    if (object === undefined) throw this.refused(name, 'must be an object');
    return new PayloadReader(object, `${this.#place}${name}.`, this.warnings);
  }

  /** A list of objects, empty when missing. */
  objects(name: string): JsonObject[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.refused(name, 'must be an array');
    return (value as unknown[]).map((item) => {
      const object = asObject(item);
      if (object === undefined) throw this.refused(name, 'must hold objects only');
      return object;
    });
  }

  refused(name: string, message: string): Refused {
    return new Refused(this.#place + name, `${this.#place}${name} ${message}`);
  }
}

/** Leaves out what is undefined. */
export function defined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } & Pick<T, RequiredKeys<T>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

type RequiredKeys<T> = { [K in keyof T]: undefined extends T[K] ? never : K }[keyof T];
