import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeLong } from '../tools.js';
import { MeasuredProcess, type Measured } from '../tools/measured-process.js';

const mebibyte = 1024 * 1024;

interface Reading {
  readonly events: readonly string[];
  readonly tags: number;
  readonly pids: readonly [pictures: number, sound: number];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-encoder-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Complains for 10 MB before it encodes pictures, when there is a file of that name. */
async function chattyFfmpeg(): Promise<{ readonly path: string; readonly flag: string }> {
  const path = join(folder, 'ffmpeg');
  const flag = join(folder, 'complain');
  const script = `#!/bin/sh
case "$*" in
*rawvideo*pipe:0*)
  if [ -e ${flag} ]; then
    rm ${flag}
    head -c 9000000 /dev/zero | tr '\\0' 'x' >&2
    yes complaint | head -c 1000000 >&2
  fi;;
esac
exec ffmpeg "$@"
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return { path, flag };
}

class EncoderProcess extends MeasuredProcess<Reading> {
  /** Does something to the ffmpeg of the pictures, and resolves when another gives pictures. */
  async survive(harm: (pid: number) => unknown): Promise<Measured<Reading>> {
    const { pids, events } = await this.read();
    await harm(pids[0]);
    const { tags } = await this.until((now) => now.events.length >= events.length + 2);
    return this.until((now) => now.tags > tags + 100);
  }
}

describeLong(['ffmpeg'], 'the memory of a process whose ffmpeg', () => {
  it('is killed, hangs or prints 10 MB of complaints grows by at most 4 MiB', async () => {
    const { path, flag } = await chattyFfmpeg();
    const kill = (pid: number): boolean => process.kill(pid, 'SIGKILL');
    const hang = (pid: number): boolean => process.kill(pid, 'SIGSTOP');
    const complain = async (pid: number): Promise<void> => {
      await writeFile(flag, '');
      kill(pid);
    };
    const encoder = await new EncoderProcess(join(import.meta.dirname, 'encoder-process.mjs'), path).ready();
    await encoder.until(({ tags }) => tags > 300);
    // What starting a program needs once is there.
    await encoder.survive(kill);
    const grown: string[] = [];
    for (const harm of [kill, hang, complain]) {
      const rss = await encoder.mark();
      const { peak } = await encoder.survive(harm);
      grown.push(`${harm.name} ${((peak - rss) / mebibyte).toFixed(1)}`);
      expect(peak - rss, grown.join(', ')).toBeLessThan(4 * mebibyte);
    }
    const { events } = await encoder.read();
    expect(events).toEqual(Array(4).fill(['encoderDown pictures', 'encoderBack pictures']).flat());
    await encoder.close();
  }, 180_000);
});
