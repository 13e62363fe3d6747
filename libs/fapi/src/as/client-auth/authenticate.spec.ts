import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { engineFixture, expectRefusal, GOOD_REQUEST, push, request, tokens } from '../../testing/engine-fixture.ts';
import type { EndpointRequest } from '../engine.ts';
import { introspect } from '../introspection/introspect.ts';
import { pushAuthorizationRequest } from '../par/push.ts';
import { revoke } from '../revocation/revoke.ts';
import { exchange } from '../token/exchange.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture();
});

type Endpoint = (request: EndpointRequest) => Promise<unknown>;
const endpoints: readonly [string, (f: EngineFixture) => Endpoint][] = [
  ['PAR', (it) => (r) => pushAuthorizationRequest(it.engine, r)],
  ['token', (it) => (r) => exchange(it.engine, r)],
  ['introspection', (it) => (r) => introspect(it.engine, r)],
  ['revocation', (it) => (r) => revoke(it.engine, r)],
];
const FORM = { ...GOOD_REQUEST, grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };

describe.each(endpoints)('the %s endpoint refuses a client', (_, endpointOf) => {
  const refused = async (
    changes: Partial<EndpointRequest>,
    form: Record<string, string | undefined>,
    reason: string,
  ) => {
    await expectRefusal(
      f,
      endpointOf(f)({ ...request({ ...FORM, ...form }, f.peers.first), ...changes }),
      'invalid_client',
      reason,
    );
  };

  it('that presents no certificate [RFC8705-2.1] [TLS-09] [FAPI2-SP-FINAL-5.3.2.2-4] [PAR-04] [RFC7662-2.1] [INFO-01]', () =>
    refused({ peer: undefined }, {}, 'certificate_missing'));

  it('that does not say who it is [RFC8705-2]', () => refused({}, { client_id: undefined }, 'client_id_missing'));

  it('that is not registered', () => refused({}, { client_id: 'third' }, 'client_unknown'));

  it('that claims to be another one with its own certificate [RFC8705-2.1] [TOK-01]', () =>
    refused({ peer: f.peers.second }, {}, 'certificate_subject_mismatch'));

  it('that sends a secret as well [FAPI2-SP-FINAL-5.3.2.1-6] [META-10]', () =>
    refused({}, { client_secret: 'secret' }, 'client_authentication_method_mismatch'));

  it('that sends an assertion as well [FAPI2-SP-FINAL-5.3.2.1-6]', () =>
    refused({}, { client_assertion: 'a.b.c' }, 'client_authentication_method_mismatch'));

  it('that sends Basic credentials as well [FAPI2-SP-FINAL-5.3.2.1-6]', () =>
    refused({ authorization: ['Basic Zmlyc3Q6c2VjcmV0'] }, {}, 'client_authentication_method_mismatch'));

  it('whose chain did not verify [RFC8705-2.1]', () =>
    refused({ peer: { ...f.peers.first, handshakeError: 'SELF_SIGNED_CERT_IN_CHAIN' } }, {}, 'certificate_untrusted'));

  it('whose certificate has expired since the connection was opened [RFC8705-7.4]', async () => {
    f.clock.advance(2 * 24 * 3600);
    await refused({}, {}, 'certificate_expired');
  });

  it('whose certificate is not valid yet [RFC8705-7.4]', async () => {
    f.clock.advance(-2 * 24 * 3600);
    await refused({}, {}, 'certificate_not_yet_valid');
  });

  it('whose certificate was revoked since the connection was opened [RFC8705-7.4] [RS-24]', () =>
    refused({ peer: { ...f.peers.first, revocation: 'revoked' } }, {}, 'certificate_revoked'));

  it('when nobody can tell whether its certificate was revoked [RFC8705-7.4] [RS-24]', () =>
    refused({ peer: { ...f.peers.first, revocation: 'unknown' } }, {}, 'revocation_unknown'));

  it('whose certificate was issued for servers [RFC8705-7.5]', () =>
    refused(
      { peer: f.pki.peer(f.pki.mint({ dnsNames: ['first.test'], purpose: 'server' })) },
      {},
      'certificate_wrong_purpose',
    ));

  it('whose certificate says no purpose at all [RFC8705-7.5]', () =>
    refused(
      { peer: f.pki.peer(f.pki.mint({ dnsNames: ['first.test'], purpose: 'none' })) },
      {},
      'certificate_wrong_purpose',
    ));

  it('with the right name from another authority [RFC8705-7.4] [TOK-04]', () =>
    refused(
      { peer: f.pki.peer(f.pki.mint({ dnsNames: ['first.test'], issuer: f.pki.services.intermediate })) },
      {},
      'certificate_issuer_mismatch',
    ));

  it('with the right name from an authority that only shares the name of ours [RFC8705-7.4] [TOK-04]', () =>
    refused(
      { peer: f.pki.peer(f.pki.mint({ dnsNames: ['first.test'], issuer: f.pki.rogue().intermediate })) },
      {},
      'certificate_issuer_mismatch',
    ));

  it.each([
    ['as a URI', { uris: ['first.test'] }],
    ['in the common name alone', { subject: 'CN=first.test' }],
    ['behind a wildcard', { dnsNames: ['*.test'] }],
    ['as part of a longer one', { dnsNames: ['first.test.evil.test'] }],
  ])('that carries its registered name %s [RFC8705-2.1.2] [TOK-02]', (__, odd) =>
    refused({ peer: f.pki.peer(f.pki.mint(odd)) }, {}, 'certificate_subject_mismatch'),
  );
});

describe('client authentication', () => {
  it('answers a client that used the Authorization header with the scheme it used [RFC6749-5.2]', async () => {
    const asked = { ...request(FORM, f.peers.first), authorization: ['Basic Zmlyc3Q6c2VjcmV0'] };
    const pushed = pushAuthorizationRequest(f.engine, asked);
    const error = await expectRefusal(f, pushed, 'invalid_client', 'client_authentication_method_mismatch');
    expect([error.status, error.wwwAuthenticate]).toEqual([401, 'Basic']);
  });

  it('accepts the registered name in a certificate of the registered authority [RFC8705-2.1]', async () => {
    await expect(push(f)).resolves.toMatchObject({ expires_in: 90 });
  });

  it('accepts a renewed certificate with the same name and another key [RFC8705-7.1]', async () => {
    f.peers.first = f.pki.peer(f.pki.mint({ subject: 'CN=renewed', dnsNames: ['first.test'] }));
    await expect(push(f)).resolves.toMatchObject({ expires_in: 90 });
    await expect(tokens(f)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('names the claimed client in the audit event even when it refuses it', async () => {
    const pushed = pushAuthorizationRequest(f.engine, request(GOOD_REQUEST, f.peers.second));
    await expectRefusal(f, pushed, 'invalid_client', 'certificate_subject_mismatch');
    expect(f.events.at(-1)).toMatchObject({ client: 'first', presentedThumbprint: f.peers.second.thumbprint });
  });
});
