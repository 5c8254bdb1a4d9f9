import type { Nodes, PhrasingContent, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmTable } from 'micromark-extension-gfm-table';
import type { ContentType } from '../../wire/response.js';
import { PlainTextBuilder, type PlainText } from './plain-text.js';

/** Text between pictures and addresses, or one of them. Places are UTF-16 indices of the Markdown. */
export interface LeafPart {
  /** `words` are said; the others are shown only. */
  readonly kind: 'words' | 'image' | 'link';
  readonly start: number;
  readonly end: number;
  /** What is said, empty for what is shown only. */
  readonly plain: PlainText;
}

/** A block that holds no other block. */
export interface Leaf {
  /** Where it begins to be shown: at the marks of its list or quotation. */
  readonly start: number;
  readonly end: number;
  readonly contentType: ContentType;
  /** Nothing of it is said: tables and code. */
  readonly shownOnly: boolean;
  readonly parts: readonly LeafPart[];
  /** Starts of emphasis, links and the like: a cut goes before the mark. */
  readonly marks: readonly number[];
  /** Ranges that no cut may divide. */
  readonly whole: readonly { readonly start: number; readonly end: number }[];
}

export interface MarkdownTree {
  readonly leaves: readonly Leaf[];
  /** Start of the last block on the outermost level, 0 when there is none. */
  readonly lastBlock: number;
}

/** Deeper quotations and lists are read as this deep. */
const deepest = 16;

/** Finds the leaves of Markdown with the tables and bare addresses of GitHub's dialect. */
export function readMarkdown(source: string): MarkdownTree {
  // Same length: places stay. Nesting without end costs time without end.
  const safe = source
    .replace(/\0/g, '\ufffd')
    .replace(/^\ufeff/, ' ')
    .replace(
      new RegExp(`^((?:[ \\t]*[>*+-]){${deepest}})([ \\t>*+-]+)`, 'gm'),
      (_, kept: string, rest: string) => kept + ' '.repeat(rest.length),
    );
  const root = fromMarkdown(safe, {
    extensions: [gfmTable(), gfmAutolinkLiteral()],
    mdastExtensions: [gfmTableFromMarkdown(), gfmAutolinkLiteralFromMarkdown()],
  });
  const leaves: Leaf[] = [];
  collect(root, safe, leaves);
  return { leaves, lastBlock: startOf(root.children.at(-1)) };
}

interface Block {
  readonly node: Root | RootContent;
  /** Start of the outermost block of which this is the first. */
  readonly begin: number | undefined;
  readonly list: ContentType | undefined;
}

function collect(root: Root, source: string, leaves: Leaf[]): void {
  const stack: Block[] = [{ node: root, begin: undefined, list: undefined }];
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    const { node, list } = block;
    const begin = block.begin ?? (node.type === 'root' ? undefined : startOf(node));
    if (
      node.type === 'root' ||
      node.type === 'blockquote' ||
      node.type === 'list' ||
      node.type === 'listItem'
    ) {
      const inside = node.type === 'list' ? (node.ordered === true ? 'orderedList' : 'list') : list;
      const children = [...(node.children as RootContent[])];
      const first = children[0];
      for (const child of children.reverse()) {
        stack.push({ node: child, begin: child === first ? begin : undefined, list: inside });
      }
    } else {
      const leaf = leafOf(node, source, begin ?? startOf(node), list);
      if (leaf !== undefined) leaves.push(leaf);
    }
  }
}

const nothing: PlainText = { text: '', sourceStart: [], sourceEnd: [] };

function leafOf(
  node: RootContent,
  source: string,
  start: number,
  list: ContentType | undefined,
): Leaf | undefined {
  const end = endOf(node);
  const base = { start, end, marks: [], whole: [] };
  switch (node.type) {
    case 'table':
      return { ...base, contentType: 'table', shownOnly: true, parts: [] };
    case 'code':
      return { ...base, contentType: 'text', shownOnly: true, parts: [] };
    case 'html': {
      const out = new PlainTextBuilder();
      putHtml(source.slice(startOf(node), end), startOf(node), out);
      const plain = out.finish();
      return {
        ...base,
        contentType: 'text',
        shownOnly: false,
        parts: [{ kind: 'words', start, end, plain }],
      };
    }
    case 'paragraph':
    case 'heading': {
      const reader = new InlineReader(source, start);
      reader.read(node.children);
      const parts = reader.finish(end, list !== undefined);
      const [only] = node.children;
      const isLink = node.children.length === 1 && only?.type === 'link' && parts[0]?.kind === 'words';
      if (isLink && node.type === 'paragraph')
        return { ...base, contentType: 'link', shownOnly: true, parts: [] };
      const contentType = node.type === 'heading' ? 'title' : (list ?? 'text');
      return { start, end, contentType, shownOnly: false, parts, marks: reader.marks, whole: reader.whole };
    }
    default:
      // Rules and definitions.
      return undefined;
  }
}

/** Reads the text inside a block. */
class InlineReader {
  readonly marks: number[] = [];
  readonly whole: { start: number; end: number }[] = [];
  readonly #parts: LeafPart[] = [];
  #words = new PlainTextBuilder();
  #start: number;

  constructor(
    readonly source: string,
    start: number,
  ) {
    this.#start = start;
  }

  read(nodes: readonly PhrasingContent[]): void {
    for (const node of nodes) {
      const [start, end] = [startOf(node), endOf(node)];
      switch (node.type) {
        case 'text':
          putText(node.value, this.source, start, end, this.#words);
          break;
        case 'inlineCode':
          this.marks.push(start);
          putText(node.value, this.source, start, end, this.#words);
          break;
        case 'break':
          this.#words.put(' ', start, end);
          break;
        case 'html':
          if (!this.#words.endsWithBlank) this.#words.put(' ', start, end);
          break;
        case 'image':
        case 'imageReference':
          this.#solo('image', start, end);
          break;
        case 'link':
          if (isBare(node.url, this.source.slice(start, end))) {
            this.#solo('link', start, end);
            break;
          }
          this.whole.push({ start, end });
          this.marks.push(start);
          this.read(node.children);
          break;
        default:
          if (!('children' in node)) break;
          this.marks.push(start);
          this.read(node.children);
      }
    }
  }

  finish(end: number, inList: boolean): LeafPart[] {
    this.#endWords(end);
    const [first] = this.#parts;
    // The box of a task is shown only.
    const box = inList && first?.kind === 'words' ? /^\[[ xX]\]\s+/.exec(first.plain.text)?.[0] : undefined;
    if (first !== undefined && box !== undefined) {
      const { text, sourceStart, sourceEnd } = first.plain;
      const skip = box.length;
      this.#parts[0] = {
        ...first,
        plain: {
          text: text.slice(skip),
          sourceStart: sourceStart.slice(skip),
          sourceEnd: sourceEnd.slice(skip),
        },
      };
    }
    return this.#parts;
  }

  #solo(kind: 'image' | 'link', start: number, end: number): void {
    this.#endWords(start);
    this.#parts.push({ kind, start, end, plain: nothing });
    this.#start = end;
  }

  #endWords(end: number): void {
    if (end > this.#start) {
      this.#parts.push({
        kind: 'words',
        start: this.#start,
        end,
        plain: withoutStrayMarks(this.#words.finish()),
      });
    }
    this.#words = new PlainTextBuilder();
  }
}

/** True for a link that shows its own address. An address of mail is said like a word. */
function isBare(url: string, shown: string): boolean {
  if (/^mailto:/i.test(url)) return false;
  const label = /^\[([^]*)\]\(/.exec(shown)?.[1] ?? shown.replace(/^<|>$/g, '');
  const bare = (text: string): string => text.replace(/^https?:\/\//i, '').replace(/\/$/, '');
  return bare(label.trim()) === bare(url);
}

/** Appends the value of a text node with the place of each character: escapes, references and line starts are skipped. */
function putText(value: string, source: string, start: number, end: number, out: PlainTextBuilder): void {
  let at = start;
  for (const character of value) {
    const found = findCharacter(character, source, at, end);
    if (found === undefined) out.put(blankIfLine(character), at, at);
    else {
      out.put(blankIfLine(character), found.start, found.end);
      at = found.end;
    }
  }
}

function blankIfLine(character: string): string {
  return character === '\n' || character === '\r' ? ' ' : character;
}

const reference = /&(?:#x[\da-f]{1,6}|#\d{1,7}|[a-z][a-z\d]{1,31});/iy;

function findCharacter(
  character: string,
  source: string,
  from: number,
  end: number,
): { readonly start: number; readonly end: number } | undefined {
  for (let at = from; at < end; at++) {
    if (source[at] === '&') {
      reference.lastIndex = at;
      const match = reference.exec(source)?.[0];
      const ampersand = match !== undefined && /^&(?:amp|#38|#x26);$/i.test(match);
      if (match !== undefined && ampersand === (character === '&'))
        return { start: at, end: at + match.length };
    }
    if (source.startsWith(character, at)) return { start: at, end: at + character.length };
  }
  return undefined;
}

function putHtml(html: string, start: number, out: PlainTextBuilder): void {
  let at = 0;
  for (const match of html.matchAll(/<!--[^]*?-->|<[^>]*>/g)) {
    for (const [offset, character] of characters(html, at, match.index)) {
      out.put(blankIfLine(character), start + offset, start + offset + character.length);
    }
    if (!out.endsWithBlank) out.put(' ', start + match.index, start + match.index + match[0].length);
    at = match.index + match[0].length;
  }
  for (const [offset, character] of characters(html, at, html.length)) {
    out.put(blankIfLine(character), start + offset, start + offset + character.length);
  }
}

function* characters(text: string, from: number, to: number): Generator<[number, string]> {
  for (let at = from; at < to;) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0x20);
    yield [at, character];
    at += character.length;
  }
}

/** Leaves out marks that stand alone, as they do while their partner has not come. Arithmetic stays. */
function withoutStrayMarks(plain: PlainText): PlainText {
  const letters = Array.from(plain.text);
  const blank = (index: number): boolean => /^\s?$/u.test(letters[index] ?? '');
  const kept = letters.flatMap((letter, index) => {
    if (!/[*_~`]/.test(letter)) return [index];
    const run = letters[index - 1] === letter || letters[index + 1] === letter;
    if (run || letter === '`') return [];
    const oneSide = blank(index - 1) !== blank(index + 1);
    return letter !== '~' && oneSide ? [] : [index];
  });
  if (kept.length === letters.length) return plain;
  return {
    text: kept.map((index) => letters[index]).join(''),
    sourceStart: kept.map((index) => plain.sourceStart[index] ?? 0),
    sourceEnd: kept.map((index) => plain.sourceEnd[index] ?? 0),
  };
}

function startOf(node: Nodes | undefined): number {
  return node?.position?.start.offset ?? 0;
}

function endOf(node: Nodes): number {
  return node.position?.end.offset ?? 0;
}
