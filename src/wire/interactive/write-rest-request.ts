import { checkFlag, checkLayer, checkNotEmpty, checkRange, checkRequestId, limit } from './limits.js';
import type { Command } from './command-types.js';
import { defined } from './payload-reader.js';
import type { RestCall } from './paths.js';
import {
  driverNumbers,
  maxLayers,
  maxTimbrePage,
  maxTrtcRoomId,
  sessionProtocols,
  speedPercentRange,
  streamMaxIntervalRangeMs,
  volumeDbRange,
  type CreateByAsset,
  type CreateByProject,
  type SessionOutput,
  type SessionRequest,
  type SessionSpeech,
  type TimbresRequest,
} from './session-types.js';
import { commandPayload } from './write-command.js';

/** What each call of the REST API takes. */
export interface RestRequests {
  createByProject: CreateByProject;
  createByAsset: CreateByAsset;
  stat: SessionRequest;
  start: SessionRequest;
  close: SessionRequest;
  listByProject: { readonly requestId: string; readonly projectId: string };
  listByAsset: { readonly requestId: string; readonly assetKey: string };
  listByAccount: { readonly requestId: string };
  listByAvatar: { readonly requestId: string; readonly avatarKey: string };
  timbres: TimbresRequest;
  actions: { readonly avatarKey: string };
  command: Command;
}

type Payload = Record<string, unknown>;

const writers: { readonly [C in RestCall]: (request: RestRequests[C]) => Payload } = {
  createByProject: (request) => {
    checkNotEmpty('projectId', request.projectId);
    // At run time a caller without types could ask for it.
    if ((request as { speech?: unknown }).speech !== undefined) {
      throw limit('speech', 'no speech settings, because a project has its own', 'speech settings');
    }
    return creation(request, { VirtualmanProjectId: request.projectId });
  },
  createByAsset: (request) => {
    checkNotEmpty('assetKey', request.assetKey);
    return creation(
      request,
      defined({
        AssetVirtualmanKey: request.assetKey,
        SpeechParam: request.speech && sessionSpeechParam(request.speech),
      }),
    );
  },
  stat: ofSession,
  start: ofSession,
  close: ofSession,
  listByProject: ({ requestId, projectId }) => list(requestId, 'VirtualmanProjectId', 'projectId', projectId),
  listByAsset: ({ requestId, assetKey }) => list(requestId, 'AssetVirtualmanKey', 'assetKey', assetKey),
  listByAccount: ({ requestId }) => {
    checkRequestId(requestId);
    return { ReqId: requestId };
  },
  listByAvatar: ({ requestId, avatarKey }) => list(requestId, 'VirtualmanKey', 'avatarKey', avatarKey),
  timbres: ({ page, pageSize }) => {
    checkRange('page', page, [1, Number.MAX_SAFE_INTEGER], true);
    checkRange('pageSize', pageSize, [1, maxTimbrePage], true);
    return { PageIndex: page, PageSize: pageSize };
  },
  actions: ({ avatarKey }) => {
    checkNotEmpty('avatarKey', avatarKey);
    return { VirtualmanKey: avatarKey };
  },
  command: commandPayload,
};

/**
 * The JSON body of a REST call, after checking every documented limit; throws
 * ERR_WIRE_LIMIT naming the field, never a secret.
 */
export function writeRestRequest<C extends RestCall>(call: C, request: RestRequests[C]): string {
  return JSON.stringify({ Header: {}, Payload: writers[call](request) });
}

function ofSession({ requestId, sessionId }: SessionRequest): Payload {
  checkRequestId(requestId);
  checkNotEmpty('sessionId', sessionId);
  return { ReqId: requestId, SessionId: sessionId };
}

function list(requestId: string, name: string, option: string, value: string): Payload {
  checkRequestId(requestId);
  checkNotEmpty(option, value);
  return { ReqId: requestId, [name]: value };
}

function creation(request: CreateByProject | CreateByAsset, of: Payload): Payload {
  checkRequestId(request.requestId);
  checkNotEmpty('userId', request.userId);
  if (request.sessionId !== undefined) checkNotEmpty('sessionId', request.sessionId);
  if (!sessionProtocols.includes(request.protocol)) {
    throw limit('protocol', sessionProtocols.join(', '), String(request.protocol));
  }
  if (!Object.hasOwn(driverNumbers, request.driver))
    throw limit('driver', 'text or audio', String(request.driver));
  const backgrounds = request.backgrounds ?? [];
  const foregrounds = request.foregrounds ?? [];
  if (backgrounds.length + foregrounds.length > maxLayers) {
    throw limit(
      'backgrounds and foregrounds',
      `at most ${maxLayers} together`,
      String(backgrounds.length + foregrounds.length),
    );
  }
  backgrounds.forEach((layer, index) => checkLayer(`backgrounds[${index}]`, layer));
  foregrounds.forEach((layer, index) => checkLayer(`foregrounds[${index}]`, layer));
  checkFlag('alphaChannel', request.alphaChannel);
  checkFlag('alphaPadDisabled', request.alphaPadDisabled);
  checkFlag('silenceActionsDisabled', request.silenceActionsDisabled);
  if (request.streamMaxIntervalMs !== undefined) {
    checkRange('streamMaxIntervalMs', request.streamMaxIntervalMs, streamMaxIntervalRangeMs, true);
  }
  const extra = defined({
    AlphaChannelEnable: request.alphaChannel,
    AlphaPadDisable: request.alphaPadDisabled,
  });
  return defined({
    ReqId: request.requestId,
    SessionId: request.sessionId,
    ...of,
    UserId: request.userId,
    Protocol: request.protocol,
    DriverType: driverNumbers[request.driver],
    ProtocolOption: request.output && protocolOption(request.output),
    StreamMaxInterval: request.streamMaxIntervalMs,
    ExtraInfo: Object.keys(extra).length > 0 ? extra : undefined,
    Backgrounds: backgrounds.length > 0 ? backgrounds : undefined,
    Foregrounds: foregrounds.length > 0 ? foregrounds : undefined,
    AnchorParam:
      request.silenceActionsDisabled === undefined
        ? undefined
        : { SilenceActionDisabled: request.silenceActionsDisabled },
  });
}

/** Checks the percent settings of a session and gives them the wire's names. */
export function sessionSpeechParam(speech: SessionSpeech): Payload {
  if (speech.speedPercent !== undefined) {
    checkRange('speech.speedPercent', speech.speedPercent, speedPercentRange, false);
  }
  if (speech.volumeDb !== undefined) checkRange('speech.volumeDb', speech.volumeDb, volumeDbRange, true);
  return defined({
    Speed: speech.speedPercent,
    TimbreKey: speech.timbre,
    Volume: speech.volumeDb,
    TimbreLanguage: speech.language,
  });
}

function protocolOption(output: SessionOutput): Payload {
  if (output.trtcExternalApp === true) {
    const required = ['trtcAppId', 'trtcUserSignature', 'trtcPrivateKey'] as const;
    for (const name of required) checkNotEmpty(`output.${name}`, output[name]);
    if (output.trtcRoomId === undefined && (output.trtcRoomName ?? '') === '') {
      throw limit('output', 'trtcRoomId or trtcRoomName with an external app', 'neither');
    }
  }
  if (output.trtcRoomId !== undefined)
    checkRange('output.trtcRoomId', output.trtcRoomId, [0, maxTrtcRoomId], true);
  const auto = output.trtcAutoRoom;
  if (auto !== undefined && auto !== 'number' && auto !== 'name') {
    throw limit('output.trtcAutoRoom', 'number or name', String(auto));
  }
  return defined({
    TrtcUseExternalApp: output.trtcExternalApp,
    TrtcAppId: output.trtcAppId,
    TrtcRoomId: output.trtcRoomId,
    TrtcStrRoomId: output.trtcRoomName,
    TrtcAutoGenRoomIdType: auto === undefined ? undefined : auto === 'name' ? 1 : 0,
    TrtcUserSig: output.trtcUserSignature,
    TrtcPrivateMapKey: output.trtcPrivateKey,
    CssCustomPushUrl: output.pushUrl === undefined ? undefined : pushUrl(output.pushUrl),
  });
}

// The address is a secret and so not shown.
function pushUrl(url: string): string {
  if (/^rtmps?:\/\/[^\s/]+\/[^\s]+$/.test(url) && url.length <= 2048) return url;
  throw limit('output.pushUrl', 'rtmp://host/app/stream', 'another form');
}
