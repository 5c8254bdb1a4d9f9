import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { descendants, hasProc, untilGone, type Process, type Running } from '../cli/run.js';
import { describeLong } from '../tools.js';
import { KioskBox, health, post, until } from './box.js';
import { FakeBrowser } from './fake-browser.js';

const box = new KioskBox();
afterEach(() => box.stop());
afterAll(() => box.remove());

const config = (screen: string): string => `card: false\nhttp: { port: 0 }\npicture: { screen: ${screen} }\n`;
const secrets = { FACEWIRE_ACCESSTOKEN: 'canary-5d21' };

/** The browser that a kiosk has started, not its children. */
function browsers(running: Running): Process[] {
  return descendants(running.pid).filter(({ parent, command }) => {
    return parent === running.pid && command.includes('--user-data-dir=');
  });
}

describe.runIf(hasProc)('a kiosk with a screen', () => {
  let fake: FakeBrowser;
  beforeEach(() => {
    fake = new FakeBrowser();
  });
  afterEach(() => fake.remove());

  const start = (more = '--headless'): ReturnType<KioskBox['start']> =>
    box.start(config(`{ browser: ${fake.path}, arguments: [--no-sandbox, ${more}] }`), {
      ...secrets,
      TMPDIR: fake.temporary,
    });

  it('is degraded until the page of its browser speaks, and says when it is gone', async () => {
    const { url, running } = await start();
    expect(await health(url)).toMatchObject({ status: 'degraded', screen: { isUp: false, breaks: 0 } });
    while (fake.started.length === 0) await health(url);
    const face = `${url.replace('http', 'ws')}/face`;
    // Another viewer says something, too.
    const other = new WebSocket(face);
    await once(other, 'message');
    other.send('');
    const page = new WebSocket(`${face}?screen=1`);
    await once(page, 'message');
    expect(await health(url)).toMatchObject({ status: 'degraded', page: { viewers: 2 } });
    page.send('');
    await until(url, ({ status, screen }) => status === 'ok' && screen?.isUp === true);
    process.kill(fake.started[0].pid, 'SIGKILL');
    expect((await until(url, ({ screen }) => screen?.breaks === 1)).status).toBe('degraded');
    while (fake.started.length < 2) await health(url);
    expect(await post(`${url}/say`, { text: 'Hi.' })).toMatchObject([200, { outcome: 'finished' }]);
    other.terminate();
    page.terminate();
    expect(running.stderr + running.stdout).not.toContain(secrets.FACEWIRE_ACCESSTOKEN);
  });

  it('has room for its own page when others take all the places', async () => {
    const { url } = await start();
    const face = `${url.replace('http', 'ws')}/face`;
    const others = Array.from({ length: 8 }, (_, i) => new WebSocket(i === 0 ? `${face}?lang=en` : face));
    await Promise.all(others.map((other) => once(other, 'open')));
    const [refused] = (await once(new WebSocket(face), 'error')) as [Error];
    expect(refused.message).toMatch(/503/);
    const page = new WebSocket(`${face}?screen=1`);
    await once(page, 'message');
    page.terminate();
    for (const other of others) other.terminate();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves no browser behind after %s', async (signal) => {
    const { url, running } = await start();
    while (fake.started.length === 0) await health(url);
    const family = descendants(running.pid);
    expect(family.some(({ pid }) => pid === fake.started[0].pid)).toBe(true);
    running.child.kill(signal);
    expect((await running.finished).code).toBe(signal === 'SIGTERM' ? 0 : null);
    await untilGone(family);
    expect(fake.profiles).toHaveLength(signal === 'SIGTERM' ? 0 : 1);
  });

  it('does not begin without a browser, or where none can show anything', async () => {
    const refuse = async (screen: string, env: Record<string, string> = {}): Promise<unknown> => {
      const file = join(fake.folder, 'kiosk.yaml');
      writeFileSync(file, config(screen));
      const { error } = await box.home.fails(['kiosk', '--config', file], {
        DISPLAY: '',
        WAYLAND_DISPLAY: '',
        ...env,
      });
      return error;
    };
    expect(await refuse('{ browser: /no/such, arguments: [--no-sandbox, --headless] }')).toMatchObject({
      code: 'ERR_BROWSER_MISSING',
      received: 'setting (/no/such): not found',
    });
    const some = { FACEWIRE_BROWSER: fake.path };
    expect(await refuse('{ arguments: [--no-sandbox] }', some)).toMatchObject({
      code: 'ERR_OPTION_INVALID',
      expected: 'DISPLAY or WAYLAND_DISPLAY in the environment',
    });
    expect(fake.started).toEqual([]);
  });
});

describeLong(['chromium'], 'a kiosk with a screen and a real browser', () => {
  // Whoever runs this as root cannot have the sandbox; the page is our own.
  const screen =
    '{ browser: /usr/bin/chromium, arguments: [--no-sandbox, --headless=new, --remote-debugging-port=0] }';
  let fake: FakeBrowser;
  beforeEach(() => {
    // Its folder for temporary files alone.
    fake = new FakeBrowser();
  });
  afterEach(async () => {
    await box.stop();
    fake.remove();
  });
  const start = (): ReturnType<KioskBox['start']> =>
    box.start(config(screen), { ...secrets, TMPDIR: fake.temporary });

  /** Waits until there are other pixels than before in the window of the browser. */
  async function untilMoved(): Promise<void> {
    const [name = ''] = fake.profiles;
    const [port = ''] = readFileSync(join(fake.temporary, name, 'DevToolsActivePort'), 'utf8').split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    try {
      const page = browser
        .contexts()[0]
        .pages()
        .find((each) => each.url().includes('?screen='))!;
      const picture = async (): Promise<string> =>
        page.evaluate<string>(`document.querySelector('canvas').toDataURL()`);
      const first = await picture();
      while ((await picture()) === first);
    } finally {
      await browser.close();
    }
  }

  it('shows the page, is back after kill -9, and leaves nothing', { timeout: 120_000 }, async () => {
    const { url, running } = await start();
    await until(url, ({ screen: now, page }) => now?.isUp === true && page?.viewers === 1);
    expect((await health(url)).status).toBe('ok');
    await untilMoved();
    const [first] = browsers(running);
    expect(first.command).toMatch(/ http:\/\/127\.0\.0\.1:\d+\/\?screen=1/);
    for (const { pid, command } of descendants(running.pid)) {
      expect(command).not.toContain(secrets.FACEWIRE_ACCESSTOKEN);
      if (command.includes('chromium'))
        expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(secrets.FACEWIRE_ACCESSTOKEN);
    }
    const old = descendants(first.pid);
    process.kill(first.pid, 'SIGKILL');
    const back = await until(url, ({ screen: now }) => now?.breaks === 1 && now.isUp);
    expect(back).toMatchObject({ status: 'ok', page: { viewers: 1 } });
    await untilGone([first, ...old]);
    await untilMoved();
    // Neither is there anything else among the temporary files that the killed one has left.
    expect(fake.profiles).toHaveLength(1);
    const family = descendants(running.pid);
    expect(family.length).toBeGreaterThan(3);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    await untilGone(family);
    expect(fake.profiles).toEqual([]);
  });

  it('ends with a kiosk that is killed', { timeout: 120_000 }, async () => {
    const { url, running } = await start();
    await until(url, ({ screen: now }) => now?.isUp === true);
    const family = descendants(running.pid);
    running.child.kill('SIGKILL');
    await running.finished;
    await untilGone(family);
  });

  it('is replaced when all of it stands still', async () => {
    const { url, running } = await start();
    await until(url, ({ screen: now }) => now?.isUp === true);
    const [{ pid }] = browsers(running);
    process.kill(-pid, 'SIGSTOP');
    const back = await until(url, ({ screen: now }) => now?.breaks === 1 && now.isUp);
    expect(back.status).toBe('ok');
    expect(browsers(running).map((each) => each.pid)).not.toContain(pid);
    expect(running.stderr).toBe('');
    const family = descendants(running.pid);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    await untilGone(family);
  }, 120_000);
});
