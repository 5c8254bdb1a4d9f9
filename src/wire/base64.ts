const standard = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Standard base64 with padding, undefined when the text is anything else.
 * Node's own decoder would skip what it does not know and so shift the samples.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !standard.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
