import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RestClient, type InteractiveSessionOptions } from '../../src/driver/interactive/index.js';
import { readCreation, readSettings } from '../../src/driver/interactive/session-options.js';
import type { FacewireError } from '../../src/errors.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8');

interface Row {
  readonly default: string;
  readonly allowed: string;
}

/** The rows of the table whose first cell is `head`, under a heading; each name with its row. */
function rowsOf(heading: string, head: string): Map<string, Row> {
  const from = page.indexOf(heading);
  const table = page.slice(page.indexOf(`\n| ${head} |`, from) + 1);
  const rows = new Map<string, Row>();
  for (const line of table.slice(0, table.indexOf('\n\n')).split('\n').slice(2)) {
    const [, names, fallback, allowed] = line.split('|').map((cell) => cell.trim());
    for (const [, name] of names.matchAll(/`(\w+)`/g)) rows.set(name, { default: fallback, allowed });
  }
  return rows;
}

/** The members of an interface, as its source has them, without those of what it extends. */
function membersOf(file: string, name: string): string[] {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  return [...(body ?? '').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member);
}

const interactive = '## Interactive sessions, client';
const endpoint = '### Options of `EndpointDriver`';

describe('the tables of docs/protocol.md', () => {
  it.each([
    [interactive, 'option', 'driver/interactive/session-options.ts', 'InteractiveSessionOptions'],
    [interactive, 'option', 'driver/interactive/rest-client.ts', 'RestClientOptions'],
    [interactive, 'member of `timeouts`', 'driver/interactive/session-options.ts', 'SessionTimes'],
    [interactive, 'member of `timeouts`', 'driver/interactive/channel.ts', 'ChannelTimes'],
    [interactive, 'member of `timeouts`', 'driver/interactive/drive-link.ts', 'InteractiveTimes'],
    [interactive, 'member of `output`', 'wire/interactive/session-types.ts', 'SessionOutput'],
    [interactive, 'member of `speech`', 'wire/interactive/session-types.ts', 'SessionSpeech'],
    [endpoint, 'member of `speech`', 'wire/request.ts', 'SpeechSettings'],
  ])('%s, %s: have a row with default and range for every member of %s %s', (heading, head, file, name) => {
    const members = membersOf(file, name);
    expect(members.length).toBeGreaterThan(1);
    const rows = rowsOf(heading, head);
    for (const member of members) {
      expect(rows.get(member)?.default, `default of ${member}`).toMatch(/\w/);
      expect(rows.get(member)?.allowed, `range of ${member}`).toMatch(/\w/);
    }
  });

  it.each([
    ['output', 'SessionOutput'],
    ['speech', 'SessionSpeech'],
  ])('have no member of `%s` that is none', (head, name) => {
    const told = [...rowsOf(interactive, `member of \`${head}\``).keys()];
    expect(told.sort()).toEqual(membersOf('wire/interactive/session-types.ts', name).sort());
  });
});

const options: InteractiveSessionOptions = {
  url: 'http://127.0.0.1',
  appkey: 'app',
  accessToken: 'token',
  userId: 'user',
  assetKey: 'asset',
};
/** Everything that is checked before anything is sent. */
const check = (more: object): ReturnType<typeof readSettings> => {
  const all = { ...options, ...more };
  readCreation(all);
  new RestClient(all);
  return readSettings(all);
};
const number = (text: string): number => Number(text.replaceAll(/\s/g, ''));
const range = /^(-?[\d ]+?) to ([\d ]*\d)/;

/** Every member whose range is two whole numbers. */
const ranged = (['option', 'member of `output`', 'member of `speech`'] as const).flatMap((head) =>
  [...rowsOf(interactive, head)].flatMap(([name, { allowed }]) => {
    const [, low, high] = range.exec(allowed) ?? [];
    const group = /`(\w+)`/.exec(head)?.[1];
    return low === undefined || name === 'timeouts'
      ? []
      : [[group, name, number(low), number(high)] as const];
  }),
);

describe('the ranges of docs/protocol.md', () => {
  it('are found', () => {
    expect(ranged.length).toBeGreaterThanOrEqual(14);
  });

  it.each(ranged)('%s %s: %i to %i, and no more', (group, name, low, high) => {
    const given = (value: number): object =>
      group === undefined ? { [name]: value } : { [group]: { [name]: value } };
    for (const value of [low, high]) check(given(value));
    for (const value of [low - 1, high + 1]) {
      let thrown: unknown;
      try {
        check(given(value));
      } catch (error) {
        thrown = error;
      }
      expect(['ERR_OPTION_INVALID', 'ERR_WIRE_LIMIT'], `${name}: ${value}`).toContain(
        (thrown as FacewireError | undefined)?.code,
      );
      expect((thrown as FacewireError).message).toContain(name);
    }
  });

  it('and defaults are those of the code', () => {
    const rows = rowsOf(interactive, 'option');
    const settings = check({}) as unknown as Record<string, unknown>;
    const numbers = Object.entries(settings).filter(([, value]) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThanOrEqual(7);
    for (const [name, value] of numbers) expect(number(rows.get(name)!.default), name).toBe(value);
    expect(rows.get('driver')!.default).toBe(`\`${settings['driver'] as string}\``);
  });

  it('hold for what is not a number', () => {
    for (const bad of [
      { output: { pushUrl: 'http://host/app/stream' } },
      { output: { pushUrl: `rtmp://host/app/${'x'.repeat(2048)}` } },
      { output: { trtcExternalApp: true, trtcAppId: '1', trtcUserSignature: 's', trtcPrivateKey: 'k' } },
      { output: { trtcAutoRoom: 'both' } },
      { protocol: 'hls' },
      { driver: 'video' },
      { userId: '' },
      { sessionId: '' },
      { alphaChannel: 1 },
      { backgrounds: [{}, {}, {}], foregrounds: [{}, {}, {}] },
      { projectId: 'project' },
      { assetKey: undefined, projectId: 'project', speech: { volumeDb: 1 } },
      { timeouts: { pollMs: 0 } },
      { timeouts: { pollMs: 2_147_483_648 } },
    ])
      expect(() => check(bad), JSON.stringify(bad)).toThrow(
        expect.objectContaining({ name: 'FacewireError' }) as Error,
      );
  });
});
