import { readTransparency, type Transparency } from '../compose/transparency.js';
import { FacewireError } from '../errors.js';
import { SettingsFile, SettingsValue } from '../settings-file.js';

const guide = 'docs/kiosk.md';

/** A cloud that speaks while it can be reached. Its access token is a secret, and no part of the file. */
export interface KioskCloud {
  readonly url: string;
  readonly appkey: string;
  readonly project: string;
  readonly timbre: string | undefined;
}

export interface KioskCard {
  /** See DeviceOptions; empty: the default one. */
  readonly device: string;
  readonly bufferMs: number;
  readonly latencyMs: number;
}

/** A browser that the kiosk starts to show the page in full screen. */
export interface KioskScreen {
  /** Undefined: see findBrowser(). */
  readonly browser: string | undefined;
  /** Given to the browser after those of the kiosk. */
  readonly arguments: readonly string[];
}

export interface KioskPicture {
  /** A page for a browser in full screen, a push to an ingest, or both. */
  readonly page: boolean;
  /** Undefined: whoever wants to see the page opens it. */
  readonly screen: KioskScreen | undefined;
  readonly rtmp: boolean;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly background: string;
  /** Writes what is said into the picture. */
  readonly subtitles: boolean;
  /** An image file for a corner. */
  readonly logo: string | undefined;
  /** Of the push: no backdrop. */
  readonly transparent: Transparency | undefined;
}

export interface KioskConfig {
  readonly cloud: KioskCloud | undefined;
  readonly voice: string;
  /** File of answers for the local voice. */
  readonly answers: string | undefined;
  /** Undefined: no sound card. */
  readonly card: KioskCard | undefined;
  readonly picture: KioskPicture;
  readonly http: { readonly host: string; readonly port: number };
  /** Secrets file; undefined: the environment, or the usual file. */
  readonly secrets: string | undefined;
}

/** Reads the YAML or JSON file that docs/kiosk.md describes. Throws ERR_INPUT_UNREADABLE with line and field. */
export async function readKioskConfig(path: string): Promise<KioskConfig> {
  return readConfig(await SettingsFile.read(path, guide));
}

/** @param name shown in errors. */
export function parseKioskConfig(text: string, name: string): KioskConfig {
  return readConfig(SettingsFile.parse(text, name, guide));
}

function readConfig(file: SettingsFile): KioskConfig {
  const { root } = file;
  const names = ['cloud', 'local', 'card', 'picture', 'http', 'secrets'] as const;
  // An empty file is a kiosk with all defaults.
  const top = orEmpty(root).fields(names);
  const local = orEmpty(top.local).fields(['voice', 'answers']);
  const http = orEmpty(top.http).fields(['host', 'port']);
  return {
    cloud: top.cloud.absent ? undefined : readCloud(top.cloud),
    voice: textOr(local.voice, 'slt'),
    answers: local.answers.absent ? undefined : local.answers.text(1000),
    card: top.card.value === false ? undefined : readCard(orEmpty(top.card)),
    picture: readPicture(orEmpty(top.picture)),
    http: { host: textOr(http.host, '127.0.0.1'), port: whole(http.port, 0, 65_535, 8780) },
    secrets: top.secrets.absent ? undefined : top.secrets.text(1000),
  };
}

function readCloud(value: SettingsValue): KioskCloud {
  const { url, appkey, project, timbre } = value.fields(['url', 'appkey', 'project', 'timbre']);
  const address = url.text(2048);
  if (!/^wss?:\/\/[^/?#@\s]+\/?$/.test(address)) throw url.not('ws://HOST[:PORT] or wss://HOST[:PORT]');
  return {
    url: address,
    appkey: appkey.text(200),
    project: project.text(200),
    timbre: timbre.absent ? undefined : timbre.text(200),
  };
}

function readCard(value: SettingsValue): KioskCard {
  const { device, bufferMs, latencyMs } = value.fields(['device', 'bufferMs', 'latencyMs']);
  return {
    device: device.absent ? '' : device.text(200),
    bufferMs: whole(bufferMs, 60, 2000, 800),
    latencyMs: whole(latencyMs, 0, 2000, 60),
  };
}

function readPicture(value: SettingsValue): KioskPicture {
  const fields = value.fields([
    'page',
    'screen',
    'rtmp',
    'width',
    'height',
    'fps',
    'background',
    'subtitles',
    'logo',
    'transparent',
  ]);
  const even = (field: SettingsValue, fallback: number): number => {
    const size = whole(field, 64, 4096, fallback);
    if (size % 2 !== 0) throw field.not('an even number of 64 to 4096');
    return size;
  };
  const page = fields.page.absent || fields.page.flag();
  return {
    page,
    screen: readScreen(fields.screen, page),
    rtmp: fields.rtmp.flag(),
    width: even(fields.width, 1280),
    height: even(fields.height, 720),
    fps: whole(fields.fps, 5, 120, 25),
    background: textOr(fields.background, 'studio'),
    subtitles: fields.subtitles.flag(),
    logo: fields.logo.absent ? undefined : fields.logo.text(1000),
    transparent: fields.transparent.absent ? undefined : transparencyOf(fields.transparent),
  };
}

function readScreen(value: SettingsValue, page: boolean): KioskScreen | undefined {
  if (value.absent || value.value === false) return undefined;
  if (!page) throw value.not('false while page is false: it shows the page');
  if (value.value === true) return { browser: undefined, arguments: [] };
  if (typeof value.value !== 'object') throw value.not('true, false, or an object with browser, arguments');
  const { browser, arguments: words } = value.fields(['browser', 'arguments']);
  return {
    browser: browser.absent ? undefined : browser.text(1000),
    arguments: words.list(50).map((word) => {
      if (!word.text(1000).startsWith('--')) throw word.not('an argument that begins with --');
      return word.text(1000);
    }),
  };
}

function transparencyOf(value: SettingsValue): Transparency {
  try {
    return readTransparency(value.text(100));
  } catch (thrown) {
    if (thrown instanceof FacewireError && thrown.code === 'ERR_OPTION_INVALID')
      throw value.not("key-and-fill, '#rgb' or '#rrggbb'");
    throw thrown;
  }
}

function orEmpty(value: SettingsValue): SettingsValue {
  if (!value.absent) return value;
  return new SettingsValue({}, value.path, value.fault);
}

function textOr(value: SettingsValue, fallback: string): string {
  return value.absent ? fallback : value.text(1000);
}

function whole(value: SettingsValue, low: number, high: number, fallback: number): number {
  const number = value.number(low, high, fallback);
  if (!Number.isInteger(number)) throw value.not(`a whole number of ${low} to ${high}`);
  return number;
}
