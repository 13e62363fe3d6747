import { decodeJwt } from 'jose';
import { Refused, oneLine } from '../refusal.ts';

/**
 * What a signed answer must hold beyond what the protocol library checks.
 *
 * JARM-2.4: the answer is for this client. The library is content when we are among several audiences; then the same
 * answer is good at another client too, and a code with it.
 * @param response the JWT, its signature verified
 * @throws Refused
 */
export function checkJarm(response: string, clientId: string): void {
  const { aud } = decodeJwt(response);
  const others = [aud].flat().filter((each) => each !== clientId);
  if (others.length > 0) throw new Refused('jarm_aud_wrong', { detail: oneLine(JSON.stringify(aud)) });
}
