import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { MediaChild } from '../../src/child.js';
import { tagType } from '../../src/sinks/flv.js';
import { describeWith } from '../tools.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { Live } from './live-encoder.js';
import { allGone } from './orphans.js';

/** Says each signal that it gets. `deaf`: goes on all the same. */
const program = (deaf: { readonly end: boolean; readonly term: boolean }): string => `
  process.on('SIGTERM', () => { console.error('TERM'); ${deaf.term ? '' : 'process.exit(3);'} });
  process.stdin.on('end', () => { console.error('END'); ${deaf.end ? '' : 'process.exit(0);'} }).resume();
  setInterval(() => undefined, 1000);
  console.error('READY');`;

/** A child in a time that only the test moves. */
class Stubborn {
  readonly clock = new VirtualClock();
  readonly child: MediaChild;

  constructor(deaf: { readonly end: boolean; readonly term: boolean }) {
    this.child = new MediaChild(process.execPath, ['-e', program(deaf)], {
      stdio: ['pipe', 'ignore', 'pipe'],
      clock: this.clock,
    });
  }

  /** Resolves when it has said exactly this; the test's own limit ends a vain wait. */
  async says(...lines: readonly string[]): Promise<void> {
    while (this.child.tail !== lines.join('\n')) await sleep(5);
  }

  /** Ends its input and begins to stop it; resolves when it has read the end. */
  async begin(): Promise<ReturnType<MediaChild['stop']>[]> {
    await this.says('READY');
    const stopping = this.child.stop(500);
    this.child.process.stdin?.end();
    await this.says('READY', 'END');
    return [stopping];
  }

  get isThere(): boolean {
    try {
      return process.kill(this.child.process.pid ?? NaN, 0);
    } catch {
      return false;
    }
  }
}

describe.runIf(process.platform !== 'win32')('stop of a child', () => {
  it('waits for one that ends with its input, and sends nothing', async () => {
    const stubborn = new Stubborn({ end: false, term: false });
    const [stopping] = await stubborn.begin();
    expect(await stopping).toMatchObject({ code: 0, signal: null });
    expect(stubborn.clock.now()).toBe(0);
    expect(stubborn.clock.timers).toBe(0);
    expect(stubborn.isThere).toBe(false);
  });

  it('asks one that does not with TERM, when its time is over', async () => {
    const stubborn = new Stubborn({ end: true, term: false });
    const [stopping] = await stubborn.begin();
    stubborn.clock.advance(499);
    expect(stubborn.child.running).toBe(true);
    stubborn.clock.advance(1);
    expect(await stopping).toMatchObject({ code: 3, signal: null });
    expect(stubborn.child.tail).toBe('READY\nEND\nTERM');
    expect(stubborn.clock.now()).toBe(500);
    expect(stubborn.isThere).toBe(false);
  });

  it('asks again after 2 s, and kills 1 s later', async () => {
    const stubborn = new Stubborn({ end: true, term: true });
    const [stopping] = await stubborn.begin();
    stubborn.clock.advance(500);
    await stubborn.says('READY', 'END', 'TERM');
    stubborn.clock.advance(2000);
    await stubborn.says('READY', 'END', 'TERM', 'TERM');
    stubborn.clock.advance(999);
    expect(stubborn.child.running).toBe(true);
    stubborn.clock.advance(1);
    expect(await stopping).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(stubborn.clock.now()).toBe(3500);
    expect(stubborn.clock.timers).toBe(0);
    expect(stubborn.isThere).toBe(false);
  });
});

describe.runIf(process.platform !== 'win32')('a child with a family', () => {
  /** A script that has started another program and waits for it. */
  const open = (script: string, clock = new VirtualClock()): MediaChild =>
    new MediaChild('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'pipe'], family: true, clock });
  /** The number that it says, which is that of the other program. */
  const otherOf = async (child: MediaChild): Promise<number> => {
    while (child.tail === '') await sleep(5);
    return Number(child.tail);
  };

  it('takes with it what it has started, when it is killed and when it ends', async () => {
    for (const end of ['wait', 'read line; exit 4']) {
      const child = open(`sleep 1000 & echo $! >&2; ${end}`);
      const other = await otherOf(child);
      if (end === 'wait') child.kill();
      else child.process.stdin?.end();
      expect(await child.exited).toMatchObject(
        end === 'wait' ? { code: null, signal: 'SIGKILL' } : { code: 4, signal: null },
      );
      // It held our pipe, so it has gone; it may still be waited for by whoever has inherited it.
      await allGone([other]);
    }
  });

  it.runIf(process.platform === 'linux')(
    'is not waited for longer than 1 s because one has left it',
    async () => {
      const clock = new VirtualClock();
      const child = open(`setsid sh -c 'echo $$ >&2; exec sleep 1000' & read line; exit 4`, clock);
      const stranger = await otherOf(child);
      const gone = once(child.process, 'exit');
      child.process.stdin?.end();
      await gone;
      clock.advance(999);
      await sleep(20);
      expect(child.running).toBe(true);
      clock.advance(1);
      expect(await child.exited).toMatchObject({ code: 4 });
      process.kill(stranger, 'SIGKILL');
      await allGone([stranger]);
    },
  );
});

describeWith(['ffmpeg'], 'an encoder whose ffmpeg does not end', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facewire-stubborn-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.runIf(process.platform !== 'win32')(
    'is finished all the same, with an error and without it',
    async () => {
      const path = join(folder, 'ffmpeg');
      // It encodes, and stays when that is over.
      const script = `#!/bin/sh
case "$*" in
*rawvideo*pipe:0*)
  trap '' TERM
  ffmpeg "$@"
  while :; do sleep 1; done;;
esac
exec ffmpeg "$@"
`;
      await writeFile(path, script);
      await chmod(path, 0o755);
      const clock = new VirtualClock();
      const live = new Live({ clock, ffmpeg: path });
      await live.encoder.open();
      for (let i = 0; i < 10; i++) live.write();
      await live.until(() => live.of(tagType.video).length > 0);
      const [pid] = live.encoder.pids;
      const isThere = (): boolean => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      };
      let finished = false;
      const finishing = live.stop().then(() => (finished = true));
      await live.until(() => live.of(tagType.video).length === 10 && live.encoder.pids.length === 1);
      expect(isThere()).toBe(true);
      while (!finished) {
        if (clock.timers > 0) clock.step(10_000);
        await sleep(5);
      }
      await finishing;
      // 10 s for what is inside, 3 s until it is killed, and the last wait.
      expect(clock.now()).toBeLessThanOrEqual(15_000);
      expect(isThere()).toBe(false);
      expect(live.errors).toMatchObject([
        { code: 'ERR_FFMPEG_FAILED', received: 'ffmpeg ended with SIGKILL' },
      ]);
      expect(live.of(tagType.video)).toHaveLength(10);
    },
  );
});
