import { get } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalCloud, startLocalCloud } from '../../src/server/local-cloud.js';
import { drivePath } from '../../src/wire/endpoint.js';
import { signedQuery } from '../../src/wire/signing.js';
import { refusedUpgrade, signedUrl, TestClient } from './client.js';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startLocalCloud({ voice: 'kal16', maxConnections: 2, warm: false });
});
afterAll(() => cloud.close());

describe('the gate of the drive engine', () => {
  it.each([0, 290, -290])('lets a right signature in that is %i s off', async (skew) => {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(signedUrl(cloud.connection, skew));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });

  it.each([320, -600])(
    'refuses a clock that is %i s off with 403, its own time and the reason',
    async (skew) => {
      const refused = await refusedUpgrade(signedUrl(cloud.connection, skew));
      expect(refused.status).toBe(403);
      expect(refused.body.Header.Code).toBe(100005);
      expect(refused.body.Header.Message).toContain(skew > 0 ? 'ahead of' : 'behind');
      expect(Math.abs(Date.parse(refused.date ?? '') - Date.now())).toBeLessThan(60_000);
    },
  );

  it('refuses a wrong token, an unknown key and a damaged query with 401', async () => {
    const { connection } = cloud;
    const good = signedUrl(connection);
    const cases = [
      signedUrl({ ...connection, accessToken: 'not-the-token' }),
      signedUrl({ ...connection, appkey: 'nobody' }),
      good.replace(/signature=.*/, 'signature=AAAA'),
      good.replace(/&signature=.*/, ''),
      good.replace(/timestamp=\d+/, 'timestamp=soon'),
      good.replace(/requestid=/, 'requestid=x'),
      `${connection.url}${drivePath}`,
      `${good}&appkey=twice`,
    ];
    for (const url of cases) {
      const refused = await refusedUpgrade(url);
      expect(refused.status).toBe(401);
      expect(refused.body.Header.Code).toBe(100005);
      expect(refused.body.Header.Message).toMatch(/^AuthFailure: /);
      expect(JSON.stringify(refused)).not.toContain(connection.accessToken);
    }
  });

  it('knows no other address', async () => {
    const other = signedUrl(cloud.connection).replace('driverengine?', 'driver?');
    expect(await refusedUpgrade(other)).toMatchObject({ status: 404, body: { Header: { Code: 100009 } } });
    for (const [path, status] of [
      ['/', 404],
      [drivePath, 426],
    ] as const) {
      const got = await new Promise((resolve) => {
        get(`${cloud.url.replace('ws', 'http')}${path}`, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
      });
      expect(got).toBe(status);
    }
  });

  it('takes no more connections than it is told', async () => {
    const clients = [await TestClient.connect(cloud.connection), await TestClient.connect(cloud.connection)];
    const { status, body } = await refusedUpgrade(signedUrl(cloud.connection));
    expect(status).toBe(503);
    expect(body.Header.Message).toMatch(/at most 2 connections at once; try again in \d+ s/);
    for (const client of clients) await client.close();
  });

  it('signs as the documents show', () => {
    const query = signedQuery({
      appkey: 'example_appkey',
      accessToken: 'example_accesstoken',
      timestampSeconds: 1717639699,
    });
    expect(decodeURIComponent(query)).toContain('signature=aCNWYzZdplxWVo+JsqzZc9+J9XrwWWITfX3eQpsLVno=');
  });
});

describe('LocalCloud', () => {
  it('does not show its token by accident', () => {
    const { connection } = cloud;
    expect(connection.accessToken).toMatch(/^[0-9a-f]{32}$/);
    for (const text of [
      JSON.stringify({ connection }),
      inspect({ connection, cloud }, { depth: 9, showHidden: true }),
    ]) {
      expect(text).not.toContain(connection.accessToken);
    }
  });

  it('says when its port is taken', async () => {
    const second = new LocalCloud({ port: cloud.port, warm: false });
    await expect(second.listen()).rejects.toMatchObject({ code: 'ERR_PORT_UNAVAILABLE' });
    await second.close();
  });

  it('says goodbye to its clients and refuses use after close', async () => {
    const other = await startLocalCloud({ voice: 'kal16' });
    const client = await TestClient.connect(other.connection);
    const id = client.send({ DriverType: 'TEXT', InputText: 'This drive will not end. '.repeat(20) });
    await client.until(() => client.of(id).length > 2);
    await other.close();
    await other.close();
    expect((await client.closed).code).toBe(1001);
    expect(() => other.port).toThrow(expect.objectContaining({ code: 'ERR_STATE' }) as Error);
  });
});
