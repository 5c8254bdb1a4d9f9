import { InvalidArgumentError, Option } from 'commander';

import { colourBehind, type Transparency } from '../compose/transparency.js';
import { FacewireError } from '../errors.js';

export const subtitles = (): Option => new Option('--subtitles', 'write what is said into the picture');
export const logo = (): Option =>
  new Option('--logo <file>', 'a PNG, JPEG or WebP file for a corner of the picture');
export const transparent = (): Option =>
  new Option(
    '--transparent <how>',
    'no backdrop: key-and-fill side by side, or a colour (#rrggbb) for a chroma key',
  ).argParser(parseTransparent);

/** `key-and-fill`, or a colour for a chroma key. */
function parseTransparent(text: string): Transparency {
  if (text === 'key-and-fill') return { mode: text };
  try {
    const transparency = { mode: 'chroma', colour: text } as const;
    colourBehind(transparency);
    return transparency;
  } catch (thrown) {
    if (!(thrown instanceof FacewireError)) throw thrown;
    throw new InvalidArgumentError('Expected key-and-fill, #rgb or #rrggbb.');
  }
}
