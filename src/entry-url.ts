/**
 * The URL of a compiled file that runs in a worker or a child process.
 * Workers load JavaScript only, so when this module itself runs from
 * TypeScript sources (in tests) the path is mapped from src/ to dist/.
 *
 * @param relative path from the source root without extension, for example `avatar/draw-worker`.
 */
export function entryUrl(relative: string): URL {
  const here = import.meta.url;
  const root = here.endsWith('.ts') ? new URL('../dist/', here) : new URL('./', here);
  return new URL(`${relative}.js`, root);
}
