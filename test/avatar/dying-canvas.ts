import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Writes the real drawing package, whose thread ends with code 3 at picture `last` (from 1), into `folder`; returns its name. */
export async function dyingCanvas(folder: string, last: number): Promise<string> {
  const file = join(folder, `dying-${last}.mjs`);
  await writeFile(
    file,
    `import canvas from ${JSON.stringify(import.meta.resolve('@napi-rs/canvas'))};
    let cleared = 0;
    export function createCanvas(...size) {
      const made = canvas.createCanvas(...size);
      const context = made.getContext('2d');
      const clear = context.clearRect.bind(context);
      // The painter clears once for its backdrop and once for each picture.
      context.clearRect = (...box) => { if (++cleared === ${last + 1}) process.exit(3); clear(...box); };
      made.getContext = () => context;
      return made;
    }`,
  );
  return pathToFileURL(file).href;
}
