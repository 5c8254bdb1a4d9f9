import type { FacewireError } from '../../errors.js';
import { Recorder } from '../../record/recorder.js';
import { restUrl } from '../../wire/index.js';
import type { InteractiveSessionOptions } from './session-options.js';

/** The recorder that the options ask for. Throws ERR_OUTPUT_UNWRITABLE. */
export function sessionRecorder(
  options: InteractiveSessionOptions,
  onStop: (why: FacewireError) => void,
): Recorder | undefined {
  const { record, url, appkey, accessToken, output } = options;
  if (record === undefined) return undefined;
  const { protocol, host } = restUrl(url, 'stat');
  const secrets = [
    appkey,
    accessToken,
    output?.pushUrl,
    output?.trtcUserSignature,
    output?.trtcPrivateKey,
  ].filter((secret) => secret !== undefined);
  return new Recorder(
    typeof record === 'string' ? { path: record } : record,
    { cloud: `${protocol}//${host}`, secrets, session: 'interactive' },
    onStop,
  );
}

/** The options of a session that must not write over the recording of these. */
export function withoutRecording(options: InteractiveSessionOptions): InteractiveSessionOptions {
  const { record, ...others } = options;
  return record === undefined ? options : others;
}
