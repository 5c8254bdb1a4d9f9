import { errorTable, FacewireError, toFacewireError, type ErrorCode } from '../errors.js';

/** An error of the addon carries code, expected and received as plain properties. */
export function coded(thrown: unknown): FacewireError {
  if (!(thrown instanceof Error) || thrown instanceof FacewireError) return toFacewireError(thrown);
  const { code, expected, received } = thrown as Error & {
    code?: unknown;
    expected?: unknown;
    received?: unknown;
  };
  if (typeof code !== 'string' || !(code in errorTable)) return toFacewireError(thrown);
  return new FacewireError(code as ErrorCode, thrown.message, {
    ...(typeof expected === 'string' && { expected }),
    ...(typeof received === 'string' && { received }),
    cause: thrown,
  });
}
