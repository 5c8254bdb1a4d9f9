import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { AnswerSource } from '../server/answer-source.js';
import { FacewireError } from '../errors.js';
import { startLocalCloud, type LocalCloudOptions } from '../server/local-cloud.js';
import { openKeyStore } from '../server/keys.js';
import { calibrationOf } from './face-options.js';
import type { Output } from './output.js';
import { stagePicture, tryPicture, type PictureOptions } from './picture-options.js';
import type { StopSignal } from './stop-signal.js';

export interface ServeOptions extends PictureOptions {
  readonly host: string;
  readonly port: number;
  readonly voice: string;
  readonly sessions?: number;
  readonly pushHosts?: readonly string[];
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly background?: string;
  readonly calibration?: string;
  readonly secrets?: string;
  readonly script?: string;
  readonly sensitiveWords?: string;
  readonly answers?: string;
  readonly chatUrl?: string;
  readonly chatModel?: string;
  readonly chatInstructions?: string;
}

/** Runs the local cloud until SIGINT or SIGTERM. */
export async function serve(options: ServeOptions, output: Output, stop: StopSignal): Promise<void> {
  const content = await openContent(options);
  const background = await readBackground(options.background);
  const picture = stagePicture(options, output);
  await tryPicture(picture, options.size);
  const calibration = await calibrationOf(options);
  const store = await openKeyStore(options.secrets);
  if (store.created) output.progress(`made a key pair in ${store.path} (mode 0600)`);
  const { appkey, accessToken } = store.keys;
  const cloud = await startLocalCloud({
    host: options.host,
    port: options.port,
    voice: options.voice,
    keys: { appkey, accessToken },
    onError: ({ code, message, remedy }) => output.warn(`${code}: ${message}. ${remedy}`),
    interactive:
      options.sessions === 0
        ? false
        : {
            picture: {
              ...options.size,
              frameRate: options.fps,
              ...background,
              ...picture,
              ...(calibration !== undefined && { calibration }),
            },
            onWarning: (message: string) => output.warn(message),
            ...(options.sessions !== undefined && { maxSessions: options.sessions }),
            ...(options.pushHosts !== undefined && { pushHosts: options.pushHosts }),
          },
    ...content,
  });
  const { url, projectId } = cloud.connection;
  const { width, height } = options.size;
  const rest = url.replace(/^ws/, 'http');
  const elsewhere = options.secrets === undefined ? '' : ` --secrets ${shellWord(resolve(options.secrets))}`;
  const say = `npx facewire say "Hello" --cloud ${url} --appkey ${appkey} --project ${projectId}${elsewhere}`;
  output.result(
    [
      `The local cloud listens on ${url}`,
      `  drives        ${url} (endpoint rendering: voice and mouth shapes)`,
      cloud.maxSessions === 0
        ? `  sessions      off`
        : `  sessions      ${rest} (cloud rendering: at most ${cloud.maxSessions}, ${width}x${height}, RTMP)`,
      `  app key       ${appkey}`,
      `  project       ${projectId}`,
      `  access token  in ${store.path}; other clients take it as FACEWIRE_ACCESSTOKEN`,
      `Try, in another terminal:`,
      `  ${say}`,
      `Ctrl-C ends it.`,
    ],
    {
      url,
      rest,
      maxSessions: cloud.maxSessions,
      appkey,
      projectId,
      secrets: store.path,
      created: store.created,
      say,
    },
  );
  await stop.wait();
  output.progress('closing');
  await cloud.close();
}

/** A colour or a file; a fault in either ends the program before it listens. */
async function readBackground(
  text: string | undefined,
): Promise<{ readonly background?: string; readonly backgroundImage?: string }> {
  if (text === undefined) return {};
  const isColour = /^#/.test(text) || (/^[a-z]+$/i.test(text) && !existsSync(text));
  const options = isColour ? { background: text } : { backgroundImage: text };
  const { DrawnFace } = await import('../avatar/drawn-face.js');
  const face = new DrawnFace({ width: 64, height: 64, ...options });
  try {
    await face.open();
  } finally {
    await face.close();
  }
  return options;
}

/** Opens the files and the dialogue model; a fault in them ends the program before it listens. */
async function openContent(options: ServeOptions): Promise<LocalCloudOptions> {
  const { script, sensitiveWords } = options;
  const answers = await openAnswers(options);
  return {
    ...(script === undefined
      ? {}
      : { script: await (await import('../server/script/script.js')).Script.load(script) }),
    ...(sensitiveWords === undefined
      ? {}
      : {
          sensitiveWords: await (
            await import('../server/script/sensitive-words.js')
          ).SensitiveWords.load(sensitiveWords),
        }),
    ...(answers === undefined ? {} : { answers }),
  };
}

async function openAnswers({
  answers,
  chatUrl,
  chatModel,
  chatInstructions,
}: ServeOptions): Promise<AnswerSource | undefined> {
  if ((chatUrl === undefined) !== (chatModel === undefined)) {
    throw new FacewireError('ERR_OPTION_INVALID', '--chat-url and --chat-model belong together', {
      remedy: 'Give both, for example --chat-url http://127.0.0.1:11434/v1 --chat-model llama3.2.',
    });
  }
  let model: AnswerSource | undefined;
  if (chatUrl !== undefined && chatModel !== undefined) {
    const { ChatEndpoint } = await import('../server/answers/chat-endpoint.js');
    const instructions = chatInstructions === undefined ? {} : { instructions: chatInstructions };
    model = new ChatEndpoint({ url: chatUrl, model: chatModel, ...instructions });
  }
  if (answers === undefined) return model;
  return (await import('../server/answers/question-answers.js')).QuestionAnswers.load(answers, model);
}

/** As a POSIX shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
