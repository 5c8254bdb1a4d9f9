import { readFile, writeFile } from 'node:fs/promises';

import { FacewireError } from '../errors.js';

/** The file form of a reference. */
interface ReferenceFile {
  readonly format: 'facewire-reference-1';
  readonly text: string;
  readonly sampleRate: number;
  /** Base64 of little-endian s16 mono. */
  readonly pcm: string;
  readonly apertureTimesMs: readonly number[];
  readonly apertures: readonly number[];
  readonly mouthLeadMs: number;
}

/**
 * What was sent, before anything of ours touched it: the voice's samples and
 * how open the mouth was to be (jawOpen − mouthClose) at which time of the
 * utterance. The far end's recording is judged against this.
 */
export class Reference {
  readonly text: string;
  readonly sampleRate: number;
  readonly samples: Int16Array;
  readonly apertureTimesMs: readonly number[];
  readonly apertures: readonly number[];
  /** How far the mouth is meant to run ahead of the sound. */
  readonly mouthLeadMs: number;

  constructor(parts: {
    text: string;
    sampleRate: number;
    samples: Int16Array;
    apertureTimesMs: readonly number[];
    apertures: readonly number[];
    mouthLeadMs: number;
  }) {
    this.text = parts.text;
    this.sampleRate = parts.sampleRate;
    this.samples = parts.samples;
    this.apertureTimesMs = parts.apertureTimesMs;
    this.apertures = parts.apertures;
    this.mouthLeadMs = parts.mouthLeadMs;
  }

  /** The voice at another rate, by a windowed sinc of 32 taps; independent of the product's resampler. */
  soundAt(rate: number): Float32Array {
    const step = this.sampleRate / rate;
    const out = new Float32Array(Math.floor(this.samples.length / step));
    const half = 16;
    const cut = Math.min(1, 1 / step);
    for (let n = 0; n < out.length; n++) {
      const position = n * step;
      const centre = Math.floor(position);
      let sum = 0;
      for (let k = centre - half + 1; k <= centre + half; k++) {
        const sample = this.samples[k];
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
    const pcm = Buffer.from(this.samples.buffer, this.samples.byteOffset, this.samples.byteLength).toString(
      'base64',
    );
    const { text, sampleRate, apertureTimesMs, apertures, mouthLeadMs } = this;
    const file: ReferenceFile = {
      format: 'facewire-reference-1',
      text,
      sampleRate,
      pcm,
      apertureTimesMs,
      apertures,
      mouthLeadMs,
    };
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
    });
  }
}
