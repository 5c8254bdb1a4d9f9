import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** The options of an interface, as its source has them. */
export function optionsOf(file: string, name: string): string[] {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  return [...(body ?? '').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, option]) => option);
}
