import { call, ChannelClient, of, paths, type Answer, type Message } from '../server/interactive/client.js';
import { newRequestId } from '../../src/wire/ids.js';
import type { Running } from './target.js';

export const longText =
  'This is a text of many words, so that there is time to do something while it is said.';

type Fields = Readonly<Record<string, unknown>>;

/** What a creation must hold. */
export const creation = (server: Running, fields: Fields = {}): Fields => ({
  ReqId: newRequestId(),
  VirtualmanProjectId: server.connection.projectId,
  UserId: newRequestId(),
  Protocol: 'rtmp',
  DriverType: 1,
  ...fields,
});

/** Creates a session; `fields` are added to those that must be there. */
export const create = (server: Running, fields: Fields = {}): Promise<Answer> =>
  call(server.connection, paths.create, creation(server, fields));

/** Asks for the state of a session until it is none of preparation. */
export async function prepared(server: Running, id: string): Promise<{ state: Answer; seen: unknown[] }> {
  const seen: unknown[] = [];
  for (;;) {
    const state = await of(server.connection, paths.stat, id);
    seen.push(state.Payload.SessionStatus);
    if (state.Payload.SessionStatus !== 3) return { state, seen };
    await server.time.pass(5000);
  }
}

/** A session that is ready, closed again whatever happens. */
export async function withSession(
  server: Running,
  fields: Fields,
  use: (id: string, created: Answer) => Promise<void>,
): Promise<void> {
  const created = await create(server, fields);
  const id = created.Payload?.SessionId;
  if (id === undefined) throw new Error(`not created: ${created.Header.Code} ${created.Header.Message}`);
  try {
    await prepared(server, id);
    await use(id, created);
  } finally {
    await of(server.connection, paths.close, id);
  }
}

/** A started session with its channel open, and time that goes on while a case waits. */
export class Driven {
  readonly server: Running;
  readonly id: string;
  channel: ChannelClient;

  private constructor(server: Running, id: string, channel: ChannelClient) {
    this.server = server;
    this.id = id;
    this.channel = channel;
  }

  static async open(server: Running, fields: Fields = {}): Promise<Driven> {
    const { Header, Payload } = await create(server, fields);
    if (Payload?.SessionId === undefined) throw new Error(`not created: ${Header.Code} ${Header.Message}`);
    await prepared(server, Payload.SessionId);
    await of(server.connection, paths.start, Payload.SessionId);
    const channel = await ChannelClient.connect(server.connection, Payload.SessionId);
    return new Driven(server, Payload.SessionId, channel);
  }

  /** Sends a text that is spoken as it is, more than 1 s after the one before; returns its ReqId. */
  async say(text: string, more: Fields = {}): Promise<string> {
    await this.server.time.pass(1100);
    return this.channel.text(text, more);
  }

  /** Says a text that is long enough to do something meanwhile, and waits until it has begun. */
  async speaking(text = longText): Promise<string> {
    const id = await this.say(text);
    await this.has(id, 'TextStart');
    return id;
  }

  /** Sends any command, more than 1 s after the one before, and gives the code of its refusal. */
  async attempt(Command: string, Data: unknown, more: Fields = {}): Promise<number> {
    await this.server.time.pass(1100);
    const ReqId = newRequestId();
    const Payload = { ReqId, SessionId: this.id, Command, Data, ...more };
    this.channel.socket.send(JSON.stringify({ Header: {}, Payload }));
    return this.refused(ReqId);
  }

  /** A streamed text of these pieces, the last one final; gives its ReqId when it is over. */
  async stream(pieces: readonly string[], more: Fields = {}): Promise<string> {
    const id = newRequestId();
    pieces.forEach((text, i) => this.piece(id, i + 1, text, { IsFinal: i === pieces.length - 1, ...more }));
    await this.over(id);
    return id;
  }

  /** What came about a drive. */
  of(id: string): Message['Payload'][] {
    return this.channel.messages.filter(({ Payload }) => Payload.ReqId === id).map(({ Payload }) => Payload);
  }

  /** What of a drive is to be shown. */
  shown(id: string): string {
    return this.of(id)
      .filter(({ Type }) => Type === 2)
      .map(({ TextDisplay }) => TextDisplay)
      .join(' ');
  }

  /** One packet of a streamed text. */
  piece(id: string, Seq: number, Text: string, more: Fields = {}): void {
    this.channel.send('SEND_STREAMTEXT', { Text, Seq, ...more }, id);
  }

  /** Lets time go on until `test` holds; fails after a minute of the server's time. */
  async until(test: () => boolean): Promise<void> {
    for (let ticks = 0; !test(); ticks++) {
      const { readyState, OPEN } = this.channel.socket;
      if (readyState !== OPEN || ticks > 3000) {
        const last = this.channel.messages.slice(-5).map((message) => JSON.stringify(message));
        throw new Error(`waited in vain; the last messages were\n${last.join('\n')}`);
      }
      await this.channel.settled();
      if (test()) return;
      await this.server.time.tick();
    }
  }

  /** Waits for a status of a drive, `TextStart` say, whatever it carries. */
  has(id: string, status: string): Promise<void> {
    return this.until(() => this.statuses(id).includes(status));
  }

  /** Names of the statuses of a drive. */
  statuses(id: string): string[] {
    return this.channel.story(id).map((word) => word.split(' ')[0] ?? '');
  }

  /** Waits for the end of a drive and gives its statuses with their numbers. */
  async over(id: string): Promise<string[]> {
    await this.until(() => this.statuses(id).some((status) => /^(TextOver|AudioOver|Error)$/.test(status)));
    return this.channel.story(id);
  }

  /** Waits for the refusal of a command and gives its code. */
  async refused(id: string): Promise<number> {
    const find = (): number | undefined => {
      const found = this.channel.messages.find(
        ({ Header, Payload }) =>
          Payload.ReqId === id && (Header.Code !== 0 || [0, 7, 9].includes(Payload.Type ?? -1)),
      );
      return found && (found.Header.Code || found.Payload.ErrorCode);
    };
    await this.until(() => find() !== undefined);
    return find() ?? 0;
  }

  /** Stops what is being said. */
  stop(more: Fields = {}): string {
    return this.channel.send('SEND_TEXT', { Interrupt: true, ...more });
  }

  async reconnect(): Promise<ChannelClient> {
    await this.channel.close();
    this.channel = await ChannelClient.connect(this.server.connection, this.id);
    return this.channel;
  }

  async close(): Promise<void> {
    this.channel.socket.terminate();
    await of(this.server.connection, paths.close, this.id);
  }
}
