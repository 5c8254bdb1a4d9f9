import { inRange, oneOf } from '../option-values.js';

// Apart from what draws, so that these types need none of the drawing package.

export interface CaptionStyle {
  /** A CSS font family. Default one without serifs. */
  readonly font?: string;
  /** Height of a letter as a part of the picture's, 0.02 to 0.2. Default 0.05. */
  readonly size?: number;
  /** `words` (default): what is still to be said is dimmed, word by word. `none`: the clause at once. */
  readonly highlight?: 'words' | 'none';
}

export const logoPlaces = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;

export interface LogoOptions {
  /** A PNG, JPEG or WebP file of at most 32 MiB. open() fails with ERR_INPUT_UNREADABLE. */
  readonly file: string;
  /** Default `top-right`. */
  readonly place?: (typeof logoPlaces)[number];
  /** Width as a part of the picture's, 0.01 to 0.5. Default 0.12; less where it would be too high. */
  readonly width?: number;
  /** 0 to 1. Default 1. */
  readonly opacity?: number;
}

/** Checks all but the file. */
export function checkLogo({ place, width, opacity }: LogoOptions): void {
  oneOf('place', logoPlaces, place ?? 'top-right');
  inRange('width of the logo', width ?? 0.12, 0.01, 0.5);
  inRange('opacity of the logo', opacity ?? 1, 0, 1);
}
