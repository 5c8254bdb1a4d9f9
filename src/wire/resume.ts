import { asBoolean, asInteger, asObject, asText, field, parseJson } from './fields.js';

/**
 * Our own extension (docs/protocol.md): a server with this header on its answer
 * to the upgrade does a request with the same id, or a fragment with the same
 * id and number, once only, and goes on with a drive whose socket was lost.
 * Nothing of it is sent to a client that did not ask, nor to a server that did not announce it.
 */
export const idempotentHeader = 'facewire-idempotent';

const kind = 'FACEWIRE_RESUME';
/** Longer frames are not looked at; those of this file are far shorter. */
const longestFrame = 1024;

/**
 * Without `requestId`: number the frames of the drives to come. With the id of
 * a drive of this socket: everything up to frame `received` has arrived. With
 * the id of another: send what comes after frame `received` here.
 */
export interface ResumeRequest {
  readonly requestId: string | undefined;
  readonly received: number;
}

/** The server's answer for a drive of another socket; the frames follow. */
export interface ResumeAnswer {
  readonly requestId: string;
  /** False: there is no such drive any more, or frames of it are gone. */
  readonly known: boolean;
  /** The first fragment that has not arrived; 1 when the request has no fragments. */
  readonly nextSequence: number;
}

export function writeResumeRequest(requestId?: string, received = 0): string {
  const id = requestId === undefined ? {} : { ReqId: requestId, Received: received };
  return JSON.stringify({ Header: {}, Payload: { DriverType: kind, ...id } });
}

export function writeResumeAnswer({ requestId, known, nextSequence }: ResumeAnswer): string {
  return JSON.stringify({
    Header: { RequestID: requestId, SessionID: '', DialogID: '', Code: 0, Message: '' },
    Payload: { DriverRspType: kind, ReqId: requestId, Known: known, Seq: nextSequence },
  });
}

/** Undefined for any other frame. */
export function readResumeRequest(bytes: Buffer): ResumeRequest | undefined {
  const payload = readPayload(bytes, 'DriverType');
  if (payload === undefined) return undefined;
  const received = asInteger(field(payload, 'Received')) ?? 0;
  return { requestId: asText(field(payload, 'ReqId'))?.slice(0, 64), received: Math.max(0, received) };
}

/** Undefined for any other frame. */
export function readResumeAnswer(bytes: Buffer): ResumeAnswer | undefined {
  const payload = readPayload(bytes, 'DriverRspType');
  if (payload === undefined) return undefined;
  return {
    requestId: asText(field(payload, 'ReqId')) ?? '',
    known: asBoolean(field(payload, 'Known')) ?? false,
    nextSequence: asInteger(field(payload, 'Seq')) ?? 1,
  };
}

function readPayload(bytes: Buffer, typeField: string): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length > longestFrame || !bytes.includes(kind)) return undefined;
  const parsed = parseJson(bytes);
  if ('fault' in parsed) return undefined;
  const payload = asObject(field(asObject(parsed.value), 'Payload'));
  return field(payload, typeField) === kind ? payload : undefined;
}

/** Writes the drive of a frame, and its number there from 1, as the frame's last member. `requestId` is 32 hex digits. */
export function numberFrame(frame: string, requestId: string, number: number): string {
  return `${frame.slice(0, -1)},"FacewireFrame":"${number} ${requestId}"}`;
}

export interface FrameNumber {
  readonly requestId: string;
  readonly number: number;
}

/** Undefined when the frame has no number. Reads only its end. */
export function frameNumber(bytes: Uint8Array): FrameNumber | undefined {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = end.toString('latin1', Math.max(0, bytes.length - 80));
  const match = /,"FacewireFrame":"(\d{1,15}) ([0-9a-fA-F]{32})"\}$/.exec(tail);
  return match === null ? undefined : { number: Number(match[1]), requestId: match[2] };
}
