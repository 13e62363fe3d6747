import { describe, expect, it } from 'vitest';
import { createIntermediate } from './authority/index.ts';
import { faultOfServer } from './server-certificate.ts';
import { withStanding } from './standing.ts';
import { throwAwayPki } from './testing/index.ts';

const NOW = new Date('2027-03-01T12:00:00Z');
const pki = throwAwayPki({ now: NOW });

describe('the standing of a certificate on a connection that stays open', () => {
  it('is that of the trust in force, not of the handshake: a withdrawn authority vouches for nobody [FAPI2-SP-FINAL-5.2.1-5] [TLS-12]', () => {
    const live = pki.live();
    const next = pki.rogue();
    const door = live.of('participants');
    const client = pki.peer('fintech/transport');
    expect(withStanding(client, door, NOW)).toMatchObject({ handshakeError: undefined, revocation: 'good' });
    live.apply(pki.state({ version: 2, authorities: { participants: [pki.participants, next] } }), NOW);
    expect(withStanding(client, door, NOW)).toMatchObject({ handshakeError: undefined, revocation: 'good' });
    live.apply(pki.state({ version: 3, authorities: { participants: [next] } }), NOW);
    expect(withStanding(client, door, NOW)).toMatchObject({
      handshakeError: 'ISSUER_NOT_TRUSTED',
      revocation: 'unknown',
    });
  });

  it('does not come from a root that has stayed, when the intermediate has left', () => {
    const { root } = pki.participants;
    const when = { notBefore: new Date(NOW.getTime() - 1_000), notAfter: new Date(NOW.getTime() + 3_600_000) };
    const random = (bytes: number): Buffer => Buffer.alloc(bytes, 7);
    const gone = createIntermediate({ ...when, issuer: root, subject: 'CN=gone', purpose: 'client', random });
    const client = pki.peer(pki.mint({ issuer: gone }));
    expect(withStanding(client, pki.door('participants'), NOW).handshakeError).toBe('ISSUER_NOT_TRUSTED');
  });

  it('keeps what the handshake said, and is one value per verdict', () => {
    const door = pki.door('participants');
    const expired = pki.peer('lab/expired', 'CERT_HAS_EXPIRED');
    expect(withStanding(expired, door, NOW).handshakeError).toBe('CERT_HAS_EXPIRED');
    const client = pki.peer('fintech/transport');
    expect(withStanding(client, door, NOW)).toBe(withStanding(client, door, NOW));
  });

  it('of a self-signed certificate is no matter of the authorities [RFC8705-2.2]', () => {
    const own = pki.peer(pki.selfSigned(), 'DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(withStanding(own, pki.door('participants'), NOW)).toBe(own);
  });
});

describe('a server that was accepted once', () => {
  it('is given up when it is revoked, out of time, of nobody trusted, or nobody can tell', () => {
    const live = pki.live();
    const door = live.of('web');
    const server = pki.peer('bank/api');
    expect(faultOfServer(server, door, NOW)).toBeUndefined();
    expect(faultOfServer(server, door, new Date(NOW.getTime() + 2 * 86_400_000))).toBe('certificate_expired');
    live.apply(pki.state({ version: 2, nextUpdate: new Date(NOW.getTime() + 1_000) }), NOW);
    expect(faultOfServer(server, door, new Date(NOW.getTime() + 1_000))).toBe('revocation_unknown');
    live.apply(pki.state({ version: 3, revoked: [pki.leaf('bank/api')] }), NOW);
    expect(faultOfServer(server, door, NOW)).toBe('certificate_revoked');
    live.apply(pki.state({ version: 4, authorities: { web: [pki.rogue('web')] } }), NOW);
    expect(faultOfServer(server, door, NOW)).toBe('certificate_untrusted');
  });
});
