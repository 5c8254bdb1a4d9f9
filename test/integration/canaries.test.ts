import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { EndpointDriver } from '../../src/driver/index.js';
import { LocalCloud } from '../../src/server/local-cloud.js';
import { Home, small } from '../cli/run.js';
import { closeAll, sayOnce, startCloud } from '../driver/cloud.js';

// The scripted cloud writes its token into every refusal, as a careless server might.
const token = 'canary-4f1d9c77-token';
const pushKey = 'canaryPushKey77';
const home = new Home();
afterEach(closeAll);
afterAll(() => home.remove());

/** Everything that a command left behind, and its own words. */
function traces(...said: string[]): string {
  const files = readdirSync(home.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'latin1'));
  return [...said, ...files].join('\n');
}

function expectNoCanary(text: string): void {
  expect(text.length).toBeGreaterThan(10);
  for (const canary of [token, pushKey, encodeURIComponent(token), Buffer.from(token).toString('base64')])
    expect(text).not.toContain(canary);
  expect(text).not.toMatch(/signature=(?!\*)/);
}

/** The command lines of all processes of this machine that can be read. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    })
    .join('\n');
}

describe('secrets', () => {
  const env = { FACEWIRE_ACCESSTOKEN: token, FACEWIRE_DEBUG: '1' };
  const args = (url: string): string[] => ['--cloud', url, '--appkey', 'test_app', '--project', 'project'];

  it('are in no output, file or recording, when all goes well and when it does not', async () => {
    const cloud = await startCloud((request, client) => {
      client.reply(request, 1, { displayText: `you are ${token}, signature=abc` });
      sayOnce(request, client);
    });
    const good = await home.run(
      [
        'record',
        'good.jsonl',
        '--',
        'say',
        'Hello.',
        ...args(cloud.url),
        '--out',
        'a.wav',
        '--reference',
        'r.json',
      ],
      env,
    );
    expect(good.code).toBe(0);
    const refusing = await startCloud(sayOnce, { refuse: () => 401 });
    const bad = await home.run(
      ['say', 'Hello.', ...args(refusing.url), '--record', 'bad.jsonl', '--out', 'b.wav'],
      env,
    );
    expect(bad.code).toBe(1);
    const lost = await startCloud((_request, { socket }) => socket.close(4000, `go away ${token}`));
    const cut = await home.run(
      ['say', 'Hello.', ...args(lost.url), '--record', 'cut.jsonl', '--out', 'c.wav', '--json'],
      env,
    );
    expect(cut.code).toBe(1);
    expect(existsSync(home.file('cut.jsonl'))).toBe(true);
    for (const { stdout, stderr } of [good, bad, cut]) expectNoCanary(traces(stdout, stderr));
    const again = await home.run(['replay', 'good.jsonl', '--check']);
    expectNoCanary(traces(again.stdout, again.stderr));
  });

  it('are in no command line of any process while a push runs, and in no error of it', async () => {
    if (process.platform !== 'linux') return;
    // An ingest that takes the connection and says nothing.
    const ingest = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(ingest, 'listening');
    const { port } = ingest.address() as { port: number };
    const running = home.start(['say', 'Hello.', '--rtmp', ...small], {
      ...env,
      FACEWIRE_RTMP_URL: `rtmp://127.0.0.1:${port}/live/${pushKey}?txSecret=${pushKey}`,
    });
    running.child.stdin.end();
    await once(ingest, 'connection');
    const seen = commandLines();
    expect(seen).toContain('say');
    expectNoCanary(seen);
    ingest.close();
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    const { stdout, stderr } = await running.finished;
    expectNoCanary(`${stdout}${stderr} some output`);
  });

  it('are in no error, event or inspection of driver and server', async () => {
    const options = { url: 'ws://127.0.0.1:1', appkey: 'test_app', accessToken: token, projectId: 'p' };
    const driver = new EndpointDriver({ ...options, timeouts: { connectMs: 1 } });
    const error: unknown = await driver.text('x').done.catch((thrown: unknown) => thrown);
    const cloud = new LocalCloud({ keys: { appkey: 'test_app', accessToken: token } });
    await cloud.listen();
    const said = [driver, error, cloud, cloud.connection, cloud.counts].flatMap((value) => [
      inspect(value, { depth: 8, showHidden: true }),
      String(JSON.stringify(value)),
    ]);
    await driver.close();
    await cloud.close();
    expectNoCanary(said.join('\n'));
  });
});
