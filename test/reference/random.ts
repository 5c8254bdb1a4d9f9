export { Random } from '../../src/score/random.js';
