import { toFacewireError } from '../../errors.js';
import { sessionCode, type Refusal } from './codes.js';

const faultsOfCaller: readonly string[] = [
  'ERR_VOICE_UNSPEAKABLE',
  'ERR_OPTION_INVALID',
  'ERR_TEXT_INVALID',
  'ERR_WIRE_LIMIT',
  'ERR_RTMP_URL',
  'ERR_RTMP_FORBIDDEN',
];

/** What a client is told of a failure: our code, the sentence and the remedy. */
export function describeFailure(thrown: unknown, code: number = sessionCode.driveFailed): Refusal {
  const error = toFacewireError(thrown);
  // What nobody foresaw may hold paths of this machine.
  if (error.code === 'ERR_INTERNAL') return { code, message: 'ERR_INTERNAL: the server failed' };
  const wanted = error.expected === undefined ? '' : ` (expected ${error.expected})`;
  return {
    code: faultsOfCaller.includes(error.code) ? sessionCode.badParameter : code,
    message: `${error.code}: ${error.message}${wanted}. What to do: ${error.remedy}`,
  };
}
