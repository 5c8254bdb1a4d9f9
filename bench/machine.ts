import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

import { loadAddon } from '../dist/media/load-addon.js';

import type { Rivals } from './rivals.js';

/** What a reader needs to know to judge the numbers. */
export function machine(rivals: Rivals): Record<string, string> {
  return {
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'} × ${cpus().length}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
    load: loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
    node: process.version,
    kernels: loadAddon().availableKernels.join(', '),
    rivals: rivals.libraries
      .map(({ name, version }) => `${name} ${version === '' ? 'not there' : version}`)
      .join(', '),
  };
}
