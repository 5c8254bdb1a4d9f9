import { FacewireError } from '../errors.js';

/**
 * What becomes of the transparent parts of pictures in a stream that has no
 * alpha. `chroma`: a colour lies behind them, for a chroma key. `key-and-fill`:
 * the stream is twice as wide; on the left the fill, the picture over black
 * (premultiplied, as character generators give it), on the right the key, alpha as
 * luma: black (16) transparent, white (235) opaque.
 */
export type Transparency =
  | {
      readonly mode: 'chroma';
      /** As `#rgb` or `#rrggbb`. Default #00b140, a common chroma green. */
      readonly colour?: string;
    }
  | { readonly mode: 'key-and-fill' };

/** What a text of somebody asks for: `key-and-fill`, or a colour for a chroma key. Throws ERR_OPTION_INVALID. */
export function readTransparency(text: string): Transparency {
  if (text === 'key-and-fill') return { mode: text };
  const transparency = { mode: 'chroma', colour: text } as const;
  colourBehind(transparency);
  return transparency;
}

/** 0xrrggbb of the colour behind; black for a fill. */
export function colourBehind(transparency: Transparency): number {
  if (transparency.mode === 'key-and-fill') return 0;
  const text = transparency.colour ?? '#00b140';
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  if (short !== null) return parseInt(short.slice(1).map((digit) => digit + digit).join(''), 16); // prettier-ignore
  if (/^#[0-9a-f]{6}$/i.test(text)) return parseInt(text.slice(1), 16);
  throw new FacewireError('ERR_OPTION_INVALID', 'the colour behind transparent parts cannot be used', {
    expected: '#rgb or #rrggbb',
    received: JSON.stringify(text),
  });
}
