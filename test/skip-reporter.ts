import type { Reporter, TestModule } from 'vitest/node';

/** Prints each skipped test with the tool it lacks, then the closing count that scripts read. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    let failed = 0;
    const skipped: string[] = [];
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped.push(test.fullName);
      }
      // It could not be read, or what stands around its tests failed.
      if (module.state() === 'failed' && failed === before) failed += 1;
    }
    for (const name of skipped) console.log(`skipped: ${name}`);
    console.log(`\nvitest: ${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}
