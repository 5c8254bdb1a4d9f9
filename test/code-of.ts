import { expect } from 'vitest';
import { FacewireError, type ErrorCode } from '../src/errors.js';

/** The `code` of what `run` throws, or 'none' when it throws nothing. */
export function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return (thrown as { code?: unknown }).code;
  }
  return 'none';
}

/** The same of our own error, which must be one and say what to do. */
export function typedCodeOf(run: () => unknown): ErrorCode | 'none' {
  try {
    run();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(FacewireError);
    const error = thrown as FacewireError;
    expect(error.remedy.length).toBeGreaterThan(0);
    return error.code;
  }
  return 'none';
}
