import type { PeerCertificate } from '@holdfast/mtls';
import type { JWK } from 'jose';
import { refuse } from '../../errors.ts';
import { presentBoundCertificate } from '../../wire/client-certificate.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import { keysOf } from './client-keys.ts';

/**
 * RFC8705-2.2 [TOK-05] [TOK-06]: the live certificate is, byte for byte, one the client has registered in its keys. No
 * authority vouches for it and none is asked; another certificate over the same key, or with the same names, is another
 * certificate.
 *
 * @throws OAuthError `invalid_client`
 */
export async function authenticateBySelfSignedCertificate(
  as: Engine,
  client: RegisteredClient,
  peer: PeerCertificate | undefined,
): Promise<void> {
  const certificate = presentBoundCertificate(peer, as.clock.now(), 'invalid_client');
  if (isRegistered(certificate, await keysOf(as, client, false))) return;
  // RFC8705-2.2.2: the client rolls its certificate over by publishing the next one.
  if (client.jwks.kind === 'remote' && isRegistered(certificate, await keysOf(as, client, true))) return;
  throw refuse('invalid_client', 'certificate_unregistered', { evidence: { thumbprint: certificate.thumbprint } });
}

// RFC7517-4.7: the first element of `x5c` is the certificate of the key itself, in base64 (not base64url).
const isRegistered = (certificate: PeerCertificate, keys: readonly JWK[]): boolean =>
  keys.some(({ x5c }) => typeof x5c?.[0] === 'string' && Buffer.from(x5c[0], 'base64').equals(certificate.der));
