import { readFile, writeFile } from 'node:fs/promises';

import { FacewireError } from '../errors.js';

/** What the voice said, and how open the mouth was to be at which time of the utterance. */
export interface ReferenceData {
  readonly text: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly samples: Int16Array;
  readonly apertureTimesMs: readonly number[];
  /** jawOpen − mouthClose, 0 or more. */
  readonly apertures: readonly number[];
  /** How far the mouth is meant to run ahead of the sound. */
  readonly mouthLeadMs: number;
  /** What the order of the feature columns seemed to be, when that was not the one they were read in. */
  readonly suspectedOrder?: string;
}

/** The file form: samples as base64 of little-endian s16. */
type ReferenceFile = Omit<ReferenceData, 'samples'> & {
  readonly format: 'facewire-reference-1';
  readonly pcm: string;
};

/**
 * What was sent, before anything of ours touched it. The far end's recording
 * is judged against this.
 */
export class Reference {
  readonly data: ReferenceData;

  constructor(data: ReferenceData) {
    this.data = data;
  }

  /** The voice at another rate, by a windowed sinc of 32 taps; independent of the product's resampler. */
  soundAt(rate: number): Float32Array {
    const { samples, sampleRate } = this.data;
    const step = sampleRate / rate;
    const out = new Float32Array(Math.floor(samples.length / step));
    const half = 16;
    const cut = Math.min(1, 1 / step);
    for (let n = 0; n < out.length; n++) {
      const position = n * step;
      const centre = Math.floor(position);
      let sum = 0;
      for (let k = centre - half + 1; k <= centre + half; k++) {
        const sample = samples[k];
        if (sample === undefined) continue;
        const x = position - k;
        const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / half);
        const sinc = x === 0 ? 1 : Math.sin(Math.PI * cut * x) / (Math.PI * cut * x);
        sum += sample * cut * sinc * window;
      }
      out[n] = sum / 32768;
    }
    return out;
  }

  async save(path: string): Promise<void> {
    const { samples, ...rest } = this.data;
    const pcm = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
    const file: ReferenceFile = { format: 'facewire-reference-1', ...rest, pcm };
    try {
      await writeFile(path, JSON.stringify(file));
    } catch (cause) {
      throw new FacewireError('ERR_OUTPUT_UNWRITABLE', `the reference cannot be written to ${path}`, {
        cause,
      });
    }
  }

  static async load(path: string): Promise<Reference> {
    let file: Partial<ReferenceFile>;
    try {
      file = JSON.parse(await readFile(path, 'utf8')) as Partial<ReferenceFile>;
    } catch (cause) {
      throw new FacewireError('ERR_INPUT_UNREADABLE', `the reference ${path} cannot be read`, { cause });
    }
    const { apertureTimesMs, apertures, sampleRate, pcm } = file;
    if (
      file.format !== 'facewire-reference-1' ||
      !Array.isArray(apertureTimesMs) ||
      !Array.isArray(apertures) ||
      typeof pcm !== 'string' ||
      !sampleRate
    ) {
      throw new FacewireError('ERR_INPUT_UNREADABLE', `${path} is not a reference`, {
        expected: 'a file that facewire demo or say --reference wrote',
      });
    }
    const bytes = Buffer.from(pcm, 'base64');
    const samples = new Int16Array(bytes.length >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(2 * i);
    return new Reference({
      text: file.text ?? '',
      sampleRate,
      samples,
      apertureTimesMs,
      apertures,
      mouthLeadMs: file.mouthLeadMs ?? 0,
      ...(typeof file.suspectedOrder === 'string' && { suspectedOrder: file.suspectedOrder }),
    });
  }
}
