import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./memory.mjs', import.meta.url));

/** Runs one measurement in a process of its own, so that nothing else is measured with it. */
function measure(what: string): Record<string, number | string> {
  const text = execFileSync(process.execPath, ['--expose-gc', script, what], { encoding: 'utf8' });
  return JSON.parse(text) as Record<string, number | string>;
}

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

describe('the path of a message', () => {
  it('makes no garbage once it is warm: 64 sessions in turn, both doors, sound and pictures', () => {
    const { messages, collections, bytesPerMessage } = measure('steady');
    expect(messages).toBeGreaterThanOrEqual(12_000);
    expect(collections).toBe(0);
    expect(bytesPerMessage).toBeLessThan(4);
  });
});

describe('sessions that come and go', () => {
  it('leave nothing behind: 10,000 made and closed', () => {
    const { rssGrowth, externalGrowth, rssInAll } = measure('closed');
    expect(rssGrowth).toBeLessThan(2 ** 20);
    expect(externalGrowth).toBeLessThan(2 ** 18);
    expect(rssInAll).toBeLessThan(64 * 2 ** 20);
  });

  it('leave nothing behind when they are dropped and collected', () => {
    const { rssGrowth } = measure('dropped');
    expect(rssGrowth).toBeLessThan(24 * 2 ** 20);
  });
});

describe('want of memory', () => {
  it.skipIf(!hasPrlimit())('is an error with a code; other sessions and this one go on', () => {
    expect(measure('exhausted')).toEqual({
      code: 'ERR_OUT_OF_MEMORY',
      kept: 'yes',
      other: 'speech',
      afterwards: 'speech',
    });
  });
});
