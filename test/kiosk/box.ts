import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { KioskHealth } from '../../src/kiosk/health.js';
import { Home, type Running } from '../cli/run.js';

/** Kiosks as a stranger starts them: the command with a file. */
export class KioskBox {
  readonly home = new Home();

  /** Starts `facewire kiosk` with this file. */
  async start(
    config: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ url: string; running: Running }> {
    const file = this.home.file('kiosk.yaml');
    writeFileSync(file, config);
    const running = this.home.start(['kiosk', '--config', file, '--json'], env);
    await running.until(({ stdout }) => stdout.includes('\n'));
    const { url } = JSON.parse(running.stdout) as { url: string };
    return { url, running };
  }

  stop(): ReturnType<Home['stop']> {
    return this.home.stop();
  }

  remove(): ReturnType<Home['remove']> {
    return this.home.remove();
  }
}

export async function health(url: string): Promise<KioskHealth> {
  return (await (await fetch(`${url}/health`)).json()) as KioskHealth;
}

/** Waits until the kiosk is as wanted; one that never is runs into the limit of the test. */
export async function until(url: string, wanted: (now: KioskHealth) => boolean): Promise<KioskHealth> {
  for (;;) {
    const now = await health(url);
    if (wanted(now)) return now;
    await sleep(50);
  }
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<[number, unknown]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return [response.status, await response.json()];
}
