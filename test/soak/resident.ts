/** What is resident of this process after a collection, in MB. */
export function residentMb(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}
