import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { entryUrl } from '../../src/entry-url.js';
import { Encoder } from '../../src/sinks/encoder.js';
import { makeSpan, smallFormat } from './synthetic.js';

/** Files and pipes that this process has open. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** One that nobody has waited for yet is not alive any more. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Waits until none of the processes is there; the caller's own limit ends a vain wait. */
export async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await sleep(20);
}

/** One encoder that is started, fed and ended in some way; returns the processes it had. */
export async function oneLife(random: () => number): Promise<number[]> {
  const encoder = new Encoder(smallFormat, {}, { onTag: () => undefined, onError: () => undefined });
  const pids = new Set<number>();
  const note = (): void => encoder.pids.forEach((pid) => pids.add(pid));
  const opening = encoder.open();
  if (random() < 0.1) {
    await encoder.kill();
    await opening.catch(() => undefined);
    return [...pids];
  }
  await opening;
  note();
  const frames = Math.floor(random() * 12);
  for (let frame = 0; frame < frames; frame++) {
    const span = makeSpan(frame, smallFormat);
    encoder.write(span);
    span.picture.release();
    const dice = random();
    if (dice < 0.1) process.kill(encoder.pids[0] ?? NaN, 'SIGKILL');
    else if (dice < 0.15) encoder.setVideoKbps(500 + Math.floor(random() * 2000));
    else if (dice < 0.4) await sleep(random() * 30);
    note();
  }
  if (random() < 0.6) await encoder.finish();
  else await encoder.kill();
  note();
  return [...pids];
}

/** A Node of its own that encodes and is killed without a word; returns the processes it had. */
export async function oneKilledNode(random: () => number): Promise<number[]> {
  const script = `
    const { Encoder } = await import(${JSON.stringify(entryUrl('sinks/encoder').href)});
    const format = ${JSON.stringify(smallFormat)};
    const pixels = new Uint8Array(format.width * format.height * 4);
    const picture = { width: format.width, height: format.height, pixels, retain() {}, release() {} };
    const encoders = [];
    for (let i = 0; i < 2; i++) {
      const encoder = new Encoder(format, {}, { onTag() {}, onError() {} });
      await encoder.open();
      encoders.push(encoder);
    }
    setInterval(() => encoders.forEach((encoder) => encoder.write({ audio: new Float32Array(1920), picture })), 40);
    setInterval(() => encoders[0].setVideoKbps(500 + Math.floor(Math.random() * 999)), 70);
    setInterval(() => console.log(encoders.flatMap(({ pids }) => pids).join(' ')), 10);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pids = new Set<number>();
  const lines = createInterface({ input: parent.stdout });
  lines.on('line', (line) => line.split(' ').forEach((pid) => pids.add(Number(pid))));
  await once(lines, 'line');
  await sleep(random() * 400);
  const gone = once(parent, 'exit');
  parent.kill('SIGKILL');
  await gone;
  return [...pids];
}
