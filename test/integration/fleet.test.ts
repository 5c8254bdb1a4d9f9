import { join } from 'node:path';
import { expect } from 'vitest';

import { itLong } from '../tools.js';
import { runFleet } from '../tools/fleet.js';

itLong(
  '20 sessions with resets, late packets and lost ingests lose no sample, frame or tag',
  async () => {
    const report = await runFleet({
      sessions: 20,
      seconds: 20,
      seed: 40,
      pushEvery: 5,
      cloud: join(import.meta.dirname, '../tools/fleet-cloud.mjs'),
    });
    const { utterances, damaged, failures, faults, gaps, tags, badTags, server } = report;
    console.log(
      `${utterances} utterances, ${report.speechSeconds.toFixed(0)} s; ${JSON.stringify(faults)}; ` +
        `back p50 ${report.backMs.percentile(50)} ms, p95 ${report.backMs.percentile(95)}; ` +
        `off the air p95 ${report.offAirMs.percentile(95)} ms; ${report.starvedSamples} samples starved`,
    );
    expect({ damaged, failures, gaps, badTags }).toEqual({ damaged: 0, failures: [], gaps: 0, badTags: 0 });
    expect(utterances).toBeGreaterThanOrEqual(20);
    expect(faults.reset).toBeGreaterThan(0);
    expect(faults.late + faults.bunched).toBeGreaterThan(0);
    expect(tags).toBeGreaterThan(200);
    expect(server?.counts.resumedDrives).toBeGreaterThan(0);
    // A drive whose last word of thanks was lost waits there for its client a little longer, and is done here.
    expect(server).toMatchObject({ clients: 0, unhandled: 0 });
  },
  180_000,
);
