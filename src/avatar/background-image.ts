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
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw unreadable(what, path, `${size} bytes`);
    return await canvas.loadImage(await readFile(path));
  } catch (thrown) {
    if (thrown instanceof FacewireError) throw thrown;
    throw unreadable(what, path, (thrown as NodeJS.ErrnoException).code ?? 'something else');
  }
}

function unreadable(what: string, path: string, received: string): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', `the ${what} ${path} cannot be read`, {
    expected,
    received,
  });
}
