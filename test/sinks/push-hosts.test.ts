import { describe, expect, it } from 'vitest';

import { PushHosts } from '../../src/sinks/rtmp/push-hosts.js';
import { parseRtmpUrl } from '../../src/sinks/rtmp/url.js';

const names: Record<string, readonly string[]> = {
  'push.example.com': ['8.8.8.8', '2606:4700::1111'],
  'inside.example.com': ['10.1.2.3'],
  'trap.example.com': ['8.8.8.8', '127.0.0.1'],
  'mapped.example.com': ['::ffff:127.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
};
const resolve = (host: string): Promise<readonly string[]> => {
  const found = names[host.replace(/\.$/, '')];
  return found === undefined
    ? Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
    : Promise.resolve(found);
};

/** The address that a push to `host` goes to, or the code of its refusal. */
async function reach(entries: readonly string[], host: string): Promise<string> {
  const hosts = new PushHosts(entries, 'pushHosts', resolve);
  return hosts.pick(parseRtmpUrl(`rtmp://${host}/live/CanaryKey`)).catch((thrown: unknown) => {
    expect(JSON.stringify(thrown) + String(thrown)).not.toContain('Canary');
    return String((thrown as { code?: unknown }).code);
  });
}

describe('PushHosts', () => {
  const inside = [
    ...['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0177.0.0.1', '0.0.0.0', '10.0.0.1', '172.16.0.1'],
    ...['172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '198.18.0.1', '192.0.2.1'],
    ...['203.0.113.9', '224.0.0.1', '255.255.255.255', '[::1]', '[::]', '[fe80::1]', '[fc00::1]'],
    ...['[fd00:ec2::254]', '[ff02::1]', '[::ffff:127.0.0.1]', '[::ffff:10.0.0.1]', '[::ffff:7f00:1]'],
    ...['[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001:db8::1]', '[2001:0:1::1]', '[::127.0.0.1]'],
    ...['localhost', 'localhost.', 'inside.example.com', 'trap.example.com', 'mapped.example.com'],
    // Other things than ingests listen here.
    ...['8.8.8.8:22', 'push.example.com:25', 'push.example.com:1'],
  ];
  it.each(inside)('keeps strangers from %s', async (host) => {
    expect(await reach(['public'], host)).toBe('ERR_RTMP_FORBIDDEN');
    expect(await reach([], host)).toBe('ERR_RTMP_FORBIDDEN');
  });

  it('lets them reach the internet, at the address that was judged', async () => {
    expect(await reach(['public'], 'push.example.com')).toBe('8.8.8.8');
    expect(await reach(['public'], 'push.example.com:443')).toBe('8.8.8.8');
    expect(await reach(['public'], '[2606:4700::1111]')).toBe('2606:4700::1111');
    expect(await reach([], 'push.example.com')).toBe('ERR_RTMP_FORBIDDEN');
    expect(await reach(['public'], 'nowhere.example.com')).toBe('ERR_RTMP_CONNECT');
  });

  it.each([
    [['loopback'], '127.0.0.1:22000', '127.0.0.1'],
    [['loopback'], 'localhost', '127.0.0.1'],
    [['loopback'], '[::1]', '::1'],
    [['loopback'], '10.0.0.1', 'ERR_RTMP_FORBIDDEN'],
    [['10.0.0.0/8'], 'inside.example.com', '10.1.2.3'],
    [['10.1.2.3'], 'inside.example.com', '10.1.2.3'],
    [['10.1.2.4'], 'inside.example.com', 'ERR_RTMP_FORBIDDEN'],
    [['inside.example.com'], 'inside.example.com', '10.1.2.3'],
    [['inside.example.com'], 'INSIDE.example.com.', '10.1.2.3'],
    [['*.example.com'], 'inside.example.com', '10.1.2.3'],
    [['*.example.com'], 'example.org', 'ERR_RTMP_CONNECT'],
    [['example.com'], 'inside.example.com', 'ERR_RTMP_FORBIDDEN'],
    [['inside.example.com:1936'], 'inside.example.com', 'ERR_RTMP_FORBIDDEN'],
    [['inside.example.com:1936'], 'inside.example.com:1936', '10.1.2.3'],
    [['inside.example.com'], 'inside.example.com:22', 'ERR_RTMP_FORBIDDEN'],
    [['inside.example.com:22'], 'inside.example.com:22', '10.1.2.3'],
    [['fd00::/8'], '[fd12::1]', 'fd12::1'],
    [['[fd12::1]:1935'], '[fd12::1]', 'fd12::1'],
    [['[fd12::1]:1935'], '[fd12::1]:1936', 'ERR_RTMP_FORBIDDEN'],
    [['::1'], '[::1]', '::1'],
    [['public', 'loopback'], '127.0.0.1', '127.0.0.1'],
  ])('allows %j to reach %s: %s', async (entries, host, expected) => {
    expect(await reach(entries, host)).toBe(expected);
  });

  it('looks a name up again for each connection', async () => {
    const answers = [['8.8.8.8'], ['127.0.0.1']];
    const hosts = new PushHosts(['public'], 'pushHosts', () => Promise.resolve(answers.shift() ?? []));
    const target = parseRtmpUrl('rtmp://rebinding.example.com/live/x');
    expect(await hosts.pick(target)).toBe('8.8.8.8');
    await expect(hosts.pick(target)).rejects.toMatchObject({ code: 'ERR_RTMP_FORBIDDEN' });
    await expect(hosts.pick(target)).rejects.toMatchObject({ code: 'ERR_RTMP_CONNECT' });
  });

  it('names the setting in its refusal, and not where the name leads', async () => {
    const hosts = new PushHosts(['public'], 'interactive.pushHosts', resolve);
    const refusal: unknown = await hosts
      .pick(parseRtmpUrl('rtmp://inside.example.com/live/x'))
      .catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ remedy: expect.stringContaining('interactive.pushHosts') as string });
    expect(JSON.stringify(refusal) + String(refusal)).not.toContain('10.1.2.3');
  });

  it.each(['', ':1935', 'a b', 'h:0', 'h:65536', '10.0.0.0/33', '*', 'http://h', 'a..b', '-x/8', '[::1'])(
    'refuses the entry %j',
    (entry) => {
      expect(() => new PushHosts([entry], 'pushHosts')).toThrow(/pushHosts has an entry that is none/);
    },
  );
});
