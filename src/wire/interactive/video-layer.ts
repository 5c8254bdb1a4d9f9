import { isWellFormed, utf8Length } from '../text.js';

/** A value of JSON. */
export type LayerValue =
  string | number | boolean | null | readonly LayerValue[] | { readonly [name: string]: LayerValue };

/**
 * A picture before or behind the avatar. The documents name the type and not
 * its fields, so they are sent as given; checked is what any of them must keep to.
 */
export type VideoLayer = { readonly [name: string]: LayerValue };

export const maxLayerBytes = 16 * 1024;
export const maxLayerDepth = 8;

export interface LayerFault {
  readonly expected: string;
  readonly received: string;
}

/** What is wrong with a layer: it must be an object of JSON values, finite and bounded. */
export function layerFault(layer: unknown): LayerFault | undefined {
  if (typeof layer !== 'object' || layer === null || Array.isArray(layer)) {
    return { expected: 'an object', received: Array.isArray(layer) ? 'an array' : typeof layer };
  }
  const fault = valueFault(layer, 1);
  if (fault !== undefined) return fault;
  const bytes = utf8Length(JSON.stringify(layer));
  if (bytes <= maxLayerBytes) return undefined;
  return { expected: `at most ${maxLayerBytes} bytes of JSON`, received: `${bytes} bytes` };
}

function valueFault(value: unknown, depth: number): LayerFault | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : { expected: 'finite numbers', received: String(value) };
  }
  if (typeof value === 'string') {
    return isWellFormed(value) ? undefined : { expected: 'whole characters', received: 'half a character' };
  }
  if (typeof value !== 'object')
    return { expected: 'values that JSON has', received: `a value of type ${typeof value}` };
  if (depth > maxLayerDepth) return { expected: `at most ${maxLayerDepth} levels`, received: 'more levels' };
  for (const inner of Object.values(value)) {
    const fault = valueFault(inner, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
