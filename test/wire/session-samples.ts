import type { Command, CreateByAsset, RestCall, RestRequests, RestResponses } from '../../src/wire/index.js';

/**
 * Everything that is said about a session, in our types: those of the documents'
 * samples, and with every field that there is.
 */
export const requestId = 'd7aa08da33dd4a662ad5be508c5b77cf';
export const sessionId = 'm789';

export const creationSettings: Omit<CreateByAsset, 'assetKey'> = {
  requestId,
  sessionId: 'own',
  userId: 'henry',
  protocol: 'trtc',
  driver: 'audio',
  output: {
    pushUrl: 'rtmp://xyz.com/app/streamid?txSecret=0&txTime=1',
    trtcExternalApp: true,
    trtcAppId: 'app',
    trtcRoomId: 4294967294,
    trtcRoomName: 'room',
    trtcAutoRoom: 'name',
    trtcUserSignature: 'sig',
    trtcPrivateKey: 'key',
  },
  streamMaxIntervalMs: 6000,
  alphaChannel: true,
  alphaPadDisabled: false,
  backgrounds: [{ Any: 1 }],
  foregrounds: [{ Any: 2 }],
  silenceActionsDisabled: true,
};
export const wholeCreation: CreateByAsset = {
  ...creationSettings,
  assetKey: 'asset',
  speech: { speedPercent: 112.5, timbre: 't', volumeDb: -10, language: 'en-US' },
};

export const restRequests: { [C in RestCall]: RestRequests[C] } = {
  createByProject: { ...creationSettings, projectId: 'project' },
  createByAsset: wholeCreation,
  stat: { requestId, sessionId },
  start: { requestId, sessionId },
  close: { requestId, sessionId },
  listByProject: { requestId, projectId: 'project' },
  listByAsset: { requestId, assetKey: 'asset' },
  listByAccount: { requestId },
  listByAvatar: { requestId, avatarKey: 'avatar' },
  timbres: { page: 2, pageSize: 100 },
  actions: { avatarKey: 'avatar' },
  command: { kind: 'heartbeat', requestId, sessionId },
};

const list: RestResponses['listByAccount'] = {
  requestId,
  sessions: [
    {
      userId: 'henry',
      sessionId,
      status: 'ready',
      playAddress: 'rtmp://a/b',
      driver: 'text',
      started: true,
      projectId: 'p',
      assetKey: 'a',
      avatarKey: 'v',
    },
    { userId: 'x', sessionId: 'y', status: 'preparing', started: false },
  ],
};
export const created: RestResponses['createByAsset'] = {
  requestId,
  sessionId,
  status: 'ready',
  playAddress: 'rtmp://live.qq.com/live/m789',
};
export const restResponses: { [C in RestCall]: RestResponses[C] } = {
  createByProject: { requestId, sessionId, status: 'preparing' },
  createByAsset: created,
  stat: {
    requestId,
    status: 'closed',
    playAddress: 'rtmp://a/b',
    speakStatus: 'TextOver',
    started: true,
    errorCode: 110022,
    errorMessage: 'replaced',
    closeReason: 'replaced',
  },
  start: { requestId },
  close: { requestId },
  listByProject: list,
  listByAsset: list,
  listByAccount: list,
  listByAvatar: list,
  timbres: {
    total: 1,
    timbres: [
      {
        key: 'k',
        name: 'n',
        description: 'd',
        sample: 's',
        gender: 'female',
        emotions: ['happy'],
        languages: ['en-US', 'zh-CN'],
      },
    ],
  },
  actions: { actions: [{ name: 'wave', code: 'wave_1', sample: 'url' }] },
  command: { requestId },
};

export const commandIds = { requestId, sessionId: 'm123adfafvbadsafd' };
export const pcm = new Uint8Array([1, 2, 3, 4]);

export const commands: readonly Command[] = [
  { kind: 'heartbeat', ...commandIds },
  {
    kind: 'text',
    ...commandIds,
    text: 'Hello',
    interrupt: true,
    asIs: true,
    roundId: 'r',
    visitorId: 'v',
    smartActions: true,
    seiInfo: '{}',
  },
  { kind: 'stream', ...commandIds, text: '', sequence: 59, final: true, interrupt: true },
  {
    kind: 'stream',
    ...commandIds,
    text: 'X',
    sequence: 2,
    final: false,
    smartActions: true,
    clause: true,
    insert: true,
  },
  { kind: 'audio', ...commandIds, pcm, sequence: 1, final: false, seiInfo: '{}' },
  { kind: 'audio', ...commandIds, pcm: new Uint8Array(0), sequence: 2, final: true, interrupt: true },
];
