import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { explicit, implicit, octets, oid, sequence, toDer } from './authority/asn1.ts';
import { readIsAuthority } from './basic-constraints.ts';
import { CertificateError } from './certificate-error.ts';
import { issuedBy, parsePeerCertificate } from './peer-certificate.ts';
import { formatDn } from './rfc4514.ts';
import { readAlternativeNames } from './subject-alternative-name.ts';
import { berLengths, encodeTree, nodeAt, pathsOf, replaced, takeApart } from './testing/der-tree.ts';
import type { DerTree } from './testing/der-tree.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const honest = pki.leaf('fintech/transport').certificate.raw;

const isBytes = ({ content }: DerTree, hex: string): boolean =>
  Buffer.isBuffer(content) && content.toString('hex') === hex;

describe('parsing a certificate', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['PEM text', Buffer.from(pki.leaf('fintech/transport').certificatePem)],
    ['two certificates in a row', Buffer.concat([honest, honest])],
    ['a byte after the end', Buffer.concat([honest, Buffer.of(0)])],
    ['a certificate cut short', honest.subarray(0, -1)],
    ['a private key', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })],
  ])('refuses %s', (_, bytes) => {
    expect(() => parsePeerCertificate(bytes)).toThrow(CertificateError);
  });

  it('refuses a certificate with an extension twice, for readers differ on which one counts [RFC5280-4.2]', () => {
    // The identifier of the subject key extension is overwritten by that of the alternative names: same length, two of a kind.
    const doubled = Buffer.from(
      honest.toString('latin1').replace('\x06\x03\x55\x1d\x0e', '\x06\x03\x55\x1d\x11'),
      'latin1',
    );
    expect(() => parsePeerCertificate(doubled)).toThrow(/2\.5\.29\.17 twice/);
  });

  it('refuses a second spelling of a certificate, which would have a thumbprint of its own [RFC8705-3.1]', () => {
    const whole = takeApart(honest);
    const algorithm = pathsOf(whole).findLast((path) => path[0] === 1 && nodeAt(whole, path).tag === 0x06)!;
    const respelt = replaced(whole, algorithm, (node) => [{ ...node, length: berLengths[0]! }]);
    expect(new X509Certificate(encodeTree(respelt)).raw.equals(honest)).toBe(true);
    expect(() => parsePeerCertificate(encodeTree(respelt))).toThrow(/one spelling/);
  });

  it.each([
    ['a length of the path without digits', '30 05 01 01 ff 02 00'],
    ['an answer of two bytes', '30 04 01 02 ff ff'],
    ['something after the length of the path', '30 08 01 01 ff 02 01 00 05 00'],
    ['something else', '04 00'],
  ])(
    'refuses basic constraints that hold %s, and does not take their certificate for a leaf [RFC5280-4.2.1.9]',
    (_, hex) => {
      expect(() => readIsAuthority(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(CertificateError);
    },
  );

  it('takes a certificate for an authority that says so, whatever its key may be used for [RFC5280-4.2.1.9]', () => {
    const authority = takeApart(pki.participants.intermediate.certificate.raw);
    // The bits keyCertSign and cRLSign of the key usage give way to digitalSignature.
    const usage = pathsOf(authority).find((path) => isBytes(nodeAt(authority, path), '03020106'))!;
    const odd = encodeTree(
      replaced(authority, usage, (node) => [{ ...node, content: Buffer.from('03020780', 'hex') }]),
    );
    expect(new X509Certificate(odd).ca).toBe(false);
    expect(parsePeerCertificate(odd).isCa).toBe(true);
  });

  it('refuses addresses that are neither IPv4 nor IPv6', () => {
    expect(() => readAlternativeNames(toDer(sequence(implicit(7, Buffer.of(1, 2, 3)))))).toThrow(CertificateError);
  });

  it('refuses alternative names among which something is no name at all [RFC5280-4.2.1.6]', () => {
    const names = toDer(sequence(implicit(2, Buffer.from('api.f1.test')), octets(Buffer.from('api.f1.test'))));
    expect(() => readAlternativeNames(names)).toThrow(CertificateError);
  });

  it('leaves names out by which nobody may be recognised', () => {
    const otherName = toDer(sequence(explicit(0, oid('1.2.3'), explicit(0, octets(Buffer.from('api.f1.test'))))));
    const none = { dnsNames: [], uris: [], ipAddresses: [], emailAddresses: [] };
    expect(readAlternativeNames(otherName)).toEqual(none);
  });

  it('does not change when the buffer it came from does', () => {
    const buffer = Buffer.from(honest);
    const parsed = parsePeerCertificate(buffer);
    buffer.fill(0);
    expect(parsed.der.equals(honest)).toBe(true);
  });

  it('reads every name by its type, and the rest', () => {
    const leaf = pki.mint({
      subject: String.raw`CN=tidepool,O=Acme\, Inc.`,
      dnsNames: ['a.test', 'b.test, DNS:c.test'],
      uris: ['spiffe://holdfast.test/x'],
      ips: ['192.0.2.1', '2001:db8::1', '::1', '::'],
      emails: ['ops@a.test'],
      purpose: 'both',
    });
    const parsed = pki.peer(leaf, 'CERT_HAS_EXPIRED');
    expect(parsed).toMatchObject({
      dnsNames: ['a.test', 'b.test, DNS:c.test'],
      uris: ['spiffe://holdfast.test/x'],
      ipAddresses: ['192.0.2.1', '2001:db8::1', '::1', '::'],
      emailAddresses: ['ops@a.test'],
      key: { type: 'EC', bits: 256, curve: 'prime256v1' },
      isCa: false,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      handshakeError: 'CERT_HAS_EXPIRED',
      serialNumber: leaf.certificate.serialNumber,
    });
    expect(formatDn(parsed.subject)).toBe(String.raw`CN=tidepool,O=Acme\, Inc.`);
    expect(formatDn(parsed.issuer)).toBe('CN=participants intermediate,O=Holdfast');
    expect(parsed.notAfter.getTime()).toBeGreaterThan(parsed.notBefore.getTime());
  });

  it('reads RSA and Ed25519 keys', () => {
    expect(pki.peer('developer/client').key).toEqual({ type: 'RSA', bits: 2048 });
    const ed25519 = generateKeyPairSync('ed25519').privateKey;
    expect(pki.peer(pki.mint({ key: ed25519 })).key).toEqual({ type: 'Ed25519', bits: 256 });
  });
});

describe('the issuing authority [RFC8705-7.4]', () => {
  const peer = pki.peer('fintech/transport');

  it('is not one of the same name with another key', () => {
    expect(issuedBy(peer, pki.rogue().intermediate.certificate)).toBe(false);
  });

  it('is not the root above it, a leaf, or bytes that are no certificate', () => {
    expect(issuedBy(peer, pki.participants.root.certificate)).toBe(false);
    expect(issuedBy(peer, Buffer.from('no certificate'))).toBe(false);
    const forged = pki.mint({ issuer: pki.asIssuer(pki.leaf('lab/second-client')) });
    expect(issuedBy(pki.peer(forged), pki.leaf('lab/second-client').certificate)).toBe(false);
  });

  it('is the one whose key signed', () => {
    expect(issuedBy(peer, pki.participants.intermediate.certificate)).toBe(true);
    expect(issuedBy(peer, pki.participants.intermediate.certificate.raw)).toBe(true);
  });

  it('is told apart from every other one, however often and in whatever order they are asked about', () => {
    const other = pki.peer(pki.mint({ issuer: pki.asIssuer(pki.leaf('lab/second-client')) }));
    const authority = pki.participants.intermediate.certificate.raw;
    const rogue = pki.rogue().intermediate.certificate.raw;
    for (let round = 0; round < 2; round++) {
      expect(issuedBy(peer, rogue)).toBe(false);
      expect(issuedBy(peer, authority)).toBe(true);
      expect(issuedBy(other, authority)).toBe(false);
    }
  });
});
