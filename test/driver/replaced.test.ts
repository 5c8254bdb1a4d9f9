import { afterEach, describe, expect, it } from 'vitest';
import type { Drive } from '../../src/driver/index.js';
import { codeOf } from '../code-of.js';
import { closeAll, newDriver, sayOnce, startCloud, startRawCloud } from './cloud.js';

afterEach(closeAll);

describe('drives that follow each other faster than anything is sent', () => {
  it('before the connection is there, only the last is asked for', async () => {
    const cloud = await startCloud(sayOnce);
    const driver = newDriver(cloud.url);
    const all = Array.from({ length: 1000 }, (_, i) => driver.text(`Text ${i}`, { interrupt: true }));
    await all[999].done;
    await expect(all[998].done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(cloud.requests.map((request) => request.text)).toEqual(['Text 999']);
    await driver.text('One more').done;
  });

  it('are refused when the cloud does not read, and the one that runs goes on', async () => {
    const { url } = await startRawCloud((socket) => socket.pause());
    const driver = newDriver(url);
    let running: Drive = driver.text('First');
    let refusal: unknown;
    // What the kernel takes in is no more than some megabytes.
    for (let sent = 0; sent < 64 && refusal === undefined; sent++) {
      try {
        running = driver.text('x'.repeat(1024 * 1024), { interrupt: true });
      } catch (thrown) {
        refusal = thrown;
      }
      while (refusal === undefined && running.marks.requestSent === undefined)
        await new Promise((resolve) => setImmediate(resolve));
    }
    expect(refusal).toMatchObject({
      code: 'ERR_BUFFER_FULL',
      expected: 'at most 1048576 bytes that wait in the socket',
    });
    expect(running.isOver).toBe(false);
    expect(driver.active).toBe(running);
    expect(codeOf(() => driver.stream({ interrupt: true }))).toBe('ERR_BUFFER_FULL');
  });
});
