import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultSessionTimes } from '../../src/driver/interactive/session-options.js';
import { defaultTimes } from '../../src/driver/options.js';
import { optionsOf, root } from './source-options.js';

const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8');

const section = (heading: string): string => {
  const from = page.indexOf(heading);
  return page.slice(from, page.indexOf('\n## ', from + heading.length));
};

describe('docs/protocol.md', () => {
  it.each([
    ['### Options of `EndpointDriver`', 'driver/options.ts', 'EndpointDriverOptions'],
    ['### Options of `EndpointDriver`', 'driver/options.ts', 'DriveOptions'],
    ['### Options of `EndpointDriver`', 'driver/options.ts', 'TextDriveOptions'],
    ['## Interactive sessions, client', 'driver/interactive/session-options.ts', 'InteractiveSessionOptions'],
    ['## Interactive sessions, client', 'driver/interactive/rest-client.ts', 'RestClientOptions'],
    ['## Interactive sessions, client', 'driver/interactive/session-types.ts', 'UtteranceOptions'],
    ['## Interactive sessions, client', 'driver/interactive/session-types.ts', 'SpeakOptions'],
    ['## Interactive sessions, client', 'driver/interactive/session-types.ts', 'ChatOptions'],
    ['## Interactive sessions, client', 'driver/interactive/session-types.ts', 'StreamOptions'],
    ['## Interactive sessions, client', 'driver/interactive/session-types.ts', 'PlayOptions'],
    ['### Options: `interactive`', 'server/interactive/options.ts', 'InteractiveOptions'],
    ['### Options: `interactive`', 'server/interactive/face-stage.ts', 'PictureOptions'],
    ['## Endpoint rendering, server', 'server/local-cloud.ts', 'LocalCloudOptions'],
    ['## Endpoint rendering, server', 'server/outbox-limits.ts', 'OutboxLimits'],
    ['## Endpoint rendering, server', 'server/message-rate.ts', 'MessageRateLimits'],
  ])('%s names every option of %s %s', (heading, file, name) => {
    const options = optionsOf(file, name);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter((option) => !section(heading).includes(`\`${option}\``))).toEqual([]);
  });

  it.each([
    ['### Options of `EndpointDriver`', defaultTimes],
    ['## Interactive sessions, client', defaultSessionTimes],
  ])('%s has the waits as they are', (heading, times) => {
    const rows = section(heading)
      .split('\n')
      .filter((line) => /^\| .*`\w+Ms`/.test(line))
      .map((line) => line.split('|'));
    const told: Record<string, number> = {};
    for (const [, names, values] of rows) {
      const numbers = values.split(',').map((value) => Number(value.replaceAll(/\s/g, '')));
      [...names.matchAll(/`(\w+Ms)`/g)].forEach(([, name], index) => (told[name] = numbers[index]));
    }
    for (const [name, value] of Object.entries(times)) expect(told[name], name).toBe(value);
  });
});
