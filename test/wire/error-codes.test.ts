import { describe, expect, it } from 'vitest';
import { classifyRemoteCode, classifySessionCode } from '../../src/wire/index.js';

describe('classifySessionCode', () => {
  it.each([
    [-101000, 'retry', 'ERR_CLOUD_UNAVAILABLE'],
    [-101001, 'retry-later', 'ERR_CLOUD_UNAVAILABLE'],
    [-101002, 'fail', 'ERR_SESSION_FAILED'],
    [-111001, 'retry-once', 'ERR_CLOUD_UNAVAILABLE'],
    [-111002, 'recreate', 'ERR_CLOUD_UNAVAILABLE'],
    [-111003, 'fail', 'ERR_SESSION_FAILED'],
    [-111004, 'recreate', 'ERR_SESSION_FAILED'],
    [-111005, 'fail-drive', 'ERR_DRIVE_FAILED'],
    [100001, 'fail', 'ERR_REQUEST_REFUSED'],
    [100005, 'fail', 'ERR_AUTH_REJECTED'],
    [100008, 'wait', 'ERR_QUOTA_EXCEEDED'],
    [100012, 'slow-down', 'ERR_RATE_LIMITED'],
    [100014, 'fail', 'ERR_QUOTA_EXCEEDED'],
    [100015, 'fail', 'ERR_QUOTA_EXCEEDED'],
    [110013, 'stop', 'ERR_SESSION_CLOSED'],
    [110014, 'restart', 'ERR_SESSION_NOT_READY'],
    [110015, 'wait-until-over', 'ERR_WRONG_MOMENT'],
    [110016, 'start', 'ERR_SESSION_NOT_STARTED'],
    [110018, 'recreate', 'ERR_SESSION_UNKNOWN'],
    [110021, 'fail', 'ERR_QUOTA_EXCEEDED'],
    [110022, 'stop', 'ERR_SESSION_REPLACED'],
    [-999999, 'retry', 'ERR_CLOUD_UNAVAILABLE'],
    [999999, 'fail', 'ERR_REQUEST_REFUSED'],
  ])('%i: %s, %s', (code, reaction, error) => {
    expect(classifySessionCode(code)).toMatchObject({ reaction, code: error });
  });

  it('takes no name of an object for a code', () => {
    expect(classifySessionCode('constructor' as never).meaning).toContain('not in the table');
  });
});

describe('classifyRemoteCode', () => {
  it('keeps one code for every failure of a drive but the key', () => {
    expect(classifyRemoteCode(100005).code).toBe('ERR_AUTH_REJECTED');
    expect(classifyRemoteCode(100014)).toMatchObject({ code: 'ERR_DRIVE_FAILED', transient: false });
    expect(classifyRemoteCode(-101000)).toMatchObject({ code: 'ERR_DRIVE_FAILED', transient: true });
  });
});
