import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import type { IDToken } from 'oauth4webapi';
import { Refused, oneLine } from '../refusal.ts';

/** What is known of the moment an ID token came in. */
export interface IdTokenContext {
  readonly clientId: string;
  readonly idToken: string;
  /** The access token that came with it. */
  readonly accessToken: string;
  /** Whom the ID token before this one was about, if there was one. */
  readonly subject: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

// Our choice, no clause: an ID token comes directly from the server that has just made it.
const OLDEST = 600;
const NEWEST = 60;

/**
 * What an ID token must hold beyond what the protocol library checks; its signature is looked at elsewhere.
 * @throws Refused
 */
export function checkIdToken(claims: IDToken, context: IdTokenContext): void {
  checkAudience(claims, context.clientId);
  checkMoment(claims, context.now);
  checkSubject(claims, context.subject);
  checkAccessTokenHash(claims, context);
}

function checkAudience({ aud, azp }: IDToken, clientId: string): void {
  // OIDC-CORE-3.1.3.7-3: we trust no audience but ourselves. The library takes others when `azp` names us, but then they can
  // hand the token on as theirs.
  const others = [aud].flat().filter((each) => each !== clientId);
  if (others.length > 0)
    throw new Refused('id_token_aud_untrusted', {
      detail: oneLine(others.map((each) => JSON.stringify(each)).join(', ')),
    });
  // OIDC-CORE-3.1.3.7-5; the library looks at it only beside several audiences.
  if (azp !== undefined && azp !== clientId)
    throw new Refused('id_token_azp_wrong', { detail: oneLine(JSON.stringify(azp)) });
}

/** OIDC-CORE-3.1.3.7-10: an old token may be a replayed one; the library wants `iat` to be there and does not look at it. */
function checkMoment({ iat }: IDToken, now: number): void {
  if (iat < now - OLDEST || iat > now + NEWEST)
    throw new Refused('id_token_iat_wrong', { detail: `${Math.round(iat - now)} s from now` });
}

/** OIDC-CORE-12.2, OIDC-CORE-3.3.3.6: all ID tokens of one grant are about one person. */
function checkSubject({ sub }: IDToken, subject: string | undefined): void {
  if (subject !== undefined && sub !== subject) throw new Refused('id_token_sub_wrong');
}

/** OIDC-CORE-3.1.3.8: where the ID token vouches for an access token, it is the one beside it. */
function checkAccessTokenHash({ at_hash: stated }: IDToken, { idToken, accessToken }: IdTokenContext): void {
  if (stated === undefined) return;
  const { alg } = decodeProtectedHeader(idToken);
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken)
    .digest();
  const expected = digest.subarray(0, digest.length / 2);
  const given = Buffer.from(typeof stated === 'string' ? stated : '', 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Refused('id_token_at_hash_wrong');
}
