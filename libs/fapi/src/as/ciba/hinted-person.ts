import { refuse } from '../../errors.ts';
import { SIGNING_ALGORITHMS } from '../../profile.ts';
import type { JwsClaims } from '../../wire/jws.ts';
import { JwsRefused, verifyJws } from '../../wire/jws.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine, KnownPerson } from '../engine.ts';
import type { Hint } from './authentication-parameters.ts';

/**
 * Finds the person a client wants to have asked. CIBA-CORE-7.1, CIBA-CORE-7.2.
 * @throws OAuthError `unknown_user_id` when it is nobody, `invalid_request` for an ID token that is none of this client's
 */
export async function hintedPerson(as: Engine, client: RegisteredClient, hint: Hint): Promise<KnownPerson> {
  const person =
    hint.kind === 'login'
      ? await as.people.findByHint(hint.value)
      : await as.people.find(await subjectOf(as, client, hint.value));
  if (person === undefined) throw refuse('unknown_user_id', 'hinted_person_unknown');
  return person;
}

// OIDC-CORE-3.1.2.1 lets an ID token be expired as a hint; everything else about it holds. Were `aud` not looked at, one
// client could make another's customers its own. A token whose key is no longer published cannot be verified, and hints
// at nobody.
async function subjectOf(as: Engine, client: RegisteredClient, idToken: string): Promise<string> {
  const { iss, aud, sub } = await verifiedClaims(as, idToken);
  if (iss !== as.issuer || aud !== client.id || typeof sub !== 'string') throw notOurs('claims');
  return sub;
}

async function verifiedClaims(as: Engine, idToken: string): Promise<JwsClaims> {
  try {
    return await verifyJws(idToken, {
      algorithms: SIGNING_ALGORITHMS,
      // Nothing but an ID token is signed here under this type.
      types: ['jwt'],
      key: ({ alg, kid }) => Promise.resolve(kid === undefined ? undefined : as.keys.verificationKey(kid, alg)),
      maxLength: as.profile.clientJwtMaxLength,
    });
  } catch (error) {
    if (error instanceof JwsRefused) throw notOurs(error.fault);
    throw error;
  }
}

const notOurs = (fault: string) => refuse('invalid_request', 'id_token_hint_invalid', { evidence: { fault } });
