import { FacewireError } from '../errors.js';

/** What a browser needs to know of where it runs. */
export interface ScreenPlace {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether we are root on a POSIX system. */
  readonly isRoot: boolean;
}

export const thisPlace: ScreenPlace = {
  platform: process.platform,
  environment: process.env,
  isRoot: process.getuid?.() === 0,
};

/**
 * Throws ERR_OPTION_INVALID when a browser cannot show anything here, which no second attempt would change.
 *
 * @param more arguments of the settings file, which may say that it can.
 */
export function checkPlace(more: readonly string[], place: ScreenPlace = thisPlace): void {
  const { platform, environment, isRoot } = place;
  if (isRoot && !more.includes('--no-sandbox')) {
    throw new FacewireError('ERR_OPTION_INVALID', 'a browser has no sandbox for root', {
      expected: 'picture.screen in a kiosk of an ordinary user',
      received: 'root',
      remedy:
        'Run the kiosk as another user. Where it must be root and shows nothing but its own page: ' +
        'picture.screen.arguments: [--no-sandbox]',
    });
  }
  const isElsewhere = more.some((word) => /^--(headless|ozone-platform)\b/.test(word));
  const hasDisplay = ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (environment[name] ?? '') !== '');
  if (platform !== 'win32' && platform !== 'darwin' && !hasDisplay && !isElsewhere) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is no graphical session for picture.screen', {
      expected: 'DISPLAY or WAYLAND_DISPLAY in the environment',
      received: 'neither',
      remedy:
        'Start the kiosk in a graphical session, or under cage: cage -- npx facewire kiosk --config FILE. ' +
        'See docs/kiosk.md.',
    });
  }
}

/** Arguments of a browser that shows `url` and nothing else, and ends with us. Of two that disagree the later one holds. */
export function browserArguments(
  url: string,
  profile: string,
  more: readonly string[],
  { environment }: ScreenPlace = thisPlace,
): string[] {
  return [
    `--user-data-dir=${profile}`,
    // The browser ends when the pipe does, also when we are killed. Nothing is said on it, and no port is open.
    '--remote-debugging-pipe',
    // Not with --app: in full screen on Wayland, Chromium 156 ends with SIGTRAP as soon as it is there.
    '--kiosk',
    '--no-first-run',
    '--no-default-browser-check',
    '--noerrdialogs',
    '--hide-crash-restore-bubble',
    '--disable-session-crashed-bubble',
    '--disable-features=Translate',
    '--disable-extensions',
    '--disable-sync',
    '--disable-component-update',
    '--disable-background-networking',
    '--disable-breakpad',
    // Fingers must not zoom the page, nor leave it.
    '--disable-pinch',
    '--overscroll-history-navigation=0',
    // A page that is covered for a moment goes on.
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    // Nobody is there to unlock a keyring.
    '--password-store=basic',
    '--use-mock-keychain',
    // The page is ours; a proxy cannot reach it.
    '--no-proxy-server',
    ...((environment['WAYLAND_DISPLAY'] ?? '') === '' ? [] : ['--ozone-platform=wayland']),
    ...more,
    url,
  ];
}

/** What the browser gets of our environment: everything but what is ours, which may be secret. */
export function browserEnvironment(
  profile: string,
  { platform, environment }: ScreenPlace = thisPlace,
): Record<string, string | undefined> {
  const others = Object.entries(environment).filter(([name]) => !/^FACEWIRE_/i.test(name));
  // What a Chromium that is killed leaves among the temporary files goes with its profile. Elsewhere its
  // socket would get too long a path there.
  return { ...Object.fromEntries(others), ...(platform === 'linux' && { TMPDIR: profile }) };
}
