import { expect, it } from 'vitest';

import { describeWith, itLong } from '../tools.js';
import { allGone, oneKilledNode, oneLife, openFiles } from './orphans.js';
import { randomNumbers } from './synthetic.js';

describeWith(['ffmpeg'], 'encoders that are started, killed and stopped at random', () => {
  it.runIf(process.platform === 'linux')('leave no process and no file behind', async () => {
    const random = randomNumbers(11);
    await oneLife(random);
    const before = openFiles();
    for (let round = 0; round < 6; round++) {
      const lives = await Promise.all(Array.from({ length: 4 }, () => oneLife(random)));
      await allGone(lives.flat());
    }
    expect(openFiles()).toBeLessThanOrEqual(before + 2);
  });

  (process.platform === 'linux' ? itLong : it.skip)(
    'leave no process behind when Node is killed',
    async () => {
      const random = randomNumbers(12);
      const pids = (await Promise.all(Array.from({ length: 4 }, () => oneKilledNode(random)))).flat();
      expect(pids.length).toBeGreaterThanOrEqual(16);
      await allGone(pids);
    },
  );
});
