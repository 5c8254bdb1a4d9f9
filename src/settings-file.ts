import { readFile, stat } from 'node:fs/promises';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { FacewireError } from './errors.js';

/** Largest file that is read. */
const mostBytes = 4 * 1024 * 1024;
const defaultGuide = 'docs/server-text.md';

/**
 * A YAML or JSON file whose values are taken out by name. Every fault is
 * ERR_INPUT_UNREADABLE with the file, the line and the field.
 */
export class SettingsFile {
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(
    readonly name: string,
    /** The document that describes the file. */
    readonly guide: string,
    document: Document,
    lines: LineCounter,
  ) {
    this.#document = document;
    this.#lines = lines;
  }

  static async read(path: string, guide = defaultGuide): Promise<SettingsFile> {
    return SettingsFile.parse(await readText(path), path, guide);
  }

  /** @param name shown in errors. */
  static parse(text: string, name: string, guide = defaultGuide): SettingsFile {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const fault = document.errors[0];
    if (fault !== undefined) {
      const { line } = lines.linePos(fault.pos[0]);
      throw unreadable(`${name}:${line}: ${fault.message}`, 'YAML or JSON', guide);
    }
    return new SettingsFile(name, guide, document, lines);
  }

  get root(): SettingsValue {
    let value: unknown;
    try {
      value = this.#document.toJS({ maxAliasCount: 20 });
    } catch {
      throw unreadable(`${this.name}:1: it refers to itself too often`, 'YAML or JSON', this.guide);
    }
    return new SettingsValue(value, [], (path, expected) => this.#fault(path, expected));
  }

  #fault(path: readonly (string | number)[], expected: string): FacewireError {
    // A field that is missing is looked for in what should hold it.
    let offset: number | undefined;
    for (let depth = path.length; depth >= 0 && offset === undefined; depth--) {
      const node = this.#document.getIn(path.slice(0, depth), true) as
        { range?: [number, ...number[]] } | undefined;
      offset = node?.range?.[0];
    }
    const { line } = this.#lines.linePos(offset ?? 0);
    const field = path
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
      .join('')
      .replace(/^\./, '');
    return unreadable(
      `${this.name}:${line}: ${field === '' ? 'the file' : field} must be ${expected}`,
      expected,
      this.guide,
    );
  }
}

/** One value of a settings file, with the way to it. */
export class SettingsValue {
  constructor(
    readonly value: unknown,
    readonly path: readonly (string | number)[],
    readonly fault: (path: readonly (string | number)[], expected: string) => FacewireError,
  ) {}

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The fields of an object; one with another name is a fault. */
  fields<Name extends string>(names: readonly Name[]): Record<Name, SettingsValue> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.not(`an object with ${names.join(', ')}`);
    const unknown = Object.keys(value).find((name) => !(names as readonly string[]).includes(name));
    if (unknown !== undefined)
      throw this.fault([...this.path, unknown], `one of ${names.join(', ')}; there is no such field`);
    const object = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      names.map((name) => [name, new SettingsValue(object[name], [...this.path, name], this.fault)]),
    ) as Record<Name, SettingsValue>;
  }

  list(most: number): SettingsValue[] {
    if (this.absent) return [];
    if (!Array.isArray(this.value) || this.value.length > most) throw this.not(`a list of at most ${most}`);
    return this.value.map(
      (item: unknown, index) => new SettingsValue(item, [...this.path, index], this.fault),
    );
  }

  /** A text that is not blank. */
  text(most: number): string {
    if (typeof this.value !== 'string' || this.value.trim() === '' || this.value.length > most) {
      throw this.not(`a text of 1 to ${most} characters`);
    }
    return this.value;
  }

  /** One text or a list of them, at least one. */
  texts(most: number, longest: number): string[] {
    const items = Array.isArray(this.value) ? this.list(most) : [this];
    if (items.length === 0) throw this.not('a text or a list of texts');
    return items.map((item) => item.text(longest));
  }

  flag(): boolean {
    if (this.absent) return false;
    if (typeof this.value !== 'boolean') throw this.not('true or false');
    return this.value;
  }

  number(low: number, high: number, fallback: number): number {
    if (this.absent) return fallback;
    if (typeof this.value !== 'number' || !(this.value >= low && this.value <= high))
      throw this.not(`a number of ${low} to ${high}`);
    return this.value;
  }

  choice<Value extends string>(values: readonly Value[], fallback: Value): Value {
    if (this.absent) return fallback;
    const found = values.find((value) => value === this.value);
    if (found === undefined) throw this.not(values.join(' or '));
    return found;
  }

  not(expected: string): FacewireError {
    return this.fault(this.path, expected);
  }
}

/** A text file of bounded size. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw unreadable(`${path} has ${size} bytes`, `at most ${mostBytes} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof FacewireError) throw error;
    throw new FacewireError('ERR_INPUT_UNREADABLE', `${path} cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause: error,
    });
  }
}

function unreadable(message: string, expected: string, guide = defaultGuide): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', message, {
    expected,
    remedy: `Correct that line; ${guide} describes the file.`,
  });
}
