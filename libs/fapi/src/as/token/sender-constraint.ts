import { refuse } from '../../errors.ts';
import type { SenderConstraint } from '../../profile.ts';
import { presentBoundCertificate } from '../../wire/client-certificate.ts';
import { confirmationFor } from '../../wire/confirmation.ts';
import type { Confirmation } from '../../wire/confirmation.ts';
import { checkProofUnused, verifyDpopProof } from '../../wire/dpop-proof.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import type { EndpointPath } from '../metadata/endpoints.ts';
import { ENDPOINT_PATHS, urlsOf } from '../metadata/endpoints.ts';

/**
 * What the tokens of this request will be bound to. FAPI2-SP-FINAL-5.3.2.1-4 [TOK-22] [TOK-23] [TOK-24]: every access
 * token is bound to a key, whatever the grant; to a certificate (RFC8705-3), to a DPoP key (RFC9449-5), or to both when
 * the client is registered for both. Without the key nothing is issued.
 *
 * @throws OAuthError `invalid_request` without the certificate or the proof, `invalid_client` for an unfit certificate,
 *   `invalid_dpop_proof` or `use_dpop_nonce` for the proof
 */
export async function checkSenderConstraint(
  as: Engine,
  client: RegisteredClient,
  request: EndpointRequest,
): Promise<Confirmation> {
  const jkt = await dpopKey(as, client, request, ENDPOINT_PATHS.token);
  if (uses(client, 'dpop') && jkt === undefined) throw refuse('invalid_request', 'sender_constraint_missing');
  return confirmationFor({ peer: uses(client, 'mtls') ? boundCertificate(as, request) : undefined, jkt });
}

/**
 * The key a client proves by DPoP on this request, when it is registered for it and sends a proof.
 * @throws OAuthError `invalid_dpop_proof` also for a client that is not registered for DPoP: it believes in another binding
 *   than the one it would get
 */
export async function dpopKey(
  as: Engine,
  client: RegisteredClient,
  { dpop }: EndpointRequest,
  path: EndpointPath,
): Promise<string | undefined> {
  if (dpop.length === 0) return undefined;
  if (!uses(client, 'dpop')) throw refuse('invalid_dpop_proof', 'dpop_not_registered');
  const proof = await verifyDpopProof(dpop, {
    method: 'POST',
    url: urlsOf(as, path),
    nonces: as.dpopNonces,
    now: as.clock.now(),
  });
  await checkProofUnused(as.state, proof);
  return proof.jkt;
}

const uses = (client: RegisteredClient, constraint: SenderConstraint): boolean =>
  client.senderConstraints.includes(constraint);

function boundCertificate(as: Engine, { peer }: EndpointRequest) {
  if (peer === undefined) throw refuse('invalid_request', 'sender_constraint_missing');
  return presentBoundCertificate(peer, as.clock.now(), 'invalid_client');
}
