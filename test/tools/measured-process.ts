import { setTimeout as sleep } from 'node:timers/promises';

import { ScriptProcess } from './script-process.js';

/** What a script answers, and the highest resident set since the mark, in bytes. */
export type Measured<Answer> = Answer & { readonly peak: number };

/** A script whose memory is measured; its side is beMeasured() of measured.mjs. */
export class MeasuredProcess<Answer, Greeting = unknown> extends ScriptProcess<Greeting> {
  constructor(script: string, ...args: readonly string[]) {
    // Threads that allocate apart from each other would blur what is measured.
    super(script, args, { MALLOC_ARENA_MAX: '2' });
  }

  /** The resident set after a collection, in bytes; the peak counts from here. */
  async mark(): Promise<number> {
    return (await this.ask<{ readonly rss: number }>('mark')).rss;
  }

  read(): Promise<Measured<Answer>> {
    return this.ask('read');
  }

  /** Reads a few times a second, which costs the script nothing worth measuring, until `test` holds. */
  async until(test: (reading: Measured<Answer>) => boolean): Promise<Measured<Answer>> {
    for (;;) {
      const reading = await this.read();
      if (test(reading)) return reading;
      await sleep(250);
    }
  }
}
