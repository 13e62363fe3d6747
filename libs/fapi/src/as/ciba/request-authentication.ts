import { createHash } from 'node:crypto';
import { audited } from '../../audit.ts';
import { secondsAfter } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import { readForm } from '../../form.ts';
import { CIBA } from '../../profile.ts';
import { authenticateClient } from '../client-auth/authenticate.ts';
import type { CibaDelivery, RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import type { AuthenticationParameters } from './authentication-parameters.ts';
import { checkAuthenticationParameters } from './authentication-parameters.ts';
import { hintedPerson } from './hinted-person.ts';
import type { SignedRequest } from './signed-request.ts';
import { verifySignedRequest } from './signed-request.ts';

/** The answer to a request that will be put to a person. CIBA-CORE-7.3. */
export interface AuthenticationAcknowledgement {
  readonly auth_req_id: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds to leave between two questions at the token endpoint; clients that are pinged may ask too. */
  readonly interval: number;
}

/**
 * The backchannel authentication endpoint: takes a client's request to ask a person who is not at a browser of the client's
 * sending. CIBA-CORE-7, FAPI-CIBA-5.2.2.
 *
 * @returns the handle for the token endpoint; answer with 200
 * @throws OAuthError `invalid_client`, or what CIBA-CORE-13 has for the parameter at fault
 */
export function requestAuthentication(as: Engine, request: EndpointRequest): Promise<AuthenticationAcknowledgement> {
  return audited(as.audit, 'ciba.request', trailOf(request), async (trail) => {
    const form = readForm(request.form);
    const client = await authenticateClient(as, form, request, trail);
    const delivery = registeredDelivery(client);
    const signed = await verifySignedRequest(as, client, form);
    const wanted = checkAuthenticationParameters(as.profile, client, delivery, signed.claims);
    const { subject } = await hintedPerson(as, client, wanted.hint);
    trail.subject = subject;
    await checkPatience(as, client, subject);
    await takeSignedRequest(as, client, signed);
    return keepRequest(as, client, subject, wanted);
  });
}

/** What the store, the pages and the bank know a request by. */
export const cibaRequestId = (authReqId: string): string => createHash('sha256').update(authReqId).digest('base64url');

// CIBA-CORE-4: only a client that is registered for it. Its profile demands the signature, and the store a way to tell it.
function registeredDelivery({ profile, grantTypes, ciba }: RegisteredClient): CibaDelivery {
  const registered = profile === 'fapi-ciba' && grantTypes.includes('urn:openid:params:grant-type:ciba');
  if (!registered || ciba === undefined) throw refuse('unauthorized_client', 'grant_type_not_allowed');
  return ciba;
}

// FAPI-CIBA-7.2: whoever knows a person's name could make their device ring all day. CIBA-CORE-13: the server denies it.
async function checkPatience(as: Engine, client: RegisteredClient, subject: string): Promise<void> {
  const waiting = await as.state.cibaRequestsWaitingFor(subject, as.clock.now());
  if (waiting.filter(({ clientId }) => clientId === client.id).length >= CIBA.waitingMax)
    throw refuse('access_denied', 'too_many_waiting');
}

// CIBA-CORE-7.1.1 [CIBA-04]. Last of all checks, so that a refused request leaves nothing behind.
async function takeSignedRequest(as: Engine, client: RegisteredClient, signed: SignedRequest): Promise<void> {
  if (!(await as.state.recordSignedRequest(client.id, signed.jti, signed.forgetAfter)))
    throw refuse('invalid_request', 'request_object_replayed');
}

async function keepRequest(
  as: Engine,
  client: RegisteredClient,
  subject: string,
  { hint: _, lifetime, notificationToken: token, ...wanted }: AuthenticationParameters,
): Promise<AuthenticationAcknowledgement> {
  const now = as.clock.now();
  // CIBA-CORE-7.3 [CIBA-06]: 160 bits are advised, as many as any secret of ours are taken.
  const authReqId = as.random.token(as.profile.secretBits);
  await as.state.createCibaRequest({
    ...wanted,
    id: cibaRequestId(authReqId),
    clientId: client.id,
    subject,
    askedAt: now,
    expiresAt: secondsAfter(now, lifetime),
    interval: CIBA.pollInterval,
    ...(token === undefined ? {} : { ping: { authReqId, token } }),
  });
  return { auth_req_id: authReqId, expires_in: lifetime, interval: CIBA.pollInterval };
}
