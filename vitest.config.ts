import { configDefaults, defineConfig } from 'vitest/config';

// Folders whose tests leave a process as they found it. Their files follow one another in the same
// processes, which load the code once. The others change their process, mock its modules, or measure it,
// as media/session and server/interactive/real do.
const folders =
  'avatar,compose,conformance,docs,driver,media,player,rigs,score,server/interactive,server/text,verify,wire';
const sharing = [`test/{${folders}}/**/!(session|real).test.ts`];

export default defineConfig(({ mode }) => ({
  test: {
    // `vitest run --mode all`: a missing tool is a failure, not a skip.
    env: mode === 'all' ? { FACEWIRE_TEST_ALL: '1' } : {},
    pool: 'forks',
    // Media tests pace themselves in real time; two at once is what a small machine bears.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/skip-reporter.ts'],
    // Each has a cache of its own of what was transformed, so there are only two.
    projects: [
      { extends: true, test: { name: 'shared', include: sharing, isolate: false } },
      {
        extends: true,
        test: {
          name: 'own',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...sharing],
        },
      },
    ],
  },
}));
