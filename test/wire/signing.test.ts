import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sign, signedQuery, stringToSign, verifyQuery } from '../../src/wire/index.js';

const key = 'example_accesstoken';

// Vectors 1 to 3 are printed in the vendor's documents; 4 was computed with OpenSSL.
const vectors = [
  [
    key,
    { appkey: 'example_appkey', timestamp: '1717639699' },
    'aCNWYzZdplxWVo+JsqzZc9+J9XrwWWITfX3eQpsLVno=',
  ],
  [
    key,
    { timestamp: '1717639699', appkey: 'example_appkey', requestid: 'example_requestid' },
    'QVenICk0VHtHGYZKXM6IC+W1CjZC1joSr/x0gfKKYT4=',
  ],
  [
    'f68f2d10ae9e4604b76fb05cf46bccec',
    { appkey: 'e38267c0e86411ebb02aed82acb0ed99', timestamp: '1646636485' },
    'BfWuaC9kmaicCggXc693uK+sZQ8qe88O4HVQNTdwZuo=',
  ],
  [
    key,
    { appkey: 'example_appkey', requestid: 'example_requestid', Language: 'en-US', timestamp: '1717639699' },
    '1/X1MuLA0GHwWPPRnUn2lbrFfb93QnbZiwZ2agrlnNA=',
  ],
] as const;

describe('sign', () => {
  it.each(vectors)('reproduces the documented signature %#', (token, parameters, signature) => {
    expect(sign(token, stringToSign(parameters))).toBe(signature);
  });
});

describe('signedQuery', () => {
  it('sorts by bytes and encodes every reserved character of the base64', () => {
    expect(
      signedQuery({
        appkey: 'example_appkey',
        accessToken: key,
        timestampSeconds: 1717639699,
        requestId: 'example_requestid',
        language: 'en-US',
      }),
    ).toBe(
      'Language=en-US&appkey=example_appkey&requestid=example_requestid&timestamp=1717639699' +
        '&signature=1%2FX1MuLA0GHwWPPRnUn2lbrFfb93QnbZiwZ2agrlnNA%3D',
    );
  });

  it('refuses a value outside the safe set without showing it', () => {
    const run = (): string => signedQuery({ appkey: 'my secret!', accessToken: key, timestampSeconds: 1 });
    expect(run).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }));
    try {
      run();
    } catch (error) {
      expect(inspect(error)).not.toContain('my secret!');
    }
  });
});

describe('verifyQuery', () => {
  const tokenOf = (appkey: string): string | undefined => (appkey === 'app' ? key : undefined);
  const query = (seconds = 1000, token = key, appkey = 'app'): string =>
    signedQuery({ appkey, accessToken: token, timestampSeconds: seconds, requestId: 'r1' });
  const reason = (text: string, now = 1000): string => {
    const verdict = verifyQuery(text, tokenOf, now);
    return verdict.ok ? 'ok' : verdict.reason;
  };

  it('accepts a right signature and tells what it said', () => {
    expect(verifyQuery(query(), tokenOf, 1000)).toEqual({
      ok: true,
      appkey: 'app',
      timestampSeconds: 1000,
      signature: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as string,
      requestId: 'r1',
      language: undefined,
    });
  });
  it.each([-300, 300])('accepts a clock %i s away', (skew) => expect(reason(query(1000 + skew))).toBe('ok'));
  it.each([-301, 301])('tells a clock %i s away', (skew) => {
    expect(verifyQuery(query(1000 + skew), tokenOf, 1000)).toMatchObject({
      reason: 'skew',
      skewSeconds: skew,
    });
  });
  it('tells an unknown key', () => expect(reason(query(1000, key, 'other'))).toBe('bad-key'));
  it('tells a wrong token', () => expect(reason(query(1000, 'wrong'))).toBe('bad-signature'));
  it('tells a wrong token before a wrong clock', () =>
    expect(reason(query(1, 'wrong'))).toBe('bad-signature'));
  it('tells a parameter that was added after signing', () =>
    expect(reason(`${query()}&Language=en-US`)).toBe('bad-signature'));
  it('tells a plus that was not encoded', () => {
    // Vector 1 has one.
    const raw =
      'appkey=example_appkey&timestamp=1717639699&signature=aCNWYzZdplxWVo+JsqzZc9+J9XrwWWITfX3eQpsLVno%3D';
    const verdict = verifyQuery(raw, () => key, 1717639699);
    expect(verdict).toMatchObject({
      reason: 'bad-signature',
      message: expect.stringContaining('%2B') as string,
    });
  });
  it('accepts a signature over form-encoded values, as browsers make it', () => {
    const signature = encodeURIComponent(sign(key, 'appkey=app&requestid=a%3Ab&timestamp=1000'));
    expect(reason(`appkey=app&requestid=a%3Ab&timestamp=1000&signature=${signature}`)).toBe('ok');
  });
  it.each([
    '',
    'appkey',
    '=x',
    'appkey=app&timestamp=1000',
    'appkey=app&timestamp=soon&signature=x',
    'appkey=%zz&timestamp=1000&signature=x',
    'appkey=app&appkey=app&timestamp=1000&signature=x',
    `appkey=${'a'.repeat(5000)}`,
  ])('refuses %j as malformed', (text) => expect(reason(text)).toBe('malformed'));
});
