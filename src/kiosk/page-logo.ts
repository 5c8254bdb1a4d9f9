import { readImageFile, unreadableImage } from '../avatar/background-image.js';

/** An image for the page, as a browser is told of it. */
export interface PageLogo {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** How the files begin that both a browser and the drawing package read. */
const kinds: readonly { readonly contentType: string; readonly begins: RegExp }[] = [
  { contentType: 'image/png', begins: /^\x89PNG\r\n\x1a\n/ },
  { contentType: 'image/jpeg', begins: /^\xff\xd8\xff/ },
  { contentType: 'image/webp', begins: /^RIFF[^]{4}WEBP/ },
];

/** Reads a PNG, JPEG or WebP file. Fails with ERR_INPUT_UNREADABLE. */
export async function readPageLogo(path: string): Promise<PageLogo> {
  const bytes = await readImageFile(path, 'logo');
  const start = bytes.toString('latin1', 0, 12);
  const kind = kinds.find(({ begins }) => begins.test(start));
  if (kind === undefined) throw unreadableImage('logo', path, 'something else');
  return { bytes, contentType: kind.contentType };
}
