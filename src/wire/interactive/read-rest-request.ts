import { openEnvelope } from '../envelope.js';
import { asText, enumKey } from '../fields.js';
import { PayloadReader, defined, Refused } from './payload-reader.js';
import type { RestCall } from './paths.js';
import { readPayload, readRequestId, refusal, type InteractiveRefusal } from './read-command.js';
import {
  maxLayers,
  maxTimbrePage,
  maxTrtcRoomId,
  sessionProtocols,
  speedPercentRange,
  streamMaxIntervalRangeMs,
  volumeDbRange,
  type SessionDriver,
  type SessionOutput,
  type SessionProtocol,
  type SessionRequest,
  type SessionSpeech,
  type VideoLayer,
} from './session-types.js';
import { layerFault } from './video-layer.js';
import type { RestRequests } from './write-rest-request.js';

export type RestReading<C extends RestCall> =
  | { readonly ok: true; readonly request: RestRequests[C]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusal: InteractiveRefusal };

const readers: { readonly [C in RestCall]: (payload: PayloadReader) => RestRequests[C] } = {
  createByProject: (payload) => {
    const speech = payload.object('SpeechParam');
    if (speech !== undefined) payload.warnings.push('SpeechParam has no effect with a project');
    return { ...readCreation(payload), projectId: payload.identifier('VirtualmanProjectId') };
  },
  createByAsset: (payload) => ({
    ...readCreation(payload),
    assetKey: payload.identifier('AssetVirtualmanKey'),
    ...defined({ speech: readSpeech(payload.object('SpeechParam')) }),
  }),
  stat: ofSession,
  start: ofSession,
  close: ofSession,
  listByProject: (payload) => ({
    requestId: readRequestId(payload),
    projectId: payload.identifier('VirtualmanProjectId'),
  }),
  // The documents do not name the field.
  listByAsset: (payload) => ({
    requestId: readRequestId(payload),
    assetKey: payload.text('AssetVirtualmanKey') ?? payload.identifier('VirtualmanKey'),
  }),
  listByAccount: (payload) => ({ requestId: readRequestId(payload) }),
  listByAvatar: (payload) => ({
    requestId: readRequestId(payload),
    avatarKey: payload.identifier('VirtualmanKey'),
  }),
  timbres: (payload) => ({
    page: payload.number('PageIndex', [1, Number.MAX_SAFE_INTEGER], true) ?? 1,
    pageSize: payload.number('PageSize', [1, maxTimbrePage], true) ?? maxTimbrePage,
  }),
  actions: (payload) => ({ avatarKey: payload.identifier('VirtualmanKey') }),
  // Has a reader of its own, see readRestRequest.
  command: () => {
    throw new Refused('Command', 'is not read here');
  },
};

/** The server's side: reads the body of a REST call. Never throws. */
export function readRestRequest<C extends RestCall>(call: C, input: Uint8Array | string): RestReading<C> {
  const envelope = openEnvelope(input);
  const { payload } = envelope;
  if (payload === undefined)
    return { ok: false, refusal: refusal(undefined, envelope.field, envelope.fault) };
  const warnings: string[] = [];
  try {
    const request =
      call === 'command'
        ? (readPayload(payload, warnings) as RestRequests[C])
        : readers[call](new PayloadReader(payload, '', warnings));
    return { ok: true, request, warnings };
  } catch (thrown) {
    if (thrown instanceof Refused)
      return { ok: false, refusal: refusal(payload, thrown.field, thrown.message) };
    throw thrown;
  }
}

function ofSession(payload: PayloadReader): SessionRequest {
  return { requestId: readRequestId(payload), sessionId: payload.identifier('SessionId') };
}

type Creation = Omit<RestRequests['createByProject'], 'projectId'>;

function readCreation(payload: PayloadReader): Creation {
  const protocol = enumKey(payload.text('Protocol') ?? '') as SessionProtocol;
  if (!sessionProtocols.includes(protocol)) {
    throw payload.refused('Protocol', `must be one of ${sessionProtocols.join(', ')}`);
  }
  const backgrounds = readLayers(payload, 'Backgrounds');
  const foregrounds = readLayers(payload, 'Foregrounds');
  if (backgrounds.length + foregrounds.length > maxLayers) {
    throw payload.refused('Backgrounds', `and Foregrounds have at most ${maxLayers} layers together`);
  }
  const extra = payload.object('ExtraInfo');
  return {
    requestId: readRequestId(payload),
    userId: payload.identifier('UserId'),
    protocol,
    driver: readDriver(payload),
    ...defined({
      sessionId: payload.text('SessionId', 128) || undefined,
      output: readOutput(payload.object('ProtocolOption')),
      streamMaxIntervalMs: payload.number('StreamMaxInterval', streamMaxIntervalRangeMs, true),
      alphaChannel: extra?.flag('AlphaChannelEnable'),
      alphaPadDisabled: extra?.flag('AlphaPadDisable'),
      backgrounds: backgrounds.length > 0 ? backgrounds : undefined,
      foregrounds: foregrounds.length > 0 ? foregrounds : undefined,
      silenceActionsDisabled: payload.object('AnchorParam')?.flag('SilenceActionDisabled'),
    }),
  };
}

function readLayers(payload: PayloadReader, name: string): VideoLayer[] {
  return payload.objects(name).map((layer, index) => {
    const fault = layerFault(layer);
    if (fault !== undefined)
      throw payload.refused(`${name}[${index}]`, `expected ${fault.expected}, received ${fault.received}`);
    return layer as VideoLayer;
  });
}

function readDriver(payload: PayloadReader): SessionDriver {
  switch (payload.number('DriverType', [0, 100], true)) {
    case 1:
      return 'text';
    case 3:
      return 'audio';
    default:
      throw payload.refused('DriverType', 'must be 1 (text) or 3 (audio)');
  }
}

function readSpeech(speech: PayloadReader | undefined): SessionSpeech | undefined {
  if (speech === undefined) return undefined;
  return defined({
    speedPercent: speech.number('Speed', speedPercentRange, false),
    timbre: speech.text('TimbreKey', 128),
    volumeDb: speech.number('Volume', volumeDbRange, true),
    language: speech.text('TimbreLanguage', 128),
  });
}

function readOutput(option: PayloadReader | undefined): SessionOutput | undefined {
  if (option === undefined) return undefined;
  const auto = option.number('TrtcAutoGenRoomIdType', [0, 1], true);
  return defined({
    pushUrl: option.text('CssCustomPushUrl', 2048) || undefined,
    trtcExternalApp: option.flag('TrtcUseExternalApp'),
    trtcAppId: asText(option.value('TrtcAppId'))?.slice(0, 128),
    trtcRoomId: option.number('TrtcRoomId', [0, maxTrtcRoomId], true),
    // The documents have the name in two forms.
    trtcRoomName: option.text('TrtcStrRoomId', 128) ?? option.text('StrTrtcRoomId', 128),
    trtcAutoRoom: auto === undefined ? undefined : auto === 1 ? ('name' as const) : ('number' as const),
    trtcUserSignature: option.text('TrtcUserSig'),
    trtcPrivateKey: option.text('TrtcPrivateMapKey'),
  });
}
