/**
 * Reaches a client at the place it registered. The implementation is what stands between this server and somebody who
 * registers `https://169.254.169.254/` there: https only, permitted hosts, a verified name and chain, no redirects, bounded
 * size and time.
 */
export interface ClientNotifier {
  /**
   * Posts a ping. CIBA-CORE-10.2.
   * @param token what the client wants to see as Bearer token
   * @returns the HTTP status of the answer; nothing else of it is looked at
   * @throws Error when there was no answer, for whatever reason
   */
  notify(endpoint: string, token: string, authReqId: string): Promise<number>;
}
