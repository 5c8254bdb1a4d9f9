import { InvalidArgumentError, Option } from 'commander';

import { readTransparency, type Transparency } from '../compose/transparency.js';
import { FacewireError } from '../errors.js';
import { featureOrders } from '../media/orders.js';
import { pixelFormats } from '../pixel-format.js';
import { parseDelay, parseNumber, parseSize } from './parse.js';

// Options that several commands have.

export const json = (): Option => new Option('--json', 'print the result, or the error, as one JSON value');
export const size = (): Option =>
  new Option('--size <WxH>', 'picture size in pixels, even numbers')
    .argParser(parseSize)
    .default({ width: 1280, height: 720 }, '1280x720');
export const fps = (): Option =>
  new Option('--fps <n>', 'pictures per second, 5 to 120').argParser(parseNumber(5, 120)).default(25);
export const calibration = (): Option =>
  new Option(
    '--calibration <file>',
    'fit the face to a character: gain, offset and limits by channel (docs/rigs.md)',
  );
export const rig = (): Option =>
  new Option('--rig <order>', 'order of the feature columns that the cloud sends').choices(
    Object.keys(featureOrders),
  );
export const delay = (): Option =>
  new Option(
    '--delay <name=ms>',
    'rtmp=MS or device=MS: this output so much later than the other, 0 to 1000; may be repeated',
  ).argParser(parseDelay);
export const subtitles = (): Option => new Option('--subtitles', 'write what is said into the picture');
export const logo = (): Option =>
  new Option('--logo <file>', 'a PNG, JPEG or WebP file for a corner of the picture');
const transparent = (): Option =>
  new Option(
    '--transparent <how>',
    'no backdrop: key-and-fill side by side, or a colour (#rrggbb) for a chroma key',
  ).argParser(parseTransparent);

/** What is seen besides the face, and who draws it; picture-options.ts reads them. */
export const pictureFlags = (): readonly Option[] => [
  subtitles(),
  logo(),
  transparent(),
  new Option(
    '--renderer <program>',
    'draw with this program, or with the one behind unix:PATH, not with the built-in face (docs/renderers.md)',
  ),
  new Option('--renderer-arg <text>', 'an argument of that program; may be repeated').argParser(
    (text: string, before: readonly string[] = []) => [...before, text],
  ),
  new Option('--renderer-format <layout>', 'how its pictures lie (default: rgba)').choices(pixelFormats),
  new Option('--renderer-shared-memory', 'it writes them to the file that FACEWIRE_FRAMES names'),
];

/** `key-and-fill`, or a colour for a chroma key. */
function parseTransparent(text: string): Transparency {
  try {
    return readTransparency(text);
  } catch (thrown) {
    if (!(thrown instanceof FacewireError)) throw thrown;
    throw new InvalidArgumentError('Expected key-and-fill, #rgb or #rrggbb.');
  }
}
