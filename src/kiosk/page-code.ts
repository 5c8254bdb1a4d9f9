import { readFile } from 'node:fs/promises';

import { entryUrl } from '../entry-url.js';

/** What the page imports. */
const entries = ['avatar/scene-painter.js', 'avatar/geometry/face.js', 'compose/caption-drawing.js'];

/**
 * The modules that the page needs, by their path from the source root: those
 * named above and what they import, nothing else of the package.
 */
export async function readPageCode(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const root = entryUrl('x').href.replace(/x\.js$/, '');
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const url = new URL(path, root);
    const code = await readFile(url, 'utf8');
    found.set(path, code.replace(/\n\/\/# sourceMappingURL=.*/, ''));
    for (const [, specifier] of code.matchAll(/^(?:import|export)\b[^'"]*from '([^']+)';/gm))
      waiting.push(new URL(specifier, url).href.slice(root.length));
  }
  return found;
}
