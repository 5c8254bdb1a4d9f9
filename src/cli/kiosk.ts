import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { entryUrl } from '../entry-url.js';
import { readKioskConfig, type KioskPicture } from '../kiosk/config.js';
import { Kiosk } from '../kiosk/kiosk.js';
import { systemdUnit } from '../kiosk/unit.js';
import type { Output } from './output.js';
import { readSecrets } from './secrets.js';
import type { StopSignal } from './stop-signal.js';

export interface KioskCommandOptions {
  readonly config: string;
  readonly check?: boolean;
  readonly unit?: boolean;
}

/** Runs a kiosk until SIGINT or SIGTERM; or only looks at its file, or prints a unit for systemd. */
export async function kiosk(options: KioskCommandOptions, output: Output, stop: StopSignal): Promise<void> {
  const config = await readKioskConfig(options.config);
  if (options.check === true) {
    output.result([`${options.config} is in order`], { config: options.config, ok: true });
    return;
  }
  if (options.unit === true) {
    const program = fileURLToPath(entryUrl('cli/main'));
    const command = [process.execPath, program, 'kiosk', '--config', resolve(options.config)];
    const unit = systemdUnit(command, config.picture.screen !== undefined);
    output.result([unit.trimEnd()], { unit });
    return;
  }
  const { accessToken, rtmpUrl } = await readSecrets(config.secrets);
  const box = await Kiosk.open({ config, accessToken, rtmpUrl, log: (line) => output.progress(line) });
  output.result(
    [
      `The kiosk is up on ${box.url}`,
      ...(config.picture.page ? [`  picture  ${box.url}/ (${pictureHint(config.picture)})`] : []),
      `  health   ${box.url}/health`,
      `  speak    curl -H 'content-type: application/json' -d '{"text":"Hello."}' ${box.url}/say`,
    ],
    { url: box.url },
  );
  await stop.wait();
  output.progress('closing');
  await box.close();
}

function pictureHint({ screen }: KioskPicture): string {
  return screen === undefined ? 'open it in a browser in full screen' : 'a browser shows it in full screen';
}
