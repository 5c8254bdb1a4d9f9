// node compare-digests.mjs HERE THERE: files with what test/media/digest.mjs printed on two
// machines. Weights must agree bit for bit, samples within the tolerance of the
// filters (kFilterTolerance of kernel_table.h, times the magnitudes of a row of a sinc).
import { readFileSync } from 'node:fs';

const [here, there] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const worst = Math.max(...here.some.map((sample, i) => Math.abs(sample - there.some[i])));
const good = here.weights === there.weights && here.some.length === there.some.length && worst <= 5 / 2 ** 20;
console.log(`${here.kernels} and ${there.kernels}: ${good ? 'agree' : 'DISAGREE'}, samples ${worst} apart`);
process.exitCode = good ? 0 : 1;
