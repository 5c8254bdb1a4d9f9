import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A program in the browser's place, which ends with the pipe as Chromium does. As some browsers are, it is a
 * script that starts another program. Arguments: --ends, with a complaint; --deaf, to the pipe and to TERM.
 */
const script = (log: string): string => `#!/bin/sh
case "$*" in
  --version) echo Chromium 1.2.3; exit;;
esac
echo "$$ $*" >> '${log}'
case "$*" in
  *--ends*) echo first >&2; echo 'no screen here' >&2; exit 3;;
  *--deaf*) trap '' TERM; sleep 1000; exit;;
esac
cat <&3 > /dev/null
`;

export interface Started {
  readonly pid: number;
  readonly words: readonly string[];
  readonly profile: string;
}

/** A folder with such a program, and one for temporary files. */
export class FakeBrowser {
  // A short name: Chromium puts a socket below it, whose path must not get too long.
  readonly folder = mkdtempSync(join(tmpdir(), 'facewire-fb-'));
  readonly path = join(this.folder, 'browser');
  readonly temporary = join(this.folder, 'tmp');
  readonly #log = join(this.folder, 'log');

  constructor() {
    mkdirSync(this.temporary);
    writeFileSync(this.path, script(this.#log));
    chmodSync(this.path, 0o755);
  }

  /** Each that was started, in order. */
  get started(): Started[] {
    if (!existsSync(this.#log)) return [];
    const lines = readFileSync(this.#log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [pid = '', ...words] = line.split(' ');
      const profile = words.find((word) => word.startsWith('--user-data-dir='))?.replace(/^[^=]*=/, '') ?? '';
      return { pid: Number(pid), words, profile };
    });
  }

  /** Names in the folder of temporary files. */
  get profiles(): string[] {
    return readdirSync(this.temporary);
  }

  remove(): void {
    // Processes that were just killed may still end what they wrote.
    rmSync(this.folder, { recursive: true, maxRetries: 10, retryDelay: 100 });
  }
}
