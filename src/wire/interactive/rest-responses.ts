import {
  asBoolean,
  asInteger,
  asObject,
  asText,
  enumKey,
  field,
  parseJson,
  type JsonObject,
} from '../fields.js';
import { defined } from './payload-reader.js';
import type { RestCall } from './paths.js';
import {
  closeNumbers,
  driverNumbers,
  statusNumbers,
  type Acknowledged,
  type AvatarAction,
  type CloseReason,
  type CreatedSession,
  type ListedSession,
  type SessionDriver,
  type SessionList,
  type SessionState,
  type SessionStatus,
  type Timbre,
  type TimbrePage,
} from './session-types.js';

/** What each call of the REST API answers. */
export interface RestResponses {
  createByProject: CreatedSession;
  createByAsset: CreatedSession;
  stat: SessionState;
  start: Acknowledged;
  close: Acknowledged;
  listByProject: SessionList;
  listByAsset: SessionList;
  listByAccount: SessionList;
  listByAvatar: SessionList;
  timbres: TimbrePage;
  actions: { readonly actions: readonly AvatarAction[] };
  command: Acknowledged;
}

type Payload = Record<string, unknown>;

interface Codec<T> {
  readonly write: (response: T) => Payload;
  readonly read: (payload: JsonObject) => T;
}

const created: Codec<CreatedSession> = {
  write: (response) =>
    defined({
      ReqId: response.requestId,
      SessionId: response.sessionId,
      SessionStatus: statusNumbers[response.status],
      PlayStreamAddr: response.playAddress,
    }),
  read: (payload) => ({
    requestId: text(payload, 'ReqId'),
    sessionId: text(payload, 'SessionId'),
    status: readStatus(payload),
    ...defined({ playAddress: text(payload, 'PlayStreamAddr') || undefined }),
  }),
};

const state: Codec<SessionState> = {
  write: (response) =>
    defined({
      ReqId: response.requestId,
      SessionStatus: statusNumbers[response.status],
      PlayStreamAddr: response.playAddress,
      SpeakStatus: response.speakStatus,
      IsSessionStarted: response.started,
      ErrorCode: response.errorCode,
      ErrorMessage: response.errorMessage,
      CloseType: response.closeReason && closeNumbers[response.closeReason],
    }),
  read: (payload) => ({
    requestId: text(payload, 'ReqId'),
    status: readStatus(payload),
    started: asBoolean(field(payload, 'IsSessionStarted')) ?? false,
    errorCode: asInteger(field(payload, 'ErrorCode')) ?? 0,
    ...defined({
      playAddress: text(payload, 'PlayStreamAddr') || undefined,
      speakStatus: text(payload, 'SpeakStatus') || undefined,
      errorMessage: text(payload, 'ErrorMessage') || text(payload, 'ErrorMsg') || undefined,
      closeReason: nameOf<CloseReason>(closeNumbers, asInteger(field(payload, 'CloseType'))),
    }),
  }),
};

const acknowledged: Codec<Acknowledged> = {
  write: ({ requestId }) => ({ ReqId: requestId }),
  read: (payload) => ({ requestId: text(payload, 'ReqId') }),
};

const list: Codec<SessionList> = {
  write: ({ requestId, sessions }) => ({
    ReqId: requestId,
    Sessions: sessions.map((session) =>
      defined({
        UserId: session.userId,
        SessionId: session.sessionId,
        SessionStatus: statusNumbers[session.status],
        PlayStreamAddr: session.playAddress,
        DriverType: session.driver && driverNumbers[session.driver],
        IsSessionStarted: session.started,
        VirtualmanProjectId: session.projectId,
        AssetVirtualmanKey: session.assetKey,
        VirtualmanKey: session.avatarKey,
      }),
    ),
  }),
  read: (payload) => ({
    requestId: text(payload, 'ReqId'),
    sessions: objects(payload, 'Sessions').map(readListed),
  }),
};

const timbres: Codec<TimbrePage> = {
  write: (page) => ({
    Total: page.total,
    TimbreAssets: page.timbres.map((timbre) =>
      defined({
        TimbreKey: timbre.key,
        TimbreName: timbre.name,
        TimbreDesc: timbre.description,
        TimbreSample: timbre.sample,
        TimbreGender: timbre.gender === undefined ? undefined : timbre.gender === 'male' ? 1 : 2,
        EmotionalCategories: timbre.emotions,
        TimbreLanguages: timbre.languages,
      }),
    ),
  }),
  read: (payload) => {
    const found = objects(payload, 'TimbreAssets').map(readTimbre);
    return { total: asInteger(field(payload, 'Total')) ?? found.length, timbres: found };
  },
};

const codecs: { readonly [C in RestCall]: Codec<RestResponses[C]> } = {
  createByProject: created,
  createByAsset: created,
  stat: state,
  start: acknowledged,
  close: acknowledged,
  listByProject: list,
  listByAsset: list,
  listByAccount: list,
  listByAvatar: list,
  timbres,
  actions: {
    write: ({ actions }) => ({
      Actions: actions.map(({ name, code, sample }) => ({
        ActionName: name,
        ActionCode: code,
        ActionSample: sample,
      })),
    }),
    read: (payload) => ({
      actions: objects(payload, 'Actions').map((action) => ({
        name: text(action, 'ActionName'),
        code: text(action, 'ActionCode'),
        sample: text(action, 'ActionSample'),
      })),
    }),
  },
  command: acknowledged,
};

/** The JSON body of an answer. @param gatewayId the server's own id of the request. */
export function writeRestResponse<C extends RestCall>(
  call: C,
  response: RestResponses[C],
  gatewayId: string,
): string {
  return JSON.stringify({
    Header: { Code: 0, Message: '', RequestID: gatewayId },
    Payload: codecs[call].write(response),
  });
}

/** The JSON body of a failure; it goes out with HTTP 200. */
export function writeRestError(code: number, message: string, gatewayId: string): string {
  return JSON.stringify({ Header: { Code: code, Message: message, RequestID: gatewayId } });
}

export type RestAnswer<C extends RestCall> =
  | { readonly kind: 'answer'; readonly response: RestResponses[C] }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'malformed'; readonly fault: string };

/** The client's side: reads the body of an answer. Takes what is there; never throws. */
export function readRestResponse<C extends RestCall>(call: C, input: Uint8Array | string): RestAnswer<C> {
  const parsed = parseJson(input);
  if ('fault' in parsed) return { kind: 'malformed', fault: parsed.fault };
  const root = asObject(parsed.value);
  const header = asObject(field(root, 'Header'));
  const payload = asObject(field(root, 'Payload'));
  if (root === undefined || (header === undefined && payload === undefined)) {
    return { kind: 'malformed', fault: 'without Header and Payload' };
  }
  const code = asInteger(field(header, 'Code')) ?? 0;
  if (code !== 0) return { kind: 'error', code, message: text(header, 'Message') };
  // The state of a session carries the code of what happened to it; that is an answer.
  const inner = call === 'stat' ? 0 : (asInteger(field(payload, 'ErrorCode')) ?? 0);
  if (inner !== 0) {
    return {
      kind: 'error',
      code: inner,
      message: text(payload, 'ErrorMessage') || text(payload, 'ErrorMsg'),
    };
  }
  return { kind: 'answer', response: codecs[call].read(payload ?? {}) };
}

function readListed(session: JsonObject): ListedSession {
  return {
    userId: text(session, 'UserId'),
    sessionId: text(session, 'SessionId'),
    status: readStatus(session),
    started: asBoolean(field(session, 'IsSessionStarted')) ?? false,
    ...defined({
      playAddress: text(session, 'PlayStreamAddr') || undefined,
      // Documented as a string, a number in the samples.
      driver: nameOf<SessionDriver>(driverNumbers, asInteger(field(session, 'DriverType'))),
      projectId: text(session, 'VirtualmanProjectId') || undefined,
      assetKey: text(session, 'AssetVirtualmanKey') || undefined,
      avatarKey: text(session, 'VirtualmanKey') || undefined,
    }),
  };
}

function readTimbre(timbre: JsonObject): Timbre {
  const gender = asInteger(field(timbre, 'TimbreGender'));
  return {
    key: text(timbre, 'TimbreKey'),
    name: text(timbre, 'TimbreName'),
    description: text(timbre, 'TimbreDesc'),
    sample: text(timbre, 'TimbreSample'),
    emotions: texts(timbre, 'EmotionalCategories'),
    languages: texts(timbre, 'TimbreLanguages'),
    ...defined({ gender: gender === 1 ? ('male' as const) : gender === 2 ? ('female' as const) : undefined }),
  };
}

function readStatus(payload: JsonObject): SessionStatus {
  return nameOf<SessionStatus>(statusNumbers, asInteger(field(payload, 'SessionStatus'))) ?? 'unknown';
}

/** The name that a table gives a number. */
export function nameOf<T extends string>(
  numbers: Readonly<Record<T, number>>,
  value: number | undefined,
): T | undefined {
  return (Object.keys(numbers) as T[]).find((name) => numbers[name] === value);
}

/** The name that a table gives a vendor's name, whatever its case and blanks. */
export function keyOf<T extends string>(names: Readonly<Record<T, string>>, value: string): T | undefined {
  return (Object.keys(names) as T[]).find((name) => enumKey(names[name]) === enumKey(value));
}

function text(object: JsonObject | undefined, name: string): string {
  return asText(field(object, name)) ?? '';
}

function array(object: JsonObject, name: string): readonly unknown[] {
  const value = field(object, name);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function objects(object: JsonObject, name: string): JsonObject[] {
  return array(object, name)
    .map(asObject)
    .filter((item) => item !== undefined);
}

function texts(object: JsonObject, name: string): string[] {
  return array(object, name)
    .map(asText)
    .filter((item) => item !== undefined);
}
