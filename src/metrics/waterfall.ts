/** The moments of one drive, in milliseconds of performance.now(); undefined when not reached. */
export interface DriveMoments {
  requestMs: number;
  firstPacketMs: number | undefined;
  /** The first sample's turn on the player's clock. */
  firstSampleMs: number | undefined;
  firstPictureMs: number | undefined;
  firstIngestMs: number | undefined;
}

export interface WaterfallStep {
  readonly name: string;
  /** Milliseconds since the request. */
  readonly atMs: number;
}

/** The drive's moments as milliseconds since the request. */
export function waterfall(moments: DriveMoments): WaterfallStep[] {
  const steps: [string, number | undefined][] = [
    ['request sent', moments.requestMs],
    ['first packet', moments.firstPacketMs],
    ['first sample due', moments.firstSampleMs],
    ['first frame drawn', moments.firstPictureMs],
    ['first bytes at the ingest', moments.firstIngestMs],
  ];
  return steps.flatMap(([name, at]) => (at === undefined ? [] : [{ name, atMs: at - moments.requestMs }]));
}

/** One line a step, with a bar for the eye. */
export function drawWaterfall(steps: readonly WaterfallStep[]): string[] {
  const longest = Math.max(1, ...steps.map((step) => step.atMs));
  const width = 40;
  return steps.map(({ name, atMs }, i) => {
    const from = Math.round((width * (steps[i - 1]?.atMs ?? 0)) / longest);
    const to = Math.max(from, Math.round((width * atMs) / longest));
    return `  ${name.padEnd(26)} ${atMs.toFixed(0).padStart(6)} ms  ${' '.repeat(from)}${'█'.repeat(Math.max(1, to - from))}`;
  });
}
