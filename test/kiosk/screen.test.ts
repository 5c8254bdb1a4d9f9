import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { FacewireError } from '../../src/errors.js';
import { Screen } from '../../src/kiosk/screen.js';
import { descendants, hasProc, untilGone, type Process } from '../cli/run.js';
import { until, VirtualClock } from '../tools/virtual-clock.js';
import { FakeBrowser } from './fake-browser.js';

describe.runIf(hasProc)('a screen', () => {
  let fake: FakeBrowser;
  let clock: VirtualClock;
  let screen: Screen;
  let broken: FacewireError[];
  let shown: number;

  beforeEach(() => {
    fake = new FakeBrowser();
    vi.stubEnv('TMPDIR', fake.temporary);
    vi.stubEnv('FACEWIRE_ACCESSTOKEN', 'canary-91f0');
    clock = new VirtualClock();
    broken = [];
    shown = 0;
  });
  afterEach(async () => {
    const closing = screen.close();
    clock.advance(10_000);
    await closing;
    vi.unstubAllEnvs();
    fake.remove();
  });

  function open(...words: readonly string[]): void {
    screen = new Screen({
      browser: fake.path,
      url: 'http://127.0.0.1:8780/',
      arguments: words,
      onBroken: (error) => broken.push(error),
      onShown: () => (shown += 1),
      clock,
      // The longest wait each time.
      random: () => 1,
    });
    screen.start();
  }

  /** Resolves when so many were started in all, and the last one is being watched. */
  const untilStarted = (count: number): Promise<void> =>
    until(() => fake.started.length === count && clock.timers === 1);
  /** Resolves when so many have ended, and the next one is waited for. */
  const untilBroken = (count: number): Promise<void> =>
    until(() => broken.length === count && clock.timers === 1);
  /** The program, and what it has started. */
  function family(): Process[] {
    const { pid } = fake.started.at(-1)!;
    return descendants(process.pid).filter((each) => each.pid === pid || each.parent === pid);
  }
  async function untilFamily(): Promise<Process[]> {
    await until(() => family().length === 2);
    return family();
  }

  it('gives the browser the page, a folder of its own, and no secret', async () => {
    open('--more');
    await untilStarted(1);
    const [{ words, profile }] = fake.started;
    expect(words).toContain('--kiosk');
    expect(words.slice(-2)).toEqual(['--more', 'http://127.0.0.1:8780/?screen=1']);
    expect(statSync(profile).mode & 0o777).toBe(0o700);
    const [browser] = await untilFamily();
    const environment = readFileSync(`/proc/${browser.pid}/environ`, 'latin1');
    expect(environment).toContain('PATH=');
    expect(environment).not.toContain('canary-91f0');
  });

  it('replaces a browser that was killed, and all that it had started', async () => {
    open();
    await untilStarted(1);
    const before = await untilFamily();
    screen.shown('1');
    expect(screen).toMatchObject({ isUp: true, breaks: 0 });
    const { profile } = fake.started[0];
    process.kill(fake.started[0].pid, 'SIGKILL');
    await untilBroken(1);
    await untilGone(before);
    expect(screen).toMatchObject({ isUp: false, breaks: 1 });
    expect(broken[0]).toMatchObject({ code: 'ERR_BROWSER_FAILED', message: 'the browser ended (SIGKILL)' });
    expect(fake.profiles).toEqual([]);
    clock.advance(500);
    await untilStarted(2);
    expect(fake.started[1].profile).not.toBe(profile);
    expect(fake.started[1].words).toContain('http://127.0.0.1:8780/?screen=2');
    // What the one before still had to say counts for nothing.
    screen.shown('1');
    expect(screen.isUp).toBe(false);
    screen.shown('2');
    expect(screen.isUp).toBe(true);
    expect(shown).toBe(2);
  });

  it('waits longer each time, up to 10 s', async () => {
    open('--ends');
    const waits: number[] = [];
    for (let ends = 1; ends <= 8; ends++) {
      await untilBroken(ends);
      const from = clock.now();
      // The watch of the next one is a timer, too: this steps to the moment in which it is started.
      clock.step(60_000);
      waits.push(Math.round(clock.now() - from));
    }
    expect(waits).toEqual([500, 850, 1445, 2457, 4176, 7099, 10_000, 10_000]);
    expect(broken[0].message).toBe('the browser ended (code 3): first · no screen here');
  });

  it('waits shortly again after a page that was there for a minute', async () => {
    open();
    for (const [run, isSteady] of [
      [1, false],
      [2, false],
      [3, true],
      [4, false],
    ] as const) {
      await untilStarted(run);
      screen.shown(`${run}`);
      for (let second = 0; isSteady && second < 60; second++) {
        clock.advance(1000);
        screen.shown(`${run}`);
      }
      process.kill(fake.started[run - 1].pid, 'SIGKILL');
      await untilBroken(run);
      const from = clock.now();
      clock.step(60_000);
      expect(Math.round(clock.now() - from)).toBe([500, 850, 500, 850][run - 1]);
    }
  });

  it('replaces a browser whose page says nothing more for 15 s', async () => {
    open('--deaf');
    await untilStarted(1);
    screen.shown('1');
    for (let word = 0; word < 4; word++) {
      clock.advance(14_999);
      screen.shown('1');
    }
    const before = await untilFamily();
    expect(screen).toMatchObject({ isUp: true, breaks: 0 });
    clock.advance(15_000);
    await untilBroken(1);
    await untilGone(before);
    expect(broken[0]).toMatchObject({
      code: 'ERR_BROWSER_FAILED',
      message: 'the page has said nothing for 15 s',
    });
    expect(screen).toMatchObject({ isUp: false, breaks: 1 });
    clock.advance(500);
    await untilStarted(2);
  });

  it('replaces a browser whose page is not there after a minute', async () => {
    open('--deaf');
    await untilStarted(1);
    clock.advance(59_999);
    expect(await untilFamily()).toHaveLength(2);
    clock.advance(1);
    await untilBroken(1);
    expect(broken[0].message).toBe('the page has said nothing for 60 s');
  });

  it('goes on trying while there is no such program', async () => {
    fake.remove();
    mkdirSync(fake.temporary, { recursive: true });
    open();
    await untilBroken(1);
    clock.advance(500);
    await untilBroken(2);
    expect(broken[1].message).toMatch(/^the browser ended \(spawn .* ENOENT\)$/);
    expect(fake.profiles).toEqual([]);
  });

  it('tells when no folder can be made, and goes on when it can', async () => {
    vi.stubEnv('TMPDIR', join(fake.folder, 'none'));
    open();
    await untilBroken(1);
    expect(broken[0]).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'ENOENT' });
    vi.stubEnv('TMPDIR', fake.temporary);
    clock.advance(500);
    await untilStarted(1);
  });

  it('ends with a browser that ends when it is asked to', async () => {
    open();
    await untilStarted(1);
    const before = await untilFamily();
    await screen.close();
    await untilGone(before);
    expect(clock.now()).toBe(0);
    expect(clock.timers).toBe(0);
    expect(fake.profiles).toEqual([]);
    expect(broken).toEqual([]);
  });

  it('ends within 2 s with one that does not listen', async () => {
    open('--deaf');
    await untilStarted(1);
    const before = await untilFamily();
    const closing = screen.close();
    clock.advance(1999);
    await sleep(50);
    expect(family()).toHaveLength(2);
    clock.advance(1);
    await closing;
    await untilGone(before);
    expect(clock.now()).toBe(2000);
    expect(fake.profiles).toEqual([]);
  });

  it('starts no other when it is closed while it waits', async () => {
    open('--ends');
    await untilBroken(1);
    await screen.close();
    clock.advance(60_000);
    expect(fake.started).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it('removes what killed kiosks left, and nothing of others', async () => {
    const [dead, living] = [2 ** 22 + 1, process.ppid];
    for (const owner of [dead, process.pid, living])
      mkdirSync(join(fake.temporary, `facewire-screen-${owner}-abc`, 'Default'), { recursive: true });
    mkdirSync(join(fake.temporary, 'facewire-screen-x'));
    open();
    await untilStarted(1);
    const own = fake.started[0].profile.split('/').at(-1);
    expect(fake.profiles.sort()).toEqual(['facewire-screen-x', `facewire-screen-${living}-abc`, own].sort());
  });
});
