import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faceActions } from '../../../src/avatar/face-actions.js';
import { moodOf } from '../../../src/server/emotions.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { call, create, of, paths } from './client.js';
import { world, type World } from './world.js';

let shared: World;
beforeAll(async () => {
  shared = await world();
});
afterAll(() => shared.cloud.close());

describe('the lists and the command by HTTPS', () => {
  it('lists the voices of this machine page by page', async () => {
    const page = async (PageIndex: number): Promise<string[]> => {
      const { Payload } = await call(shared.cloud.connection, paths.timbres, { PageIndex, PageSize: 2 });
      return (Payload['TimbreAssets'] as { readonly TimbreKey: string }[]).map(({ TimbreKey }) => TimbreKey);
    };
    expect(await page(1)).toEqual(['slt', 'rms']);
    expect(await page(2)).toEqual(['awb', 'kal']);
    expect(await page(99)).toEqual([]);
  });

  it('lists the emotions that a drive may ask of each', async () => {
    const { Payload } = await call(shared.cloud.connection, paths.timbres, { PageIndex: 1, PageSize: 100 });
    for (const timbre of Payload['TimbreAssets'] as readonly Readonly<Record<string, unknown>>[]) {
      const emotions = timbre['EmotionalCategories'] as readonly string[];
      expect(emotions).toContain('happy');
      for (const emotion of emotions) expect(moodOf(emotion)).toMatchObject({ name: emotion, strength: 1 });
    }
  });

  it('lists the actions that the face performs, and no configured commands', async () => {
    const { connection } = shared.cloud;
    const { Payload } = await call(connection, paths.actions, { VirtualmanKey: 'any' });
    const actions = Payload['Actions'] as readonly Readonly<Record<string, string>>[];
    expect(actions).toContainEqual({ ActionName: 'Nod', ActionCode: 'nod', ActionSample: '' });
    expect(actions.map(({ ActionCode }) => ActionCode)).toEqual(Object.keys(faceActions));
    const config = await call(connection, paths.actionConfig, { VirtualmanProjectId: 'any' });
    expect(config.Header.Code).toBe(0);
  });

  it('drives over HTTPS and answers with the code of what is wrong', async () => {
    const { cloud, stages } = await world();
    const command = async (SessionId: string, Command: string, Data: unknown): Promise<number> => {
      const payload = { ReqId: newRequestId(), SessionId, Command, Data };
      return (await call(cloud.connection, paths.command, payload)).Header.Code;
    };
    const hello = { Text: 'Hello.', ChatCommand: 'NotUseChat' };
    expect(await command('m404', 'SEND_TEXT', hello)).toBe(110018);
    const { Payload } = await create(cloud.connection);
    const id = String(Payload.SessionId);
    expect(await command(id, 'SEND_TEXT', hello)).toBe(110016);
    await of(cloud.connection, paths.start, id);
    expect(await command(id, 'SEND_TEXT', { Text: '' })).toBe(100001);
    expect(await command(id, 'SEND_DANCE', hello)).toBe(100001);
    expect(await command(id, 'SEND_TEXT', { Text: 'é'.repeat(2001) })).toBe(100001);
    expect(await command(id, 'SEND_TEXT', hello)).toBe(0);
    expect(await command(id, 'SEND_TEXT', hello)).toBe(100012);
    expect(await command(id, 'SEND_AUDIO', { Audio: '', Seq: 1 })).toBe(100001);
    const entry = await stages.get(id)?.entry(0);
    entry?.start();
    expect(await command(id, 'SEND_TEXT', { Interrupt: true })).toBe(0);
    expect(entry?.isCut).toBe(true);
    expect(await command(id, 'SEND_HEARTBEAT', { Text: 'PING' })).toBe(0);
    await of(cloud.connection, paths.close, id);
    expect(await command(id, 'SEND_TEXT', hello)).toBe(110013);
    await cloud.close();
  });
});
