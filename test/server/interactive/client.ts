import { WebSocket } from 'ws';
import type { CloudConnection } from '../../../src/server/local-cloud.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { signedQuery } from '../../../src/wire/signing.js';
import { News } from '../news.js';

const sessions = '/v2/ivh/sessionmanager/sessionmanagerservice';
const driver = '/v2/ivh/interactdriver/interactdriverservice';
export const channelPath = '/v2/ws/ivh/interactdriver/interactdriverservice/commandchannel';
export const paths = {
  create: `${sessions}/createsession`,
  createByAsset: `${sessions}/createsessionbyasset`,
  stat: `${sessions}/statsession`,
  start: `${sessions}/startsession`,
  close: `${sessions}/closesession`,
  listProject: `${sessions}/listsessionofprojectid`,
  listAsset: `${sessions}/listsessionofassetvk`,
  listAll: `${sessions}/listsessionofuin`,
  listAvatar: `${sessions}/listsessionofvk`,
  timbres: '/v2/ivh/crmserver/customerassetservice/describetimbre',
  actions: '/v2/ivh/crmserver/customerassetservice/getaction',
  command: `${driver}/command`,
  actionConfig: '/v2/ivh/virtualmanconfig/virtualmanconfigopen/describeactionconfigcommanddetail',
} as const;

export interface Answer {
  readonly http: number;
  readonly headers: Headers;
  readonly Header: { readonly Code: number; readonly Message: string; readonly RequestID: string };
  readonly Payload: Readonly<Record<string, unknown>> & {
    readonly SessionId?: string;
    readonly SessionStatus?: number;
    readonly PlayStreamAddr?: string;
    readonly Sessions?: readonly Readonly<Record<string, unknown>>[];
  };
}

export function query(connection: CloudConnection, requestId?: string): string {
  return signedQuery({
    appkey: connection.appkey,
    accessToken: connection.accessToken,
    timestampSeconds: Math.floor(Date.now() / 1000),
    ...(requestId !== undefined && { requestId }),
  });
}

export function restUrl(connection: CloudConnection, path: string): string {
  return `${connection.url.replace(/^ws/, 'http')}${path}?${query(connection)}`;
}

/** One REST call with a body of our own making. */
export async function call(
  connection: CloudConnection,
  path: string,
  payload: Readonly<Record<string, unknown>>,
  body: unknown = { Header: {}, Payload: payload },
): Promise<Answer> {
  const response = await fetch(restUrl(connection, path), {
    method: 'POST',
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as Pick<Answer, 'Header' | 'Payload'>;
  return { http: response.status, headers: response.headers, ...answer };
}

/** Creates a session; `fields` are added to those that must be there. */
export function create(
  connection: CloudConnection,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return call(connection, paths.createByAsset, {
    ReqId: newRequestId(),
    AssetVirtualmanKey: 'asset-1',
    UserId: newRequestId(),
    Protocol: 'rtmp',
    DriverType: 1,
    ...fields,
  });
}

export function of(connection: CloudConnection, path: string, SessionId: string): Promise<Answer> {
  return call(connection, path, { ReqId: newRequestId(), SessionId });
}

/** Creates a session, waits until it is ready, and starts it. */
export async function ready(
  connection: CloudConnection,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly id: string; readonly state: Answer }> {
  const { Header, Payload } = await create(connection, fields);
  if (Header.Code !== 0) throw new Error(`not created: ${Header.Code} ${Header.Message}`);
  const id = String(Payload.SessionId);
  for (;;) {
    const state = await of(connection, paths.stat, id);
    if (state.Payload.SessionStatus === 1) {
      await of(connection, paths.start, id);
      return { id, state };
    }
    if (state.Payload.SessionStatus !== 3) throw new Error(`failed: ${JSON.stringify(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Message {
  readonly Header: { readonly Code: number; readonly Message: string };
  readonly Payload: {
    readonly Type?: number;
    readonly SessionId: string;
    readonly ReqId: string;
    readonly SpeakStatus?: string;
    readonly Seq?: number;
    readonly FinalType?: number;
    readonly ErrorCode?: number;
    readonly Text?: string;
    readonly TextDisplay?: string;
  };
}

/** A plain client of the command channel: sends what it is told and keeps every message. */
export class ChannelClient {
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  headers: Readonly<Record<string, string | string[] | undefined>> = {};
  readonly #news = new News();

  private constructor(
    readonly socket: WebSocket,
    readonly sessionId: string,
  ) {
    socket.on('upgrade', (response) => (this.headers = response.headers));
    socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Message);
      this.#news.tell();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static url(connection: CloudConnection, sessionId: string): string {
    return `${connection.url}${channelPath}?${query(connection, sessionId)}`;
  }

  static async connect(connection: CloudConnection, sessionId: string): Promise<ChannelClient> {
    const client = new ChannelClient(
      new WebSocket(ChannelClient.url(connection, sessionId), { perMessageDeflate: false }),
      sessionId,
    );
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    return client;
  }

  /** Sends a command and returns its ReqId. */
  send(Command: string, Data: Readonly<Record<string, unknown>>, ReqId = newRequestId()): string {
    const Payload = { ReqId, SessionId: this.sessionId, Command, Data };
    this.socket.send(JSON.stringify({ Header: {}, Payload }));
    return ReqId;
  }

  text(Text: string, more: Readonly<Record<string, unknown>> = {}): string {
    return this.send('SEND_TEXT', { Text, ChatCommand: 'NotUseChat', ...more });
  }

  /** Everything about one drive as short words: statuses with their Seq and FinalType, else `type:n`. */
  story(requestId: string, statusesOnly = true): string[] {
    return this.messages
      .filter(({ Payload }) => Payload.ReqId === requestId)
      .filter(({ Payload }) => !statusesOnly || Payload.Type === 3)
      .map(({ Payload: { Type, SpeakStatus, Seq, FinalType, ErrorCode } }) =>
        Type === 3
          ? [SpeakStatus, Seq, FinalType && `final${FinalType}`]
              .filter((part) => part !== undefined)
              .join(' ')
          : `type${Type}${ErrorCode === undefined ? '' : ` ${ErrorCode}`}`,
      );
  }

  /** Resolves when `test` holds for the messages so far. */
  until(test: () => boolean): Promise<void> {
    return this.#news.until(test);
  }

  /** Resolves when this status of a drive has come. */
  has(requestId: string, word: string): Promise<void> {
    return this.until(() => this.story(requestId).includes(word));
  }

  /** Resolves with the code when a command was refused. */
  async refusal(requestId: string): Promise<number> {
    const found = (): Message | undefined =>
      this.messages.find(
        ({ Payload }) => Payload.ReqId === requestId && (Payload.Type === 9 || Payload.Type === 7),
      );
    await this.until(() => found() !== undefined);
    return found()?.Payload.ErrorCode ?? 0;
  }

  /** Resolves when the server has read everything that was sent before. */
  async settled(): Promise<void> {
    const pong = new Promise((resolve) => this.socket.once('pong', resolve));
    this.socket.ping();
    await pong;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
