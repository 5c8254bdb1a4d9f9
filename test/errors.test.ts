import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { errorTable, FacewireError } from '../src/errors.js';

describe('the error table', () => {
  const manual = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

  it('has a heading in docs/errors.md for every code, with the same summary and remedy, and no other', () => {
    const headings = [...manual.matchAll(/^## (ERR_[A-Z0-9_]+)$/gm)].map((match) => match[1]);
    expect([...headings].sort()).toEqual(Object.keys(errorTable).sort());
    for (const { summary, remedy } of Object.values(errorTable)) {
      expect(manual).toContain(summary);
      expect(manual).toContain(remedy);
    }
  });

  it('gives every error the remedy of its code unless a better one is known', () => {
    expect(new FacewireError('ERR_FFMPEG_MISSING', 'x').remedy).toBe(errorTable.ERR_FFMPEG_MISSING.remedy);
    expect(new FacewireError('ERR_FFMPEG_MISSING', 'x', { remedy: 'y' }).remedy).toBe('y');
  });
});
