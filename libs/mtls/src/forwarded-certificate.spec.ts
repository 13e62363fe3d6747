import { beforeEach, describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { ClientCertFieldError } from './client-cert-field.ts';
import { forwardedCertificates } from './forwarded-certificate.ts';
import type { ForwardedCertificates } from './forwarded-certificate.ts';
import { throwAwayPki } from './testing/index.ts';
import type { Trust } from './trust.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;
const later = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR);
const pki = throwAwayPki({ now: NOW });
const { intermediate, trust } = pki.participants;
const strange = pki.rogue('web');
const field = (der: Buffer): string => `:${der.toString('base64')}:`;
const leaf = pki.mint({ notBefore: later(-1), notAfter: later(2) });
const clientCert = field(leaf.certificate.raw);
const fields = { clientCert, clientCertChain: undefined };

let trusted: Trust;
let elsewhere: Trust;
let certificates: ForwardedCertificates;
beforeEach(() => {
  trusted = trust;
  elsewhere = pki.services.trust;
  certificates = forwardedCertificates({
    trust: { current: () => trusted },
    elsewhere: [{ current: () => elsewhere }],
  });
});

describe('a client certificate that a proxy passes on', () => {
  it.each([
    ['a field that is none', { clientCert: 'x', clientCertChain: undefined }, ClientCertFieldError],
    ['a chain that is none', { clientCert, clientCertChain: 'x' }, ClientCertFieldError],
    ['bytes that are no certificate', { clientCert: ':AQ==:', clientCertChain: undefined }, CertificateError],
    ['a chain with bytes that are no certificate', { clientCert, clientCertChain: ':AQ==:' }, CertificateError],
  ])('is refused for %s, also the second time', (_title, wrong, error) => {
    for (let time = 0; time < 2; time++) expect(() => certificates.read(wrong, NOW)).toThrow(error);
  });

  it('carries the verdict on its chain as a handshake would, and the same thumbprint [RFC8705-3.1]', () => {
    expect(certificates.read(fields, NOW)).toEqual({ ...pki.peer(leaf), revocation: 'unknown' });
    const stranger = field(pki.mint({ issuer: pki.rogue().intermediate }).certificate.raw);
    const { handshakeError } = certificates.read({ ...fields, clientCert: stranger }, NOW);
    expect(handshakeError).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it.each([
    ['a stranger, which came alone', 'chain_incomplete', strange, false],
    ['a stranger, with its chain', 'certificate_untrusted', strange, true],
    ['another door', 'issued_for_another_door', pki.services, false],
  ] as const)(
    'says of one of %s why its chain was refused: %s',
    (_title, fault, { intermediate: issuer, root }, whole) => {
      const { certificate } = pki.mint({ issuer });
      const chain = [issuer, root].map((each) => field(each.certificate.raw)).join(', ');
      const given = { clientCert: field(certificate.raw), clientCertChain: whole ? chain : undefined };
      const seen = certificates.read(given, NOW);
      expect(seen.chainFault).toBe(fault);
    },
  );

  it('says that it was issued by a leaf', () => {
    const forger = pki.mint();
    const forged = pki.mint({ issuer: pki.asIssuer(forger) });
    const chain = field(forger.certificate.raw);
    const seen = certificates.read({ clientCert: field(forged.certificate.raw), clientCertChain: chain }, NOW);
    expect(seen.chainFault).toBe('issued_by_leaf');
    expect(certificates.read(fields, NOW).chainFault).toBeUndefined();
  });

  it('is explained anew when the other doors change', () => {
    const foreign = { clientCert: field(pki.mint({ issuer: strange.intermediate }).certificate.raw) };
    const read = () => certificates.read({ ...foreign, clientCertChain: undefined }, NOW).chainFault;
    expect(read()).toBe('chain_incomplete');
    elsewhere = strange.trust;
    expect(read()).toBe('issued_for_another_door');
  });

  it('is one value from request to request, for what is remembered of it', () => {
    expect(certificates.read(fields, later(1))).toBe(certificates.read(fields, NOW));
  });

  it('is judged anew when it has ended, and when it has not yet begun', () => {
    const words = [0, 1, 2, 3, -2].map((hours) => certificates.read(fields, later(hours)).handshakeError);
    expect(words).toEqual([undefined, undefined, undefined, 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
  });

  it('is judged anew when its intermediate has ended', () => {
    const chain = {
      clientCert: field(pki.mint({ notAfter: later(24 * 800) }).certificate.raw),
      clientCertChain: undefined,
    };
    expect(certificates.read(chain, NOW).handshakeError).toBeUndefined();
    expect(certificates.read(chain, later(24 * 400)).handshakeError).toBe('CERT_HAS_EXPIRED');
  });

  it('is judged anew under another trust', () => {
    expect(certificates.read(fields, NOW).handshakeError).toBeUndefined();
    trusted = pki.services.trust;
    expect(certificates.read(fields, NOW).handshakeError).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('is not vouched for by the chain of another request', () => {
    const root = pki.participants.root.certificate;
    trusted = { pem: root.toString(), certificates: [root] };
    const whole = { clientCert, clientCertChain: field(intermediate.certificate.raw) };
    expect(certificates.read(whole, NOW).handshakeError).toBeUndefined();
    expect(certificates.read(fields, NOW).handshakeError).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('is not another pair of fields that reads the same in a row', () => {
    const [one, other] = [intermediate, pki.participants.root].map(({ certificate }) => field(certificate.raw));
    certificates.read({ clientCert, clientCertChain: `${one}, ${other}` }, NOW);
    const moved = { clientCert: `${clientCert} ${one},`, clientCertChain: other };
    expect(() => certificates.read(moved, NOW)).toThrow(ClientCertFieldError);
  });

  it('is forgotten after many others', () => {
    const first = certificates.read(fields, NOW);
    for (let count = 0; count < 500; count++) {
      // Another spelling of the pair is another memory: the chain is part of what is judged.
      const clientCertChain = Array(2 + (count % 3))
        .fill(field(intermediate.certificate.raw))
        .join(`,${' '.repeat(count)}`);
      certificates.read({ clientCert, clientCertChain }, NOW);
    }
    expect(certificates.read(fields, NOW)).not.toBe(first);
  });
});
