// The media tests in another Node than the one that runs vitest: one with
// sanitizers loaded, or one for another processor. FACEWIRE_TEST_NODE is the
// program that starts it. Used by .ci/run in a staged copy of the repository.
import { defineConfig } from 'vitest/config';

const node = process.env.FACEWIRE_TEST_NODE;
if (!node) throw new Error('FACEWIRE_TEST_NODE must name the Node to test in');
// Vitest forks its workers from this.
process.execPath = node;

export default defineConfig({
  test: {
    include: ['test/media/**/*.test.ts'],
    // In the Node that is installed only: eight hours of media, and what measures or
    // withholds memory, of which a sanitizer or an emulator has its own idea.
    exclude: ['test/media/virtual-clock.test.ts', 'test/media/memory.test.ts'],
    setupFiles: ['.ci/other-node.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default', './test/skip-reporter.ts'],
  },
});
