import { asObject, field, parseJson, type JsonObject } from './fields.js';

/** The documented messages go three deep; the layers of a session's picture may go down to twelve. */
const maxDepth = 16;

/** The payload of a client's message, or what is wrong: `field` is a documented name, `depth`, or `message` as a whole. */
export type Envelope =
  | { readonly payload: JsonObject }
  | { readonly payload?: undefined; readonly field: 'depth' | 'message' | 'Payload'; readonly fault: string };

/** The server's side: opens a message of a client, with or without a header. Never throws, and parses nothing that is nested too deep. */
export function openEnvelope(input: Uint8Array | string): Envelope {
  if (isDeeper(input, maxDepth))
    return { field: 'depth', fault: `the message is nested deeper than ${maxDepth}` };
  const parsed = parseJson(input);
  if ('fault' in parsed) return { field: 'message', fault: `the message is ${parsed.fault}` };
  const payload = asObject(field(asObject(parsed.value), 'Payload'));
  return payload === undefined ? { field: 'Payload', fault: 'Payload must be an object' } : { payload };
}

function isDeeper(input: Uint8Array | string, most: number): boolean {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > most) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
