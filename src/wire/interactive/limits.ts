import { FacewireError } from '../../errors.js';
import { isRequestId } from '../ids.js';
import { isWellFormed, utf8Length } from '../text.js';
import { layerFault } from './video-layer.js';

/** The error of a request that breaks a documented limit; `received` must not be a secret. */
export function limit(name: string, expected: string, received: string): FacewireError {
  const shown = received.length > 80 ? `${received.slice(0, 77)}...` : received;
  return new FacewireError('ERR_WIRE_LIMIT', `${name}: expected ${expected}, received ${shown}`, {
    expected,
    received: shown,
  });
}

export function checkRequestId(requestId: string): void {
  if (!isRequestId(requestId)) throw limit('requestId', '32 hex digits without dashes', requestId);
}

export function checkNotEmpty(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw limit(name, 'at least one character', value === '' ? 'an empty string' : typeof value);
}

export function checkText(text: string, maxBytes: number): void {
  if (!isWellFormed(text)) throw limit('text', 'no surrogate that stands alone', 'half a character');
  const bytes = utf8Length(text);
  if (bytes > maxBytes) throw limit('text', `at most ${maxBytes} bytes of UTF-8`, `${bytes} bytes`);
}

export function checkRange(
  name: string,
  value: number,
  range: readonly [number, number],
  whole: boolean,
): void {
  if (value >= range[0] && value <= range[1] && (!whole || Number.isInteger(value))) return;
  throw limit(name, `${whole ? 'a whole number of ' : ''}${range[0]} to ${range[1]}`, String(value));
}

export function checkSequence(sequence: number): void {
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw limit('sequence', 'a whole number from 1', String(sequence));
  }
}

/** At run time a caller without types could give anything. */
export function checkFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw limit(name, 'true or false', typeof value);
}

export function checkLayer(name: string, layer: unknown): void {
  const fault = layerFault(layer);
  if (fault !== undefined) throw limit(name, fault.expected, fault.received);
}
