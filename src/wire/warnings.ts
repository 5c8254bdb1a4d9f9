import type { WireWarning, WireWarningCode } from './response.js';

/** Warnings of one frame; a hostile frame cannot make more than `max`. */
export class Warnings {
  readonly #list: WireWarning[] = [];
  readonly #max = 32;

  add(code: WireWarningCode, field: string, message: string): void {
    if (this.#list.length < this.#max) this.#list.push({ code, field, message });
  }

  get list(): readonly WireWarning[] {
    return this.#list;
  }
}
