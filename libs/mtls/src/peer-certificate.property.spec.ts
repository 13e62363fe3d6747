import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import * as peculiar from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { CertificateRefused, judgeClientCertificate } from './client-certificate.ts';
import { childrenOf, readDer } from './der.ts';
import { canonicalIp } from './ip-address.ts';
import { issuedBy, parsePeerCertificate } from './peer-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { damagedDer, encodeTree, nodeAt, pathsOf, replaced, takeApart } from './testing/der-tree.ts';
import { throwAwayPki } from './testing/index.ts';
import type { OddLeaf } from './testing/index.ts';
import { nameDer } from './testing/names.ts';

const pki = throwAwayPki();
const names: OddLeaf = {
  subject: String.raw`CN=tidepool+OU=x,O=Acme\, Inc.,C=JP`,
  dnsNames: ['client.test', 'other.test'],
  uris: ['spiffe://holdfast.test/x'],
  ips: ['192.0.2.1', '2001:db8::1'],
  emails: ['ops@client.test'],
};

/** One real certificate for every kind of key, and that of an authority. */
const certificates = [
  pki.mint({ ...names }).certificate.raw,
  pki.mint({ ...names, key: 'RSA-2048', purpose: 'both' }).certificate.raw,
  pki.mint({ ...names, key: generateKeyPairSync('ed25519').privateKey }).certificate.raw,
  pki.participants.intermediate.certificate.raw,
];
const damaged = fc.constantFrom(...certificates).chain((der) => damagedDer(der));

/** The certificate that was read, or undefined where it was refused; nothing else may happen. */
function read(der: Buffer): PeerCertificate | undefined {
  try {
    return parsePeerCertificate(der);
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError);
    return undefined;
  }
}

/** Goes on with certificates that were read although they are damaged. */
function readable(der: Buffer): PeerCertificate {
  const certificate = read(der);
  fc.pre(certificate !== undefined);
  return certificate;
}

const bodyOf = (der: Buffer): Buffer => childrenOf(readDer(der))[0]!.der;

describe('a damaged certificate [RFC5280-4.1]', () => {
  it('is refused, or is the one certificate that these bytes can be', () => {
    fc.assert(
      fc.property(damaged, (der) => {
        const certificate = readable(der);
        expect(certificate.der).toEqual(der);
        expect(certificate.thumbprint).toBe(createHash('sha256').update(der).digest('base64url'));
        // What OpenSSL hands on of a connection is what it writes anew; of two spellings it would name the other one.
        expect(new X509Certificate(der).raw).toEqual(der);
      }),
    );
  });

  it('is refused, or has the names that an outside library reads', () => {
    fc.assert(
      fc.property(damaged, (der) => {
        const certificate = readable(der);
        const outside = byPeculiar(der);
        fc.pre(outside !== undefined);
        const { subject, issuer, dnsNames, uris, ipAddresses, emailAddresses } = certificate;
        expect(nameDer(subject)).toEqual(outside.subject);
        expect(nameDer(issuer)).toEqual(outside.issuer);
        expect({ dnsNames, uris, ipAddresses, emailAddresses }).toEqual(outside.names);
        expect(certificate.isCa).toBe(outside.isCa);
        // Where OpenSSL cannot read the list there is no usage in it, and the certificate is good for nothing.
        expect(outside.extendedKeyUsage).toEqual(expect.arrayContaining([...certificate.extendedKeyUsage]));
      }),
    );
  });

  it('is judged in one of our words', () => {
    const now = new Date();
    fc.assert(
      fc.property(damaged, (der) => {
        const certificate = readable(der);
        try {
          expect(judgeClientCertificate(certificate, now)).toBe(certificate);
        } catch (error) {
          expect(error).toBeInstanceOf(CertificateRefused);
        }
      }),
    );
  });

  it('is not from its authority any more when a byte of its body differs [RFC8705-7.4]', () => {
    const authority = pki.participants.intermediate.certificate;
    const bodies = certificates.map(bodyOf);
    fc.assert(
      fc.property(damaged, (der) => {
        const certificate = readable(der);
        if (issuedBy(certificate, authority)) expect(bodies).toContainEqual(bodyOf(der));
      }),
    );
  });

  it('takes no more than its time, however large', () => {
    const [whole] = certificates;
    const tree = takeApart(whole!);
    const paths = pathsOf(tree);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), (which, kilobytes) => {
        const path = paths[which % paths.length]!;
        const part = encodeTree(nodeAt(tree, path));
        const times = Math.ceil((3 * kilobytes * 1024) / part.length);
        read(encodeTree(replaced(tree, path, (node) => Array<typeof node>(times).fill(node))));
        read(encodeTree(replaced(tree, path, (node) => [{ ...node, content: Buffer.alloc(times, part) }])));
      }),
      { numRuns: 40 },
    );
  });
});

/** The same facts from an outside library, or undefined where it reads none. */
function byPeculiar(der: Buffer) {
  try {
    const certificate = new peculiar.X509Certificate(der);
    const items = certificate.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.items ?? [];
    const ofType = (type: string): string[] => items.filter((item) => item.type === type).map(({ value }) => value);
    return {
      subject: Buffer.from(certificate.subjectName.toArrayBuffer()),
      issuer: Buffer.from(certificate.issuerName.toArrayBuffer()),
      names: {
        dnsNames: ofType('dns'),
        uris: ofType('url'),
        ipAddresses: ofType('ip').map((address) => canonicalIp(address) ?? 'none'),
        emailAddresses: ofType('email'),
      },
      isCa: certificate.getExtension(peculiar.BasicConstraintsExtension)?.ca ?? false,
      extendedKeyUsage: [...(certificate.getExtension(peculiar.ExtendedKeyUsageExtension)?.usages ?? [])],
    };
  } catch {
    return undefined;
  }
}

it('an undamaged certificate is read, and as by the outside library', () => {
  for (const der of certificates) expect(byPeculiar(der)).toMatchObject({ subject: nameDer(read(der)!.subject) });
});
