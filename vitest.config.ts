import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    // `vitest run --mode all`: a missing tool is a failure, not a skip.
    env: mode === 'all' ? { FACEWIRE_TEST_ALL: '1' } : {},
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Media tests pace themselves in real time; two at once is what a small machine bears.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/skip-reporter.ts'],
  },
}));
