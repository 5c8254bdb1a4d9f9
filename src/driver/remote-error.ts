import { errorTable, FacewireError, type ErrorCode } from '../errors.js';
import { classifyRemoteCode } from '../wire/index.js';

/** Our own server writes `CODE: sentence. What to do: remedy`. */
const ownCode = /^(ERR_[A-Z0-9_]+): /;

/** Codes of a server that say the same at the client; any other is the server's own affair. */
const shared: readonly ErrorCode[] = [
  'ERR_VOICE_UNSPEAKABLE',
  'ERR_VOICE_UNAVAILABLE',
  'ERR_VOICE_FAILED',
  'ERR_WIRE_LIMIT',
  'ERR_OPTION_INVALID',
];

/**
 * The error for a failure frame. Our own server's code is taken over, so that a
 * text that cannot be spoken says so; everything else is ERR_DRIVE_FAILED or
 * what the table of remote codes says.
 *
 * @param said the cloud's message, without secrets.
 */
export function remoteError(remoteCode: number, said: string): FacewireError {
  const own = ownCode.exec(said);
  const code = shared.find((candidate) => candidate === own?.[1]);
  if (own !== null && code !== undefined) {
    const [sentence, remedy] = said.slice(own[0].length).split(' What to do: ');
    return new FacewireError(code, sentence.replace(/\.$/, ''), {
      remoteCode,
      remedy: remedy ?? errorTable[code].remedy,
    });
  }
  const remote = classifyRemoteCode(remoteCode);
  const message = `the cloud answered code ${remoteCode} (${remote.meaning})${said === '' ? '' : `: ${said}`}`;
  return new FacewireError(remote.code, message, {
    expected: 'code 0',
    received: `code ${remoteCode}`,
    remoteCode,
    ...(remote.transient && { remedy: 'The cause may pass: start the drive again a little later.' }),
  });
}
