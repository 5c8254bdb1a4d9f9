// Rewrites docs/errors.md from the compiled error table: node test/write-errors.mjs
import { writeFileSync } from 'node:fs';
import { errorTable } from '../dist/errors.js';

const head = `# Errors

Every error that leaves Facewire is a \`FacewireError\` with a \`code\` from this list, a \`message\` that says what
happened, where known what was \`expected\` and \`received\`, and a \`remedy\`. The command line prints the same and exits
with 1 (2 for wrong usage).
`;
const body = Object.entries(errorTable).map(
  ([code, { summary, remedy }]) => `\n## ${code}\n\n${summary}\n\nWhat to do: ${remedy}\n`,
);
writeFileSync(new URL('../docs/errors.md', import.meta.url), head + body.join(''));
