/** The best resampler of the JavaScript world: speexdsp compiled to WebAssembly with SIMD. */

interface SpeexModule {
  readonly HEAPF32: Float32Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _speex_resampler_init(
    channels: number,
    inputRate: number,
    outputRate: number,
    quality: number,
    error: number,
  ): number;
  _speex_resampler_process_float(
    state: number,
    channel: number,
    input: number,
    inputLength: number,
    output: number,
    outputLength: number,
  ): number;
}

export const speexWasmPackage = '@echogarden/speex-resampler-wasm';

const maxFrames = 200_000;

/** Makes converters of one instance of the module, as a server with many sessions would. */
export class SpeexWasm {
  readonly #module: SpeexModule;
  readonly #counts: number;
  readonly #input: number;
  readonly #output: number;

  private constructor(module: SpeexModule) {
    this.#module = module;
    this.#counts = module._malloc(8);
    this.#input = module._malloc(4 * maxFrames);
    this.#output = module._malloc(4 * maxFrames);
  }

  /** The loaded module, or why it does not load. */
  static async load(): Promise<SpeexWasm | string> {
    try {
      // Its name is a variable, because the package has no types.
      const name = `${speexWasmPackage}/simd`;
      const { default: create } = (await import(name)) as { default: () => Promise<SpeexModule> };
      return new SpeexWasm(await create());
    } catch (thrown) {
      return `install ${speexWasmPackage}: ${(thrown as Error).message.split('\n', 1)[0]}`;
    }
  }

  /** A converter of one mono stream, s16 or floats in. Everything is taken from `input`; returns frames written to `out`. */
  create(
    inputRate: number,
    outputRate: number,
    quality: number,
  ): (input: Int16Array | Float32Array, out: Float32Array) => number {
    const module = this.#module;
    const state = module._speex_resampler_init(1, inputRate, outputRate, quality, 0);
    return (input, out) => {
      const floats = module.HEAPF32;
      const at = this.#input >> 2;
      if (input instanceof Float32Array) floats.set(input, at);
      else for (let i = 0; i < input.length; i++) floats[at + i] = input[i] / 32768;
      const counts = module.HEAPU32;
      counts[this.#counts >> 2] = input.length;
      counts[(this.#counts >> 2) + 1] = Math.min(out.length, maxFrames);
      module._speex_resampler_process_float(
        state,
        0,
        this.#input,
        this.#counts,
        this.#output,
        this.#counts + 4,
      );
      const written = module.HEAPU32[(this.#counts >> 2) + 1];
      out.set(module.HEAPF32.subarray(this.#output >> 2, (this.#output >> 2) + written));
      return written;
    };
  }
}
