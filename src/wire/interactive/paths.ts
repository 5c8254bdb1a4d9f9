import { cloudUrl, httpSchemes, webSocketSchemes } from '../cloud-url.js';

const sessions = '/v2/ivh/sessionmanager/sessionmanagerservice';
const assets = '/v2/ivh/crmserver/customerassetservice';

/** Every REST call of interactive sessions, by our name. All are POST with a signed query. */
export const restPaths = {
  createByProject: `${sessions}/createsession`,
  createByAsset: `${sessions}/createsessionbyasset`,
  stat: `${sessions}/statsession`,
  start: `${sessions}/startsession`,
  close: `${sessions}/closesession`,
  listByProject: `${sessions}/listsessionofprojectid`,
  listByAsset: `${sessions}/listsessionofassetvk`,
  /** All sessions of the account. */
  listByAccount: `${sessions}/listsessionofuin`,
  /** In no document; the vendor's browser client uses it. */
  listByAvatar: `${sessions}/listsessionofvk`,
  timbres: `${assets}/describetimbre`,
  actions: `${assets}/getaction`,
  /** The commands of the channel, one a call; only the code of the answer matters. */
  command: '/v2/ivh/interactdriver/interactdriverservice/command',
} as const;

export type RestCall = keyof typeof restPaths;

/** Path of the socket of a started session. */
export const channelPath = '/v2/ws/ivh/interactdriver/interactdriverservice/commandchannel';

/** The call that a request path names, undefined for any other path. */
export function restCallOf(path: string): RestCall | undefined {
  return (Object.keys(restPaths) as RestCall[]).find((call) => restPaths[call] === path);
}

/**
 * Address of a REST call without its query. `origin` is scheme and host, with
 * or without a path prefix of a private deployment; ws and wss are read as http and https.
 */
export function restUrl(origin: string, call: RestCall): URL {
  return cloudUrl(origin, restPaths[call], httpSchemes);
}

/** Address of the socket without its query; http and https are read as ws and wss. */
export function channelUrl(origin: string): URL {
  return cloudUrl(origin, channelPath, webSocketSchemes);
}
