import { FacewireError } from '../../errors.js';
import { utf16ToCodePoint } from '../../wire/text.js';

/** Where something stands in a text, for people and for programs. */
export function placeIn(text: string, index: number): { readonly shown: string; readonly codePoint: number } {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  const column =
    utf16ToCodePoint(before, before.length) - utf16ToCodePoint(before, before.lastIndexOf('\n') + 1) + 1;
  const codePoint = utf16ToCodePoint(text, index);
  return { shown: `${line}:${column} (code point ${codePoint})`, codePoint };
}

/** ERR_TEXT_INVALID that says which tag is wrong and where it stands: line and column from 1, code point from 0. */
export function markupError(
  text: string,
  index: number,
  what: string,
  detail: { readonly expected?: string; readonly received?: string } = {},
): FacewireError {
  const { shown, codePoint } = placeIn(text, index);
  const received = detail.received === undefined ? undefined : JSON.stringify(detail.received.slice(0, 60));
  return new FacewireError(
    'ERR_TEXT_INVALID',
    `SSML at ${shown}: ${what}${received === undefined ? '' : `, not ${received}`}`,
    {
      position: codePoint,
      ...(detail.expected === undefined ? {} : { expected: detail.expected }),
      ...(received === undefined ? {} : { received }),
    },
  );
}
