import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FliteVoice } from '../../src/voice/flite-voice.js';
import { isAll } from '../tools.js';
import { expectSound } from './check-clause.js';
import { seededRandom, sentence } from './random.js';

// The smallest voice goes through the same engine, process and alignment in a
// fifth of the time; `--mode all` has the default voice say a thousand.
const [name, sentences] = isAll ? (['slt', 1000] as const) : (['kal16', 40] as const);
const perSample = sentences / 20;

function residentMegabytes(pid: number | undefined): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

describe(`${sentences} sentences in a row`, () => {
  it(`${name} fails none of them`, async () => {
    const voice = new FliteVoice(name);
    const random = seededRandom(20261121);
    const memory: number[] = [];
    let process_: number | undefined;
    try {
      for (let i = 0; i < sentences; i++) {
        const text = sentence(random);
        const clause = await voice.synthesize(text);
        expectSound(clause, text);
        expect(
          clause.words.every((word) => word.phones.length > 0),
          `every word of ${text} is heard`,
        ).toBe(true);
        process_ ??= voice.pid;
        if (process.platform === 'linux' && i % perSample === perSample - 1)
          memory.push(residentMegabytes(voice.pid));
      }
      expect(voice.pid, 'the process was never replaced').toBe(process_);
      if (memory.length > 0) {
        // Garbage comes and goes; a leak of one 17 MB instance per sentence would be gigabytes.
        expect(Math.max(...memory.slice(10))).toBeLessThan(Math.max(...memory.slice(0, 10)) + 150);
      }
    } finally {
      await voice.close();
    }
  }, 240_000);
});
