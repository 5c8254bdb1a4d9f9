/**
 * Whole messages on the kernel table that FACEWIRE_KERNELS names; a process for each, because a session takes its
 * table when the addon is loaded. Prints the rows as JSON.
 */
import { loadAddon } from '../dist/media/load-addon.js';
import { MediaSession } from '../dist/media/session.js';
import { writeSpeechFrame } from '../dist/wire/frames.js';
import { newRequestId } from '../dist/wire/ids.js';
import { material, measure, type Row } from './functions.js';
import * as plain from './plain-js.js';

/** Wire bytes → 48 kHz samples and weight rows, as a client does for each frame. The table is the process's. */
function wholeMessage(table: string, milliseconds: number, quick: boolean): Row[] {
  const { pcm, features } = material(milliseconds);
  const requestId = newRequestId();
  const message = Buffer.from(
    writeSpeechFrame(
      { requestId, streamId: 'bench' },
      { clause: 1, pcm, sampleRate: 24_000, features, featureDimension: 52 },
    ),
  );
  const rival = new plain.PlainResampler(24_000, 48_000);
  const session = new MediaSession({ sampleRate: 48_000 });
  const out = new Float32Array(48 * milliseconds);
  session.begin(requestId);
  const rows = measure(
    `whole message of ${milliseconds} ms`,
    {
      'plain JS': () => {
        const parts = plain.readMessage(message);
        rival.process(plain.decodeBase64(parts.audio));
        Float32Array.from(parts.features);
      },
      [table]: () => {
        session.push(message);
        const at = session.committed();
        session.commit(at + session.readySamples());
        session.readAudio(at, out);
      },
    },
    quick,
  );
  session.close();
  return rows;
}

const quick = process.argv.includes('--quick');
const table = loadAddon().kernels;
console.log(
  JSON.stringify([1000, 200, 40].flatMap((milliseconds) => wholeMessage(table, milliseconds, quick))),
);
