import { createHash } from 'node:crypto';
import { epochSeconds } from '../../clock.ts';
import type { SigningAlgorithm } from '../../profile.ts';
import type { ClaimName } from '../../wire/requested-claims.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Login } from '../authorize/next-step.ts';
import type { Engine } from '../engine.ts';
import type { IssuedCode, PushedRequest } from '../state.ts';

/** What an ID token is issued for: the code's half of it. */
type Subject = Pick<IssuedCode, 'subject' | 'nonce' | 'idTokenClaims'>;

/**
 * Issues an ID token: who logged in, for this client, for this request. OIDC-CORE-2 [TOK-33] [TOK-35], OIDC-CORE-5.4
 * [TOK-36]. `nonce` exactly as sent; `auth_time`, `acr` and the name only when asked for; no claim nobody asked for.
 */
export const issueIdToken = (as: Engine, client: RegisteredClient, issued: Subject): Promise<string> =>
  as.keys.sign(client.idTokenAlgorithm, 'JWT', idTokenClaims(as, client, issued));

/**
 * Issues the ID token that goes through the browser beside the code. FAPI1-ADV-5.2.2.1: it is a detached signature over the
 * answer, so that neither `code` nor `state` can be exchanged on the way.
 */
export function issueFrontChannelIdToken(
  as: Engine,
  client: RegisteredClient,
  issued: Subject,
  answer: { readonly code: string; readonly state: string | undefined },
): Promise<string> {
  const alg = client.idTokenAlgorithm;
  return as.keys.sign(alg, 'JWT', {
    ...idTokenClaims(as, client, issued),
    c_hash: halfHash(answer.code, alg),
    // FAPI1-ADV-5.2.2.1-5
    ...(answer.state === undefined ? {} : { s_hash: halfHash(answer.state, alg) }),
  });
}

function idTokenClaims(as: Engine, client: RegisteredClient, { subject, nonce, idTokenClaims: asked }: Subject) {
  const now = epochSeconds(as.clock.now());
  return {
    ...asked,
    iss: as.issuer,
    sub: subject,
    aud: client.id,
    iat: now,
    exp: now + as.profile.idTokenLifetime,
    ...(nonce === undefined ? {} : { nonce }),
  };
}

// OIDC-CORE-3.3.2.11: the left half of the hash that belongs to the signature algorithm; EdDSA on Ed25519 goes with SHA-512.
function halfHash(value: string, alg: SigningAlgorithm): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(value, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

/** The claims this request asked to see in its ID token. OIDC-CORE-2 [TOK-35] [TOK-49], OIDC-CORE-5.5. */
export async function askedClaims(
  as: Engine,
  { maxAge, claims }: Pick<PushedRequest, 'maxAge' | 'claims'>,
  login: Login,
): Promise<Readonly<Record<string, string | number>>> {
  const asks = (name: ClaimName): boolean => claims?.idToken.includes(name) ?? false;
  const person = asks('name') ? await as.people.find(login.subject) : undefined;
  return {
    // OIDC-CORE-3.1.2.1: `max_age` asks for it too.
    ...(maxAge !== undefined || asks('auth_time') ? { auth_time: epochSeconds(login.authenticatedAt) } : {}),
    ...(asks('acr') ? { acr: as.profile.acr } : {}),
    ...(person === undefined ? {} : { name: person.name }),
  };
}
