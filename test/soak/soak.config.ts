import { defineConfig } from 'vitest/config';

/** `npm run soak`: long runs on the machine as it is; numbers are printed, limits are checked. Not in CI. */
export default defineConfig({
  test: {
    include: ['test/soak/*.soak.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 4 * 3_600_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
});
