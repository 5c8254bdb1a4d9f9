import { readFile } from 'node:fs/promises';

import {
  InteractiveSession,
  type InteractiveDrive,
  type InteractiveEvent,
} from '../driver/interactive/index.js';
import { FacewireError, toFacewireError } from '../errors.js';
import { startLocalCloud, type LocalCloud } from '../server/local-cloud.js';
import { cloudOf, type CloudOptions } from './cloud.js';
import type { Output } from './output.js';
import { stagePicture, tryPicture, type PictureOptions } from './picture-options.js';
import { readSecrets } from './secrets.js';
import { stopped, type StopSignal } from './stop-signal.js';

export interface SessionOptions extends CloudOptions, PictureOptions {
  readonly user: string;
  readonly chat?: boolean;
  readonly sound?: string;
  readonly record?: string;
  readonly secrets?: string;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
}

interface Said {
  readonly kind: string;
  readonly requestId: string;
  readonly statuses: readonly string[];
  readonly answer?: string;
  readonly error?: string;
}

/** Opens an interactive session, has it say what was given, and closes it in every case. */
export async function session(
  texts: readonly string[],
  options: SessionOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  if (texts.length === 0 && options.sound === undefined) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is nothing to say', {
      expected: 'texts, or --sound FILE',
      received: 'neither',
    });
  }
  const connection = cloudOf(options, await readSecrets(options.secrets));
  const picture = stagePicture(options, output);
  if (connection !== undefined && Object.keys(picture).length > 0) {
    throw new FacewireError('ERR_OPTION_INVALID', 'the pictures of another cloud are made there', {
      expected: '--subtitles, --logo, --transparent and --renderer without --cloud',
      received: 'one of them, and --cloud',
    });
  }
  await tryPicture(picture, options.size);
  const sound = options.sound === undefined ? undefined : await readSound(options.sound);
  let local: LocalCloud | undefined;
  let open: InteractiveSession | undefined;
  const said: Said[] = [];
  let failure: unknown;
  try {
    if (connection === undefined) {
      local = await startLocalCloud({
        interactive: { picture: { ...options.size, frameRate: options.fps, ...picture } },
      });
    }
    const { url, appkey, accessToken, projectId } = connection ?? (local as LocalCloud).connection;
    open = await InteractiveSession.open({
      url,
      appkey,
      accessToken,
      projectId,
      userId: options.user,
      driver: sound === undefined ? 'text' : 'audio',
      signal: stop.signal,
      ...(local !== undefined && { timeouts: { pollMs: 100 } }),
      ...(options.record !== undefined && { record: options.record }),
    });
    open.on('warning', (_code, message) => output.warn(message));
    output.progress(`session ${open.sessionId} is open${watch(open.playAddress)}`);
    for (const text of texts) {
      const drive = options.chat === true ? open.chat(text) : open.speak(text);
      said.push(await follow(drive, output));
    }
    if (sound !== undefined) said.push(await follow(open.playAudio(sound), output));
    stop.check();
  } catch (thrown) {
    failure = stop.isStopped ? stopped() : thrown;
  }
  try {
    await open?.close();
  } catch (thrown) {
    failure ??= thrown;
  }
  await local?.close();
  const json = {
    sessionId: open?.sessionId,
    drives: said,
    ...(options.record !== undefined && { recording: options.record }),
  };
  if (failure !== undefined) return output.failure(failure, said.length > 0 ? json : {});
  const lines = said.map(({ kind, statuses, answer, error }) =>
    [`${kind}: ${error ?? statuses.at(-1) ?? ''}`, ...(answer === undefined ? [] : [answer])].join('  '),
  );
  output.result([...lines, ...(options.record === undefined ? [] : [`Recorded in ${options.record}`])], json);
}

/** Reads a drive to its end. One that fails ends the command. */
async function follow(drive: InteractiveDrive, output: Output): Promise<Said> {
  const statuses: string[] = [];
  const answers: string[] = [];
  const take = (event: InteractiveEvent): void => {
    if (event.type === 'status') {
      statuses.push(event.status);
      output.progress(`${drive.kind} ${event.status}`);
    } else if (event.type === 'warning') output.warn(event.message);
    else if (event.content === 'answer') answers.push(event.displayText);
  };
  try {
    for await (const event of drive) take(event);
    await drive.finished;
  } catch (thrown) {
    throw toFacewireError(thrown);
  }
  const { kind, requestId } = drive;
  return { kind, requestId, statuses, ...(answers.length > 0 && { answer: answers.join(' ') }) };
}

async function readSound(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FacewireError('ERR_INPUT_UNREADABLE', `the sound ${path} cannot be read`, {
      expected: 'a WAV file',
      received: (cause as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause,
    });
  }
}

/** An address with a query may hold a key, and is not shown. */
function watch(address: string | undefined): string {
  return address === undefined || address.includes('?') ? '' : `; watch ${address}`;
}
