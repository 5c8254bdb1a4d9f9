import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Writes the real drawing package, whose thread ends with code 3 when it is asked for picture `last` (from 1), into `folder`; returns its name. */
export async function dyingCanvas(folder: string, last: number): Promise<string> {
  const file = join(folder, `dying-${last}.mjs`);
  await writeFile(
    file,
    `import canvas from ${JSON.stringify(import.meta.resolve('@napi-rs/canvas'))};
    import { parentPort } from 'node:worker_threads';
    let asked = 0;
    parentPort.on('message', () => { if (++asked === ${last}) process.exit(3); });
    export const createCanvas = canvas.createCanvas;`,
  );
  return pathToFileURL(file).href;
}
