import { describe, expect, it } from 'vitest';

import { signCssPushUrl } from '../../src/sinks/rtmp/css-url.js';
import { parseRtmpUrl } from '../../src/sinks/rtmp/url.js';

// The worked example of document 267/31560.
const example = {
  domain: 'livepush.tcloud.com',
  stream: 'test',
  key: 'e12c46f2612d5106e2034781ab261ca3',
  expires: 0x5c271099,
};

describe('signCssPushUrl', () => {
  it('signs as the documented example does', () => {
    const url =
      'rtmp://livepush.tcloud.com/live/test?txSecret=f85a2ab363fe4deaffef9754d79da6fe&txTime=5C271099';
    expect(signCssPushUrl(example)).toBe(url);
    expect(signCssPushUrl({ ...example, expires: new Date(0x5c271099 * 1000 + 999) })).toBe(url);
    expect(parseRtmpUrl(url).shown).toBe('rtmp://livepush.tcloud.com/live/***');
  });

  it('takes another app, a port and rtmps', () => {
    expect(signCssPushUrl({ ...example, app: 'face', domain: 'h:8443', tls: true })).toBe(
      'rtmps://h:8443/face/test?txSecret=f85a2ab363fe4deaffef9754d79da6fe&txTime=5C271099',
    );
  });

  it.each([
    [{ expires: -1 }, 'ERR_OPTION_INVALID'],
    [{ expires: 1.5 }, 'ERR_OPTION_INVALID'],
    [{ expires: new Date(NaN) }, 'ERR_OPTION_INVALID'],
    [{ expires: Date.now() }, 'ERR_OPTION_INVALID'],
    [{ stream: 'a/b' }, 'ERR_OPTION_INVALID'],
    [{ stream: 'a?b=c' }, 'ERR_OPTION_INVALID'],
    [{ stream: '' }, 'ERR_OPTION_INVALID'],
    [{ key: '' }, 'ERR_OPTION_INVALID'],
    [{ domain: 'h/x@' }, 'ERR_OPTION_INVALID'],
    [{ domain: 'user@h' }, 'ERR_RTMP_URL'],
    [{ app: '..' }, 'ERR_RTMP_URL'],
    [{ app: '' }, 'ERR_RTMP_URL'],
  ])('refuses %j', (change, code) => {
    expect(() => signCssPushUrl({ ...example, ...change })).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });
});
