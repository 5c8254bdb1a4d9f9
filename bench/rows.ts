import { drawingRow } from './drawing-row.js';
import { floatRows } from './float-rows.js';
import { kernelRows } from './kernel-rows.js';
import { latencyRow } from './latency.js';
import { messageRows } from './message-rows.js';
import { poolRow } from './pool-row.js';
import { resampleRows } from './resample-rows.js';
import { sessionCostRows } from './session-costs.js';
import { sessionRow } from './session-row.js';
import type { Row } from './row.js';

/** Everything that is measured, in the order of the report. */
export const rows: readonly Row[] = [
  ...messageRows,
  sessionRow,
  ...resampleRows,
  ...floatRows,
  poolRow,
  ...sessionCostRows,
  ...kernelRows,
  drawingRow,
  latencyRow,
];
