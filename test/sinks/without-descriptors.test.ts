import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

import { entryUrl } from '../../src/entry-url.js';
import { describeWith } from '../tools.js';
import { smallFormat } from './synthetic.js';

const url = (path: string): string => JSON.stringify(entryUrl(path).href);

/** Runs a script in a process that may open 64 files. Resolves with its exit code and what it printed. */
async function run(script: string): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(
    'sh',
    ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout };
}

/** Takes all that is left, and keeps taking what becomes free, until give() is called. */
const hunger = `
  const { openSync, closeSync } = await import('node:fs');
  const files = [];
  const eat = () => { try { for (;;) files.push(openSync('/dev/null')); } catch {} };
  let eating;
  const take = () => { eat(); eating = setInterval(eat, 1); };
  const give = () => { clearInterval(eating); for (const file of files.splice(0)) closeSync(file); };`;

describeWith(['ffmpeg'], 'a process without file descriptors', () => {
  it.runIf(process.platform === 'linux')('whose encoder dies has another when it can', async () => {
    const { code, stdout } = await run(`${hunger}
      const { Encoder } = await import(${url('sinks/encoder')});
      const format = ${JSON.stringify(smallFormat)};
      let frame = 0, pictures = 0;
      const encoder = new Encoder(format, {
        random: () => 0.999,
        onEncoderEvent: ({ type }) => {
          console.log(type);
          // Attempts fail before there is room.
          if (type === 'encoderDown') { take(); setTimeout(give, 1000); }
          if (type !== 'encoderBack') return;
          console.log(encoder.counts.restarts > 1);
          clearInterval(feeding);
          void encoder.finish();
        },
      }, {
        onTag: () => { if (++pictures === 20) process.kill(encoder.pids[0], 'SIGKILL'); },
        onError: ({ code, message }) => console.log(code, message),
      });
      await encoder.open();
      const pixels = new Uint8Array(format.width * format.height * 4);
      const picture = { width: format.width, height: format.height, pixels, retain() {}, release() {} };
      const feeding = setInterval(() => encoder.write({
        frameIndex: frame, sampleIndex: 1920 * frame++, audio: new Float32Array(1920), picture,
      }), 40);`);
    expect([code, stdout.trim().split('\n')]).toEqual([0, ['encoderDown', 'encoderBack', 'true']]);
  });

  it.runIf(process.platform === 'linux')('has no voice, and says so, until there are some', async () => {
    const { code, stdout } = await run(`${hunger}
      const { createVoice } = await import(${url('voice/create-voice')});
      const voice = createVoice('slt');
      take();
      await voice.synthesize('One.').catch(({ code }) => console.log(code));
      give();
      console.log((await voice.synthesize('Two.')).pcm.length > 1000);
      await voice.close();`);
    expect([code, stdout.trim().split('\n')]).toEqual([0, ['ERR_VOICE_FAILED', 'true']]);
  });
});
