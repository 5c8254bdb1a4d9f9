/** The `code` of what `run` throws, or 'none' when it throws nothing. */
export function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return (thrown as { code?: unknown }).code;
  }
  return 'none';
}
