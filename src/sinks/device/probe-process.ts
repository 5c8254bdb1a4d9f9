/**
 * The short-lived child of probe.ts: loads PortAudio and lists the devices,
 * which on some machines prints, hangs or aborts the process. Ends with 0 only
 * when it did none of that, Terminate included.
 */
import { toFacewireError } from '../../errors.js';
import { loadAddon } from '../../media/load-addon.js';
import { coded } from '../../media/native-error.js';

const [path = ''] = process.argv.slice(2);

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));

function answer(message: Record<string, unknown>, code: number): void {
  process.send?.(message, () => process.exit(code));
}

try {
  const devices = await loadAddon().sound.list(path);
  answer({ devices }, 0);
} catch (thrown) {
  const { code, message } = toFacewireError(coded(thrown));
  answer({ failed: { code, message } }, 2);
}
