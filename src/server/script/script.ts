import type { ReplyMarks } from '../drive.js';
import { holds, normalText } from './normal-text.js';
import { SettingsFile, type SettingsValue } from '../../settings-file.js';

/** What is answered to an input that matches, instead of asking anybody. */
export interface ScriptReply {
  readonly text: string;
  readonly markup: 'markdown' | 'ssml';
  readonly marks: ReplyMarks;
}

interface Entry {
  readonly patterns: readonly string[];
  readonly how: 'whole' | 'part';
}
interface ReplyEntry extends Entry, ScriptReply {
  readonly for: 'chat' | 'text' | 'both';
}
interface MarkEntry extends Entry {
  readonly marks: ReplyMarks;
}

const most = 5000;
const longest = 4000;
const markFields = ['uninterruptible', 'microphoneOff', 'highlight', 'interaction'] as const;

/** Fixed replies and marks. docs/server-text.md describes the file. */
export class Script {
  readonly #replies: readonly ReplyEntry[];
  readonly #marks: readonly MarkEntry[];

  private constructor(replies: readonly ReplyEntry[], marks: readonly MarkEntry[]) {
    this.#replies = replies;
    this.#marks = marks;
  }

  /** Fails with ERR_INPUT_UNREADABLE that names the line and the field. */
  static async load(path: string): Promise<Script> {
    return Script.#from(await SettingsFile.read(path));
  }

  /** @param name shown in errors. */
  static parse(text: string, name = 'script'): Script {
    return Script.#from(SettingsFile.parse(text, name));
  }

  static #from(file: SettingsFile): Script {
    const { replies, marks } = file.root.fields(['replies', 'marks']);
    return new Script(replies.list(most).map(readReply), marks.list(most).map(readMark));
  }

  /** The fixed reply to a question or a text, the first one that matches. */
  replyTo(input: string, kind: 'chat' | 'text'): ScriptReply | undefined {
    const text = normalText(input);
    return this.#replies.find(
      (entry) => (entry.for === 'both' || entry.for === kind) && matches(entry, text),
    );
  }

  /** All marks whose text a clause holds, later ones over earlier ones. */
  marksOf(display: string): ReplyMarks {
    if (this.#marks.length === 0) return {};
    const text = normalText(display);
    return Object.assign(
      {},
      ...this.#marks.filter((entry) => matches(entry, text)).map(({ marks }) => marks),
    ) as ReplyMarks;
  }
}

function matches({ patterns, how }: Entry, text: string): boolean {
  return patterns.some((pattern) => (how === 'whole' ? text === pattern : holds(text, pattern)));
}

function readReply(value: SettingsValue): ReplyEntry {
  const fields = value.fields(['match', 'how', 'for', 'reply', 'markup', ...markFields]);
  return {
    patterns: readPatterns(fields.match),
    how: fields.how.choice(['part', 'whole'], 'part'),
    for: fields.for.choice(['chat', 'text', 'both'], 'chat'),
    text: fields.reply.text(longest),
    markup: fields.markup.choice(['markdown', 'ssml'], 'markdown'),
    marks: { ...readMarks(fields), replyType: 'enhanceText' },
  };
}

function readMark(value: SettingsValue): MarkEntry {
  const fields = value.fields(['match', 'how', ...markFields]);
  return {
    patterns: readPatterns(fields.match),
    how: fields.how.choice(['part', 'whole'], 'part'),
    marks: readMarks(fields),
  };
}

function readPatterns(value: SettingsValue): string[] {
  return value.texts(200, 500).map((text) => {
    const normal = normalText(text);
    if (normal === '') throw value.not('a text with letters or digits');
    return normal;
  });
}

function readMarks(fields: Readonly<Record<(typeof markFields)[number], SettingsValue>>): ReplyMarks {
  const { uninterruptible, microphoneOff, highlight, interaction } = fields;
  return {
    ...(uninterruptible.flag() && { uninterruptible: true }),
    ...(microphoneOff.flag() && { microphoneOff: true }),
    ...(highlight.flag() && { highlighted: true }),
    ...(interaction.absent ? {} : readInteraction(interaction)),
  };
}

/** `content` is any value; the wire carries it as JSON text. */
function readInteraction(value: SettingsValue): ReplyMarks {
  const { type, content } = value.fields(['type', 'content']);
  const interactionContent = content.absent ? '' : JSON.stringify(content.value);
  if (interactionContent.length > 16_384) throw content.not('at most 16384 characters of JSON');
  return { interactionType: type.text(64), interactionContent };
}
