#!/usr/bin/env node
import { CommanderError } from 'commander';

import { FacewireError } from '../errors.js';
import { exitCode, Output } from './output.js';
import { makeProgram } from './program.js';

// A reader that has seen enough (| head) closes the pipe; that is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = exitCode.failed;
  });
}

const output = new Output(process.argv.includes('--json'));

// Nothing should get here; if it does, the reader gets the same kind of answer, and children end with us.
process.on('uncaughtException', (error) => {
  output.failure(error);
  process.exit();
});

try {
  await makeProgram(output).parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) output.failure(thrown);
  else if (thrown.exitCode !== 0) output.failure(usageError(thrown));
}

// Everything has been closed by now; whatever still keeps the process alive must not keep the user waiting.
setTimeout(() => process.exit(), 3000).unref();

function usageError({ code, message }: CommanderError): FacewireError {
  const what = code === 'commander.help' ? 'no command was given' : message.replace(/^error: /, '');
  const [command] = process.argv
    .slice(2)
    .filter((word) => /^(say|session|record|replay|serve|verify|plot|doctor|demo)$/.test(word));
  return new FacewireError('ERR_OPTION_INVALID', what, {
    remedy: `Run: npx facewire ${command === undefined ? '' : `${command} `}--help`,
  });
}
