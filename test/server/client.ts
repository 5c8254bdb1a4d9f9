import { get } from 'node:http';
import { WebSocket } from 'ws';
import type { CloudConnection } from '../../src/server/local-cloud.js';
import { drivePath } from '../../src/wire/endpoint.js';
import { newRequestId } from '../../src/wire/ids.js';
import { signedQuery } from '../../src/wire/signing.js';
import { News } from './news.js';

export interface Frame {
  readonly Header: { readonly Code: number; readonly Message: string; readonly RequestID: string };
  readonly Payload: {
    readonly DriverRspType: string;
    readonly ReqId: string;
    readonly StreamId: string;
    readonly ErrorCode: number;
    readonly ReplyRsp: {
      readonly ContentType: number;
      readonly ReplyType: string;
      readonly ReplyDisplay: string;
      readonly ReplyPro: string;
      readonly SeqNo: number;
      readonly IsFinal: boolean;
      readonly TtsSupport: boolean;
      readonly Uninterrupt: boolean;
      readonly Muted: boolean;
      readonly IsHighLight: boolean;
      readonly InteractionType: string;
      readonly InteractionContent: string;
    };
    readonly SpeechRsp: {
      readonly Audio: string;
      readonly Sampling: number;
      readonly ThDim: number;
      readonly ThFeat: readonly number[];
      readonly ThFeatFinal: boolean;
      readonly RealThType: string;
      readonly Phn: readonly { readonly Phn: string; readonly Start: string; readonly End: string }[];
      readonly Word: readonly { readonly Phn: string; readonly Word: string }[];
      readonly Subtitle: readonly Record<'Word' | 'Start' | 'End' | 'PosStart' | 'PosEnd', string>[];
      readonly Action: readonly { readonly Pos: string; readonly Start: string }[];
      readonly Expression: readonly Record<'Name' | 'Start' | 'End' | 'Loc' | 'Flag', string>[];
      readonly SeqNo: number;
      readonly SentenceStart: boolean;
      readonly SentenceFinal: boolean;
      readonly Final: boolean;
    };
  };
}

export function signedUrl(connection: CloudConnection, skewSeconds = 0): string {
  const query = signedQuery({
    appkey: connection.appkey,
    accessToken: connection.accessToken,
    timestampSeconds: Math.floor(Date.now() / 1000) + skewSeconds,
    requestId: newRequestId(),
  });
  return `${connection.url}${drivePath}?${query}`;
}

type Reply = Frame['Payload']['ReplyRsp'];
type Speech = Frame['Payload']['SpeechRsp'];

export function repliesOf(frames: readonly Frame[]): Reply[] {
  return frames
    .filter((frame) => frame.Payload.DriverRspType === 'REPLY')
    .map((frame) => frame.Payload.ReplyRsp);
}

export function speechesOf(frames: readonly Frame[]): Speech[] {
  return frames
    .filter((frame) => frame.Payload.DriverRspType === 'SPEECH')
    .map((frame) => frame.Payload.SpeechRsp);
}

/** True for the frame that ends a drive. */
export function ends(frame: Frame): boolean {
  return frame.Header.Code !== 0 || frame.Payload.SpeechRsp.Final;
}

/** A plain client of the wire: sends what it is told and keeps every frame. */
export class TestClient {
  readonly frames: Frame[] = [];
  readonly texts: string[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #news = new News();

  private constructor(
    readonly socket: WebSocket,
    readonly projectId: string,
  ) {
    socket.on('message', (data: Buffer) => {
      this.texts.push(data.toString());
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#news.tell();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async connect(connection: CloudConnection): Promise<TestClient> {
    const socket = new WebSocket(signedUrl(connection), { perMessageDeflate: false });
    const client = new TestClient(socket, connection.projectId);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Sends a request and returns its ReqId. */
  send(fields: Readonly<Record<string, unknown>>): string {
    const id = typeof fields['ReqId'] === 'string' ? fields['ReqId'] : newRequestId();
    const payload = { ReqId: id, StreamId: 'stream-1', VirtualmanProjectId: this.projectId, ...fields };
    this.socket.send(JSON.stringify({ Header: {}, Payload: payload }));
    return id;
  }

  of(requestId: string): Frame[] {
    return this.frames.filter((frame) => frame.Payload.ReqId === requestId);
  }

  /** Resolves when `test` holds for the frames so far. */
  until(test: () => boolean): Promise<void> {
    return this.#news.until(test);
  }

  /** All frames of a drive, when it has ended. */
  async finished(requestId: string): Promise<Frame[]> {
    await this.until(() => this.of(requestId).some(ends));
    return this.of(requestId);
  }

  text(text: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Frame[]> {
    return this.finished(this.send({ DriverType: 'TEXT', InputText: text, ...fields }));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

export interface Refused {
  readonly status: number;
  readonly date: string | undefined;
  readonly body: { readonly Header: { readonly Code: number; readonly Message: string } };
}

/** Tries to open a WebSocket and returns the HTTP answer that refused it. */
export function refusedUpgrade(url: string): Promise<Refused> {
  return new Promise((resolve, reject) => {
    const request = get(url.replace(/^ws/, 'http'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
      },
    });
    request.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('the server let the client in'));
    });
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          date: response.headers.date,
          body: JSON.parse(text) as Refused['body'],
        }),
      );
    });
  });
}
