import { FacewireError } from '../errors.js';
import { DigestSink } from '../sinks/digest-sink.js';
import { Chain } from './chain.js';
import { cloudOf, type CloudOptions } from './cloud.js';
import type { Output } from './output.js';
import { sinksOf, type OutputOptions } from './outputs.js';
import { readText } from './parse.js';
import type { PictureOptions } from './picture-options.js';
import { calibrationOf, type FaceOptions } from './face-options.js';
import { tellOfRepeats } from './renderer-options.js';
import { readSecrets } from './secrets.js';
import type { StopSignal } from './stop-signal.js';

export interface SayOptions extends OutputOptions, CloudOptions, FaceOptions, PictureOptions {
  readonly chat?: boolean;
  readonly secrets?: string;
  readonly reference?: string;
  readonly record?: string;
  readonly voice?: string;
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
}

/** Speaks one text into the sinks that were asked for. */
export async function say(
  argument: string,
  options: SayOptions,
  output: Output,
  stop: StopSignal,
): Promise<void> {
  const secrets = await readSecrets(options.secrets);
  const connection = cloudOf(options, secrets);
  if (argument === '-')
    output.progress(`reading the text${process.stdin.isTTY ? '; Ctrl-D ends it' : ' from standard input'}`);
  const text = await readText(argument, stop.signal);
  if (text.trim() === '') {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is nothing to say', {
      expected: 'a text, or - and text on standard input',
      received: 'no text',
      remedy: 'Give a text, for example: npx facewire say "Hello"',
    });
  }
  const calibration = await calibrationOf(options);
  const { sinks, live, places, delaysMs } = await sinksOf(options, secrets, output);
  // What is written as fast as it comes is the same at every replay; silence between arrivals is not.
  const digest = options.record !== undefined && !live ? new DigestSink() : undefined;
  const chain = await Chain.open(
    {
      sinks: digest === undefined ? sinks : [...sinks, digest],
      ...options.size,
      picture: options,
      fps: options.fps,
      delaysMs,
      pace: live ? 'realtime' : 'as-available',
      signal: stop.signal,
      keepsReference: options.reference !== undefined,
      ...(calibration !== undefined && { calibration }),
      ...(options.rig !== undefined && { rig: options.rig }),
      ...(options.voice !== undefined && { voice: options.voice }),
      ...(options.record !== undefined && { record: options.record }),
      ...(connection !== undefined && { connection }),
    },
    output,
  );
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  output.progress(
    `${options.chat === true ? 'asking' : 'saying'} ${JSON.stringify(shown)} to ${[...places.values()].join(' and ')}`,
  );
  let failure: unknown;
  let seconds = 0;
  try {
    seconds = (await chain.say(text, options.chat === true)).seconds;
    if (options.reference !== undefined) await chain.reference().save(options.reference);
  } catch (error) {
    failure = error;
    seconds = chain.heardSeconds;
  }
  const outputs = (await chain.close()).filter(({ name }) => name !== digest?.name);
  failure ??= outputs.find((outcome) => outcome.error !== undefined)?.error;
  const renderer = chain.rendererCounts;
  tellOfRepeats(renderer, output);
  const said = outputs.map(({ error, ...report }) => ({
    place: places.get(report.name) ?? report.name,
    ...report,
    ...(error !== undefined && { error: error.code }),
  }));
  const json = {
    seconds: Number(seconds.toFixed(3)),
    outputs: said,
    ...(renderer !== undefined && { renderer }),
    ...(options.record !== undefined && { recording: options.record }),
    ...(digest !== undefined && { digest: digest.digest }),
  };
  if (failure !== undefined) {
    for (const { place, failed } of said) {
      if (seconds > 0 && failed !== true)
        output.progress(`kept in ${place}: ${seconds.toFixed(2)} s of speech`);
    }
    return output.failure(failure, seconds > 0 ? json : {});
  }
  output.result(
    [
      ...said.map(({ place }) => `Said to ${place}: ${seconds.toFixed(2)} s of speech`),
      ...(options.record === undefined ? [] : [`Recorded in ${options.record}`]),
    ],
    json,
  );
}
