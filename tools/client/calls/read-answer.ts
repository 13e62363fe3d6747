import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { checkAnswer } from '../checks/authorization-answer.ts';
import type { AuthorizationAnswer } from '../checks/authorization-answer.ts';
import { checkIdToken } from '../checks/id-token.ts';
import { checkJarm } from '../checks/jarm.ts';
import { isJarm } from '../client-file.ts';
import { judging } from '../library-refusal.ts';
import { Refused } from '../refusal.ts';
import { plain } from '../relying-party.ts';
import type { Party } from '../relying-party.ts';
import type { Attempt } from './push-request.ts';

/** The answer, judged: what the library lets pass to the token endpoint, and whom an ID token beside it is about. */
export interface JudgedAnswer {
  readonly parameters: URLSearchParams;
  readonly subject: string | undefined;
}

/**
 * Judges what the browser brought back, before anything is asked of the token endpoint. RFC9207-2.4, JARM-2.4,
 * OIDC-CORE-3.3.2.12.
 */
export function readAnswer(party: Party, attempt: Attempt, answer: AuthorizationAnswer): Promise<JudgedAnswer> {
  return party.steps.step('its answer', async (checked) => {
    checkAnswer(answer, attempt.responseType, attempt.responseMode);
    const judged = await judge(party, attempt, answer.parameters);
    if (judged.parameters.get('code') === null) throw new Refused('answer_code_missing');
    if (isJarm(attempt.responseMode)) checked('signature, iss, aud, exp');
    else if (attempt.responseType === 'code') checked('iss');
    else checked('ID token with s_hash and c_hash');
    checked('state');
    return judged;
  });
}

async function judge(party: Party, attempt: Attempt, parameters: URLSearchParams): Promise<JudgedAnswer> {
  const { server, client } = party;
  if (attempt.responseType === 'code id_token') return judgeHybrid(party, attempt, parameters);
  if (isJarm(attempt.responseMode)) {
    // JARM-2.4: issuer [CLI-13], audience [CLI-14], expiry [CLI-15], then the signature with a key of the server [CLI-16].
    const inside = await judging('jarm', () =>
      oauth.validateJwtAuthResponse(server, client, parameters, attempt.state, plain(party)),
    );
    checkJarm(parameters.get('response') ?? '', client.client_id);
    return { parameters: inside, subject: undefined };
  }
  // RFC9207-2.4: the library wants `iss` from servers that announce it; this client talks to no other.
  const announcing = { ...server, authorization_response_iss_parameter_supported: true };
  const judged = await judging('answer', () =>
    oauth.validateAuthResponse(announcing, client, parameters, attempt.state),
  );
  return { parameters: judged, subject: undefined };
}

/** OIDC-CORE-3.3.2.11, FAPI1-ADV-5.2.3.1: the ID token signs for code and state. */
async function judgeHybrid(party: Party, attempt: Attempt, parameters: URLSearchParams): Promise<JudgedAnswer> {
  const { server, client, now } = party;
  const judged = await judging('answer', () =>
    oauth.validateDetachedSignatureResponse(
      server,
      client,
      parameters,
      attempt.nonce,
      attempt.state,
      undefined,
      plain(party),
    ),
  );
  const idToken = parameters.get('id_token') ?? '';
  const claims = decodeJwt<oauth.IDToken>(idToken);
  checkIdToken(claims, { clientId: client.client_id, idToken, accessToken: '', subject: undefined, now: now() / 1000 });
  return { parameters: judged, subject: claims.sub };
}
