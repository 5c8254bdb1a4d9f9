import { Random } from '../reference/random.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digits = [...alphabet];

/** Writes random downstream frames: every field, order, blank, escape and wrong type, then breaks them. */
export class FrameWriter {
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.random.integer(0, list.length - 1)];
  }
  chance(oneIn: number): boolean {
    return this.random.integer(1, oneIn) === 1;
  }
  blank(): string {
    return this.chance(6) ? this.pick([' ', '\n', '\t', '\r\n', '  ']) : '';
  }
  times<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.random.integer(0, most) }, make);
  }
  string(): string {
    const parts = [
      'a',
      'Z',
      '0',
      '在',
      'é',
      '😀',
      '\\n',
      '\\u5728',
      '\\"',
      '\\\\',
      '\\/',
      '\\ud83d\\ude00',
      '}',
      ',',
    ];
    return `"${this.times(12, () => this.pick(parts)).join('')}"`;
  }
  number(): string {
    const x = this.random.next();
    switch (this.random.integer(0, 11)) {
      case 0:
        return this.pick([
          '-0',
          '-0.0',
          '1e400',
          '-1e400',
          '1e39',
          '3.4028235677973366e38',
          '3.4028235e38',
          '1e-46',
        ]);
      case 1:
        return this.pick([
          '16777217',
          '1.00000005960464477',
          '1.000000059604644775390625',
          '7.006492321624085e-46',
        ]);
      case 2:
        return `${x * 10 ** this.random.integer(-60, 60)}`;
      case 3:
        return (x * 100 - 50).toFixed(this.random.integer(0, 20));
      case 4:
      case 5:
      case 6:
        return '0';
      case 7:
        // Near the middle between two floats.
        return ((Math.fround(x) + Math.fround(x + 6e-8)) / 2).toFixed(this.random.integer(8, 30));
      default:
        return x.toFixed(this.random.integer(1, 20));
    }
  }
  value(depth: number): string {
    switch (this.random.integer(0, depth > 3 ? 2 : 5)) {
      case 0:
        return this.string();
      case 1:
        return this.number();
      case 2:
        return this.pick(['true', 'false', 'null']);
      case 3:
        return this.list(() => this.value(depth + 1), 4);
      default:
        return `{${this.times(3, () => `${this.string()}:${this.blank()}${this.value(depth + 1)}`).join(',')}}`;
    }
  }
  list(make: () => string, most: number): string {
    const separator = this.pick([',', ',', ', ', ' ,', ',\n  ']);
    return `[${this.blank()}${this.times(most, make).join(separator)}${this.blank()}]`;
  }
  audio(): string {
    const escaped = this.chance(5);
    const groups = this.times(70, () => Array.from({ length: 4 }, () => this.pick(digits)).join(''));
    const text = groups.join('') + this.pick(['', '', 'AA==', 'AAA=', 'AB==', 'A', 'A=', '*', '\\n', '在']);
    return `"${escaped ? text.replaceAll('/', '\\/') : text}"`;
  }
  features(): string {
    return this.list(() => (this.chance(60) ? this.pick(['null', '"1"', '[1]', '{}']) : this.number()), 150);
  }
  /** Fields in random order, some left out, each at most once; now and then of another type. */
  object(fields: Readonly<Record<string, () => string>>): string {
    const entries = Object.entries(fields)
      .filter(() => !this.chance(6))
      .map((entry) => ({ entry, order: this.random.next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ entry: [name, make] }) => {
        const key = this.chance(10) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
        const written = this.chance(25)
          ? `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}`
          : key;
        return `"${written}"${this.blank()}:${this.blank()}${this.chance(40) ? this.value(2) : make()}`;
      });
    return `{${this.blank()}${entries.join(`,${this.blank()}`)}${this.blank()}}`;
  }
  boolean = (): string => this.pick(['true', 'false', 'false']);
  list3 = (): string => this.list(() => this.value(2), 3);
  integer = (): string =>
    this.pick(['0', '1', '7', '24000', '16000', '2.4e4', '-3', '"12"', '1.5', '4294967296']);

  speech = (): string =>
    this.object({
      Audio: () => this.audio(),
      Sampling: this.integer,
      ThDim: this.integer,
      ThFeat: () => this.features(),
      RealThType: () => this.pick(['""', '"3D_standard"', '"2D"']),
      ThFeatFinal: this.boolean,
      Phn: this.list3,
      Word: this.list3,
      Subtitle: this.list3,
      Action: this.list3,
      Expression: this.list3,
      SeqNo: this.integer,
      SentenceStart: this.boolean,
      SentenceFinal: this.boolean,
      Final: this.boolean,
      Unknown: () => this.value(0),
    });

  frame(): string {
    const header = (): string =>
      this.object({
        Code: () => (this.chance(12) ? '-7' : '0'),
        Message: () => (this.chance(20) ? '"pong frame"' : this.string()),
        RequestID: () => this.string(),
      });
    const reply = (): string =>
      this.object({
        UninterrId: () => this.string(),
        ReplyDisplay: () => this.string(),
        ...(this.chance(3) ? { SpeechRsp: this.speech } : {}),
      });
    const payload = (): string =>
      this.object({
        ReqId: () => this.string(),
        DriverRspType: () => (this.chance(6) ? '"REPLY"' : '"SPEECH"'),
        ErrorCode: () => (this.chance(20) ? '110015' : '0'),
        ErrorMessage: () => this.string(),
        ReplyRsp: reply,
        SpeechRsp: this.speech,
        StreamId: () => this.string(),
      });
    return (
      this.blank() +
      this.object({ Header: header, Payload: payload, Extra: () => this.value(0) }) +
      this.blank()
    );
  }

  broken(text: string): Buffer {
    const bytes = [...Buffer.from(text)];
    for (let i = this.random.integer(1, 3); i > 0; i--) {
      const at = this.random.integer(0, bytes.length - 1);
      const edits = [
        () => bytes.splice(at, 1, this.random.integer(0, 255)),
        () => bytes.splice(at, this.random.integer(1, 4)),
        () =>
          bytes.splice(
            at,
            0,
            ...Buffer.from(this.pick(['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', ' '])),
          ),
        () => bytes.splice(at),
      ];
      this.pick(edits)();
    }
    return Buffer.from(bytes);
  }
}
