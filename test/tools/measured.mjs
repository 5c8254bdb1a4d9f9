/**
 * The side of a script in a process of its own, started with --expose-gc, whose memory MeasuredProcess measures.
 *
 * @param greeting what it says now, being ready.
 * @param read returns what it says beside its peak.
 * @param end lets go of everything; the process exits behind it.
 */
export function beMeasured({ greeting, read, end }) {
  let peak = 0;
  const sample = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  setInterval(sample, 20);
  process.on('message', async (order) => {
    if (order === 'mark') {
      // What is garbage already must not count for what comes.
      for (let i = 0; i < 3; i++) globalThis.gc();
      peak = process.memoryUsage.rss();
      process.send({ rss: peak });
    } else if (order === 'read') {
      sample();
      process.send({ peak, ...read() });
    } else if (order === 'end') {
      await end();
      process.exit();
    }
  });
  // Whoever asked is gone.
  process.on('disconnect', () => process.exit());
  process.send(greeting);
}
