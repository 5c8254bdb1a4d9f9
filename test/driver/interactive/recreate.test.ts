import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { writeChannelError } from '../../../src/wire/index.js';
import { accessToken, closeAll, failureOf, sessionId } from '../../tools/interactive-cloud.js';
import { advanceUntil, until } from '../../tools/virtual-clock.js';
import { onStage } from './stage.js';

afterEach(closeAll);

describe('recreate()', () => {
  it.each([110013, 110014, 110018])(
    'after code %i opens another session with the same options, and says nothing again',
    async (code) => {
      const { cloud, session, clock } = await onStage({}, { language: 'en-US', protocol: 'rtmp' });
      const lost = session.speak('Lost.');
      await cloud.waitForCommands(1);
      cloud.channel.socket.send(writeChannelError({ requestId: 'x', sessionId }, code, 'gone'));
      await until(() => session.isClosed);
      // By itself nothing happens.
      clock.advance(3_600_000);
      expect(cloud.count('createByAsset')).toBe(1);
      expect(await failureOf(lost.finished)).toMatchObject({ remoteCode: code });
      const opening = session.recreate();
      await until(() => cloud.count('createByAsset') === 2);
      const next = await opening;
      expect(cloud.count('close')).toBe(1);
      const [first, second] = cloud.calls.filter(({ call }) => call === 'createByAsset');
      const without = (request: unknown): object => ({ ...(request as object), requestId: '' });
      expect(without(second.request)).toEqual(without(first.request));
      expect(second.language).toBe('en-US');
      const drive = next.speak('Hello again.');
      await advanceUntil(clock, () => cloud.commands.length === 2);
      expect(cloud.sent('text').map(({ text }) => text)).toEqual(['Lost.', 'Hello again.']);
      cloud.channel.status(drive.requestId, 'text-over');
      await drive.finished;
      expect(inspect(next, { depth: 9, showHidden: true })).not.toContain(accessToken);
      await next.close();
    },
  );

  it('closes the session first, and takes other options', async () => {
    const { cloud, session } = await onStage();
    const next = await session.recreate({ userId: 'other' });
    expect(session.isClosed).toBe(true);
    expect(cloud.calls.map(({ call }) => call)).toEqual([
      'createByAsset',
      'start',
      'close',
      'createByAsset',
      'start',
    ]);
    expect(cloud.calls[3].request).toMatchObject({ userId: 'other' });
    await next.close();
  });
});
