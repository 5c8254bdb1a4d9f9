// Runs in a child process, because a mistake here ends the whole process, not
// the worker alone. Terminates workers while they load the addon, make
// sessions, push and draw frames.
import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const script = new URL('./digest.mjs', import.meta.url);
const rounds = Number(process.argv[2]);
for (let round = 0; round < rounds; round++) {
  const worker = new Worker(script, { workerData: 'forever' });
  const failure = new Promise((_, reject) => worker.once('error', reject));
  failure.catch(() => {});
  // Every second one at work for up to 5 ms, the others while they start.
  if (round % 2 === 0) {
    await Promise.race([new Promise((resolve) => worker.once('message', resolve)), failure]);
    await after((round * 7) % 6);
  } else {
    await after((round * 7) % 60);
  }
  await worker.terminate();
}
process.stdout.write('done');
