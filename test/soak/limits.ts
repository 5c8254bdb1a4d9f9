/** Says that a limit is missed, and has the process end as a failure. A value that is NaN misses every limit. */
export function checkLimit(name: string, value: number, most: number): void {
  if (value <= most) return;
  console.log(`limit missed: ${name}: ${Number(value.toFixed(2))}, at most ${most}`);
  process.exitCode = 1;
}
