import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import * as peculiar from '@peculiar/x509';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePeerCertificate } from '../peer-certificate.ts';
import { formatDn } from '../rfc4514.ts';
import { throwAwayPki } from '../testing/index.ts';
import type { LeafName, TrustDomain } from '../testing/index.ts';
import { createIntermediate, createRoot, issueCrl, issueLeaf } from './index.ts';
import type { Authority, Leaf } from './index.ts';

const pki = throwAwayPki();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-issue-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** OpenSSL's verdict on a leaf: "OK" or its complaint. */
function opensslVerdict(leaf: Leaf, { root, intermediate }: TrustDomain, ...options: string[]): string {
  const files = ['-CAfile', put('root.pem', root.certificate.toString())];
  files.push('-untrusted', put('intermediate.pem', intermediate.certificate.toString()));
  const leafFile = put('leaf.pem', leaf.certificate.toString());
  try {
    return execFileSync('openssl', ['verify', '-x509_strict', ...options, ...files, leafFile], {
      stdio: 'pipe',
    }).toString();
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

describe('what the authority issues, judged by openssl', () => {
  it.each<[LeafName, keyof typeof purposes, string]>([
    ['fintech/transport', 'participants', 'sslserver'],
    ['lab/wrong-eku', 'participants', 'sslclient'],
    ['bank/api', 'web', 'sslclient'],
    ['lab/service', 'services', 'sslserver'],
  ])('%s of %s does not serve for %s', (leaf, domain, purpose) => {
    expect(opensslVerdict(pki.leaf(leaf), pki[domain], '-purpose', purpose)).toMatch(/unsuitable certificate purpose/);
  });

  const purposes = { web: 'sslserver', participants: 'sslclient', services: 'sslclient' };

  it('does not verify under another root, nor under a root of the same name', () => {
    expect(opensslVerdict(pki.leaf('bank/api'), pki.services)).toMatch(/unable to get local issuer/);
    expect(opensslVerdict(pki.leaf('fintech/transport'), pki.rogue())).toMatch(/error/);
  });

  it('gives an intermediate no power to make another', () => {
    const { root, intermediate } = pki.participants;
    const when = {
      notBefore: new Date(Date.now() - 1000),
      notAfter: new Date(Date.now() + 86_400_000),
      random: randomBytes,
    };
    const second = createIntermediate({ ...when, issuer: intermediate, subject: 'CN=second', purpose: 'client' });
    const leaf = pki.mint({ issuer: second });
    const both = { root, intermediate: bundle(intermediate, second), trust: pki.participants.trust };
    expect(opensslVerdict(leaf, both)).toMatch(/path length/);
  });

  /** Two authorities in one file of untrusted certificates. */
  function bundle(...authorities: Authority[]): Authority {
    const [first] = authorities as [Authority, ...Authority[]];
    const pem = authorities.map(({ certificate }) => certificate.toString()).join('');
    return { ...first, certificate: { toString: () => pem } as unknown as X509Certificate };
  }

  it('refuses a leaf that signs', () => {
    const leaf = pki.mint({ issuer: pki.asIssuer(pki.leaf('lab/second-client')) });
    const under = {
      ...pki.participants,
      intermediate: bundle(pki.participants.intermediate, pki.asIssuer(pki.leaf('lab/second-client'))),
    };
    expect(opensslVerdict(leaf, under)).toMatch(/invalid CA certificate|error/);
  });

  it('finds a revoked certificate in the list, and no other', () => {
    const [revoked, other] = [pki.mint(), pki.mint()];
    const lists = [[{ serialNumber: revoked.certificate.serialNumber, at: new Date() }], []];
    const [full, empty] = lists.map((entries, at) => put(`${at}.crl`, crl(entries)));
    const check = (leaf: Leaf, list = ''): string =>
      opensslVerdict(leaf, pki.participants, '-crl_check', '-CRLfile', list);
    expect(check(revoked, full)).toMatch(/certificate revoked/);
    expect(check(other, full)).toMatch(/OK/);
    expect(check(revoked, empty)).toMatch(/OK/);
  });

  function crl(revoked: { serialNumber: string; at: Date }[]): string {
    const thisUpdate = new Date(Date.now() - 1000);
    const nextUpdate = new Date(Date.now() + 3_600_000);
    return issueCrl({ issuer: pki.participants.intermediate, revoked, number: 1, thisUpdate, nextUpdate });
  }

  it.each<[LeafName, keyof typeof purposes]>([
    ['bank/api', 'web'],
    ['fintech/transport', 'participants'],
    ['developer/client', 'participants'],
    ['bank/service', 'services'],
  ])('%s verifies strictly under %s', (leaf, domain) => {
    expect(opensslVerdict(pki.leaf(leaf), pki[domain], '-purpose', purposes[domain])).toMatch(/OK/);
  });
});

describe('what the authority issues, read by an outside library', () => {
  it('says the same of every extension', async () => {
    const leaf = pki.mint({
      subject: String.raw`CN=tidepool,O=Acme\, Inc.`,
      dnsNames: ['a.test'],
      uris: ['spiffe://holdfast.test/x'],
      ips: ['192.0.2.1', '2001:db8::1'],
      emails: ['ops@a.test'],
    });
    const read = new peculiar.X509Certificate(leaf.certificate.raw);
    const names = read.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.items ?? [];
    expect(names.map(({ type, value }) => [type, value])).toEqual([
      ['email', 'ops@a.test'],
      ['dns', 'a.test'],
      ['url', 'spiffe://holdfast.test/x'],
      ['ip', '192.0.2.1'],
      ['ip', '2001:db8::1'],
    ]);
    expect(read.getExtension(peculiar.BasicConstraintsExtension)?.ca).toBe(false);
    expect(read.getExtension(peculiar.KeyUsagesExtension)?.usages).toBe(peculiar.KeyUsageFlags.digitalSignature);
    expect(read.getExtension(peculiar.ExtendedKeyUsageExtension)?.usages).toEqual(['1.3.6.1.5.5.7.3.2']);
    const issuer = new peculiar.X509Certificate(pki.participants.intermediate.certificate.raw);
    expect(read.getExtension(peculiar.AuthorityKeyIdentifierExtension)?.keyId).toBe(
      issuer.getExtension(peculiar.SubjectKeyIdentifierExtension)?.keyId,
    );
    expect(issuer.getExtension(peculiar.BasicConstraintsExtension)).toMatchObject({
      ca: true,
      pathLength: 0,
      critical: true,
    });
    expect(await read.verify({ publicKey: issuer, signatureOnly: true })).toBe(true);
  });
});

describe('issuing', () => {
  const when = { notBefore: new Date('2027-01-01'), notAfter: new Date('2061-01-01'), random: randomBytes };

  it('takes serial numbers from the given source and writes dates beyond 2049', () => {
    const random = (bytes: number): Buffer => Buffer.alloc(bytes, 0xab);
    const root = createRoot({ ...when, subject: 'CN=root', random });
    expect(root.certificate.serialNumber).toBe(`01${'AB'.repeat(16)}`);
    expect(root.certificate.validToDate).toEqual(when.notAfter);
  });

  it.each(['DC=\u0141', 'C=\u00df'])('refuses a name that its type of string cannot hold: %s', (subject) => {
    expect(() => pki.mint({ subject })).toThrow(/ASCII/);
  });

  it('certifies an existing key again, for the renewal of an authority', () => {
    const root = createRoot({ ...when, subject: 'CN=root' });
    const again = createRoot({ ...when, subject: 'CN=root', key: root.key });
    const leaf = issueLeaf({ ...when, issuer: root, subject: 'CN=leaf', purpose: 'client' });
    expect(leaf.certificate.verify(again.certificate.publicKey)).toBe(true);
  });

  it('signs with RSA where the authority has such a key', () => {
    const root = createRoot({ ...when, subject: 'CN=root', key: 'RSA-2048' });
    const leaf = issueLeaf({ ...when, issuer: root, subject: 'CN=leaf,OU=x+L=y,C=JP', purpose: 'client' });
    expect(leaf.certificate.verify(root.certificate.publicKey)).toBe(true);
    expect(formatDn(parsePeerCertificate(leaf.certificate.raw).subject)).toBe('CN=leaf,OU=x+L=y,C=JP');
  });

  it('sends leaf and intermediate in the handshake, and never the root', () => {
    const count = (pem: string): number => pem.split('BEGIN CERTIFICATE').length - 1;
    expect(count(pki.leaf('bank/api').certificatePem)).toBe(2);
  });
});
