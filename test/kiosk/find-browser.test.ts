import { describe, expect, it } from 'vitest';

import { browserArguments, browserEnvironment, checkPlace } from '../../src/kiosk/browser-arguments.js';
import { findBrowser, type BrowserMachine } from '../../src/kiosk/find-browser.js';

/** A machine with these programs, and what each says of itself, or why it does not. */
function machine(
  programs: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = 'linux',
  environment: Readonly<Record<string, string>> = {},
): BrowserMachine {
  return {
    platform,
    environment,
    exists: (path) => path in programs,
    run: async (path, args) => {
      expect(args).toEqual(['--version']);
      const answer = programs[path] ?? 'ENOENT';
      if (/^E[A-Z]+$/.test(answer)) throw Object.assign(new Error(answer), { code: answer });
      return `${answer}\n`;
    },
  };
}

describe('findBrowser', () => {
  it('takes the first in PATH that works', async () => {
    const there = machine({
      'google-chrome': 'Google Chrome 150.0.1',
      'chromium-browser': 'EACCES',
      'brave-browser': 'Brave Browser 150.1',
    });
    expect(await findBrowser(undefined, there)).toEqual({
      path: 'google-chrome',
      version: 'Google Chrome 150.0.1',
      origin: 'PATH',
    });
  });

  it('takes the setting, else the variable, and then no other', async () => {
    const programs = { '/own/x': 'Chromium 1', '/env/x': 'Chromium 2', chromium: 'Chromium 3' };
    const there = machine(programs, 'linux', { FACEWIRE_BROWSER: '/env/x' });
    expect(await findBrowser('/own/x', there)).toMatchObject({ path: '/own/x', origin: 'setting' });
    expect(await findBrowser(undefined, there)).toMatchObject({ path: '/env/x', origin: 'FACEWIRE_BROWSER' });
    await expect(findBrowser('/own/y', there)).rejects.toMatchObject({
      code: 'ERR_BROWSER_MISSING',
      message: 'no browser was found for the screen; tried setting (/own/y): not found',
    });
  });

  it('names everything that was tried', async () => {
    const error = await findBrowser(undefined, machine({ chromium: 'EACCES' })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'ERR_BROWSER_MISSING',
      expected: 'Chromium, Chrome, Edge or Brave',
      received:
        'PATH (chromium): not executable; PATH (chromium-browser): not found; PATH (google-chrome): not found; ' +
        'PATH (google-chrome-stable): not found; PATH (microsoft-edge): not found; PATH (brave-browser): not found',
      remedy: expect.stringContaining('FACEWIRE_BROWSER') as string,
    });
  });

  it('refuses another kind of browser', async () => {
    await expect(findBrowser('/x/firefox', machine({ '/x/firefox': 'Mozilla Firefox 140' }))).rejects.toThrow(
      /setting \(\/x\/firefox\): not a Chromium/,
    );
  });

  it('looks where applications are on macOS', async () => {
    const path = '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge';
    expect(await findBrowser(undefined, machine({ [path]: 'Microsoft Edge 150' }, 'darwin'))).toEqual({
      path,
      version: 'Microsoft Edge 150',
      origin: 'Microsoft Edge',
    });
    await expect(findBrowser(undefined, machine({}, 'darwin'))).rejects.toThrow(
      /tried Chromium: not installed; Google Chrome: not installed/,
    );
  });

  it('looks where programs are on Windows, and does not run them', async () => {
    const path = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    const folders = { ProgramFiles: 'C:\\Program Files', 'ProgramFiles(x86)': 'C:\\Program Files (x86)' };
    const there = machine({ [path]: 'EACCES' }, 'win32', folders);
    expect(await findBrowser(undefined, there)).toMatchObject({ path, version: '' });
    await expect(findBrowser('D:\\x.exe', there)).rejects.toThrow(/setting \(D:\\x\.exe\): not found/);
  });
});

describe('the place of a screen', () => {
  const display = { DISPLAY: ':0' };
  const place = { platform: 'linux', environment: display, isRoot: false } as const;

  it('is a graphical session of an ordinary user', () => {
    checkPlace([], place);
    checkPlace([], { ...place, environment: { WAYLAND_DISPLAY: 'wayland-1' } });
    checkPlace([], { ...place, environment: {}, platform: 'darwin' });
    checkPlace(['--headless=new'], { ...place, environment: {} });
    expect(() => checkPlace([], { ...place, environment: { DISPLAY: '' } })).toThrow(/no graphical session/);
  });

  it('is not that of root, unless that is said in so many words', () => {
    expect(() => checkPlace([], { ...place, isRoot: true })).toThrow(/no sandbox for root/);
    checkPlace(['--no-sandbox'], { ...place, isRoot: true });
    expect(browserArguments('u', 'p', [], place)).not.toContain('--no-sandbox');
  });

  it('is told to the browser where it is a Wayland one', () => {
    const wayland = { ...place, environment: { ...display, WAYLAND_DISPLAY: 'wayland-1' } };
    expect(browserArguments('u', 'p', ['--x'], wayland).slice(-3)).toEqual([
      '--ozone-platform=wayland',
      '--x',
      'u',
    ]);
    expect(browserArguments('u', 'p', [], place).join(' ')).not.toContain('ozone');
  });

  it('has no secret in its environment', () => {
    const environment = { PATH: '/bin', FACEWIRE_RTMP_URL: 'x', FACEWIRE_ACCESSTOKEN: 'y', TMPDIR: '/tmp' };
    expect(browserEnvironment('/p', { ...place, environment })).toEqual({ PATH: '/bin', TMPDIR: '/p' });
  });
});
