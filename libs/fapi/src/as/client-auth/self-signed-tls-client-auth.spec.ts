import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { claimsOf, engineFixture, expectRefusal, GOOD_REQUEST, request, tokens } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import type { ClientJwks, RegisteredClient } from '../clients.ts';
import { pushAuthorizationRequest } from '../par/push.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const { selfSigned } = throwAwayPki({ now: NOW });
const own = selfSigned({ subject: 'CN=first' });
const sameKey = selfSigned({ subject: 'CN=first', key: own.key });
const anybody = selfSigned({ subject: 'CN=first' });
type Leaf = typeof own;

/** The certificate as a key of the client. RFC7517-4.7. */
const asKey = ({ certificate }: Pick<Leaf, 'certificate'>) => ({
  ...new X509Certificate(certificate.raw).publicKey.export({ format: 'jwk' }),
  kid: 'own',
  x5c: [certificate.raw.toString('base64')],
});
const registration = (jwks: ClientJwks): Partial<RegisteredClient> => ({
  authentication: { method: 'self_signed_tls_client_auth' },
  jwks,
});

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture(registration({ kind: 'inline', keys: [asKey(own)] }));
  f.peers.first = f.pki.peer(own, 'DEPTH_ZERO_SELF_SIGNED_CERT');
});

const pushAs = (peer: PeerCertificate | undefined, changes: Record<string, string> = {}) =>
  pushAuthorizationRequest(f.engine, request({ ...GOOD_REQUEST, ...changes }, peer));

describe('a client with a certificate of its own making is refused', () => {
  const refused = async (peer: PeerCertificate | undefined, reason: string, changes: Record<string, string> = {}) => {
    const error = await expectRefusal(f, pushAs(peer, changes), 'invalid_client', reason);
    expect(error.status).toBe(401);
    expect(f.state.pushedRequests.size).toBe(0);
  };
  const peerOf = (leaf: Leaf) => f.pki.peer(leaf, 'DEPTH_ZERO_SELF_SIGNED_CERT');

  it('without a certificate [RFC8705-2.2]', () => refused(undefined, 'certificate_missing'));

  it('with a certificate that carries the same names [RFC8705-2.2] [TOK-05]', () =>
    refused(peerOf(anybody), 'certificate_unregistered'));

  it('with another certificate over the same key [RFC8705-2.2] [TOK-05]', () =>
    refused(peerOf(sameKey), 'certificate_unregistered'));

  it('with a certificate of a known authority that is not registered [RFC8705-2.2] [TOK-06]', () =>
    refused(f.pki.peer(f.pki.mint({ subject: 'CN=first', dnsNames: ['first.test'] })), 'certificate_unregistered'));

  it('when its keys hold the key but no certificate [RFC8705-2.2.2]', async () => {
    const { x5c: _, ...bare } = asKey(own);
    f = await engineFixture(registration({ kind: 'inline', keys: [bare] }));
    await refused(peerOf(own), 'certificate_unregistered');
  });

  it('once the certificate has expired [RFC8705-7.4]', async () => {
    f.clock.advance(2 * 24 * 3600);
    await refused(peerOf(own), 'certificate_expired');
  });

  it('with a certificate made for servers only [RFC8705-7.5]', async () => {
    const server = selfSigned({ subject: 'CN=first', purpose: 'server' });
    f = await engineFixture(registration({ kind: 'inline', keys: [asKey(server)] }));
    await refused(peerOf(server), 'certificate_wrong_purpose');
  });

  it('when it sends an assertion as well [FAPI2-SP-FINAL-5.3.2.1-6]', () =>
    refused(peerOf(own), 'client_authentication_method_mismatch', { client_assertion: 'a.b.c' }));

  it('and a client of an authority cannot use a self-signed one with its names [RFC8705-2.1]', async () => {
    f = await engineFixture();
    const forged = selfSigned({ subject: 'CN=first', dnsNames: ['first.test'] });
    await refused(peerOf(forged), 'certificate_untrusted');
  });
});

describe('a client with a certificate of its own making', () => {
  it('is recognised by exactly that certificate, and its tokens are bound to it [RFC8705-2.2] [TOK-05]', async () => {
    const { access_token: token } = await tokens(f);
    expect(claimsOf(token)['cnf']).toEqual({ 'x5t#S256': f.peers.first.thumbprint });
  });

  it('rolls over by publishing the next one beside the old [RFC8705-2.2.2]', async () => {
    const uri = 'https://first.test/jwks';
    f = await engineFixture(registration({ kind: 'remote', uri }));
    f.remoteJwks.sets.set(uri, [asKey(own), { ...asKey(anybody), kid: 'next' }]);
    for (const leaf of [own, anybody])
      await expect(pushAs(f.pki.peer(leaf, 'DEPTH_ZERO_SELF_SIGNED_CERT'))).resolves.toBeDefined();
    f.remoteJwks.sets.set(uri, [{ ...asKey(anybody), kid: 'next' }]);
    await expectRefusal(
      f,
      pushAs(f.pki.peer(own, 'DEPTH_ZERO_SELF_SIGNED_CERT')),
      'invalid_client',
      'certificate_unregistered',
    );
  });
});
