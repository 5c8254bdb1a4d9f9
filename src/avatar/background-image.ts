import { readFile, stat } from 'node:fs/promises';
import type { Image } from '@napi-rs/canvas';
import { FacewireError } from '../errors.js';
import type { CanvasModule } from './canvas-loader.js';

const mostBytes = 32 * 1024 * 1024;
const expected = `a PNG, JPEG or WebP file of at most ${mostBytes / 1024 ** 2} MiB`;

/**
 * Reads an image file. Never follows an address. Fails with ERR_INPUT_UNREADABLE.
 *
 * @param what what it is for, for the message.
 */
export async function readBackground(
  canvas: CanvasModule,
  path: string,
  what = 'background',
): Promise<Image> {
  const bytes = await readImageFile(path, what);
  try {
    return await canvas.loadImage(bytes);
  } catch (thrown) {
    throw unreadableImage(what, path, (thrown as NodeJS.ErrnoException).code ?? 'something else');
  }
}

/** The bytes of an image file, not looked into. Fails with ERR_INPUT_UNREADABLE. */
export async function readImageFile(path: string, what: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw unreadableImage(what, path, `${size} bytes`);
    return await readFile(path);
  } catch (thrown) {
    if (thrown instanceof FacewireError) throw thrown;
    throw unreadableImage(what, path, (thrown as NodeJS.ErrnoException).code ?? 'something else');
  }
}

/** @param received what is there instead. */
export function unreadableImage(what: string, path: string, received: string): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', `the ${what} ${path} cannot be read`, {
    expected,
    received,
  });
}
