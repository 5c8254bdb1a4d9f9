/**
 * A REST call of the vendor's endpoint-rendering browser client, which asks
 * for commands that were set up on the platform. No document describes it; the
 * client goes on when the code is 0 and there is nothing in it.
 */
export const actionConfigPath =
  '/v2/ivh/virtualmanconfig/virtualmanconfigopen/describeactionconfigcommanddetail';

/** The JSON body that says that nothing was set up. @param gatewayId the server's own id of the request. */
export function writeNoActionConfig(gatewayId: string): string {
  return JSON.stringify({ Header: { Code: 0, Message: '', RequestID: gatewayId }, Payload: {} });
}
