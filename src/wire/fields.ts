/** Tolerant access to parsed JSON. Everything here returns undefined instead of throwing. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** A field by its documented name; the vendor's own client ignores the case of the first letter, and so do we. */
export function field(object: JsonObject | undefined, name: string): unknown {
  if (object === undefined) return undefined;
  if (Object.hasOwn(object, name)) return object[name];
  const first = name.charAt(0);
  const other = (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + name.slice(1);
  return Object.hasOwn(object, other) ? object[other] : undefined;
}

/** A string; numbers and booleans are written out, everything else is undefined. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A finite number; decimal strings are read. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A whole number that JavaScript holds exactly; decimal strings are read. */
export function asInteger(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A boolean; 0, 1, "true" and "false" are read. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** Form in which enumeration values are compared: without blanks, in lower case. */
export function enumKey(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}

const decoder = new TextDecoder('utf-8', { fatal: true });

export type JsonResult = { readonly value: unknown } | { readonly fault: string };

/** Strict JSON from bytes or text. `fault` quotes nothing of the input. */
export function parseJson(input: Uint8Array | string): JsonResult {
  let text: string;
  try {
    text = typeof input === 'string' ? input : decoder.decode(input);
  } catch {
    return { fault: 'not valid UTF-8' };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { fault: 'not valid JSON' };
  }
}
