/** Imported first: what is compiled for a soak looks for the addon beside itself. */
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const link = join(import.meta.dirname, '../../build');
rmSync(link, { recursive: true, force: true });
symlinkSync(join(import.meta.dirname, '../../../build'), link, 'junction');
