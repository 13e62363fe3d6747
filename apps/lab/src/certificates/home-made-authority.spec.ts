import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { encode } from './der.ts';
import { HomeMadeAuthority, selfSigned } from './home-made-authority.ts';
import { namesOf, party } from './subject.ts';

const names = party({
  commonName: 'tidepool, the "real" one',
  organization: 'Tidepool',
  dnsNames: ['client.fintech.localhost'],
  uris: ['spiffe://weak.test/fintech'],
  ips: ['127.0.0.1'],
});

describe('a home-made certificate', () => {
  const authority = new HomeMadeAuthority('kitchen table');
  const held = authority.issue({ names, purpose: 'client' });
  const leaf = new X509Certificate(held.certificatePem);
  const root = new X509Certificate(authority.certificatePem);

  it('is signed by its authority, and by no other [RFC5280-4.1.1.3]', () => {
    const namesake = new X509Certificate(new HomeMadeAuthority('kitchen table').certificatePem);
    expect(leaf.verify(namesake.publicKey)).toBe(false);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(root.ca).toBe(true);
    expect(leaf.ca).toBe(false);
  });

  it('carries purpose and names [RFC5280-4.2.1.12]', () => {
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(leaf.subjectAltName).toBe(
      'DNS:client.fintech.localhost, URI:spiffe://weak.test/fintech, IP Address:127.0.0.1',
    );
    expect(new X509Certificate(authority.issue({ names, purpose: 'any' }).certificatePem).keyUsage).toBeUndefined();
  });

  it('is a pair TLS takes', () => {
    expect(() => createSecureContext({ cert: held.certificatePem, key: held.keyPem })).not.toThrow();
  });

  it('is accepted by openssl verify, an outside judge [RFC5280-6]', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-ca-'));
    writeFileSync(join(folder, 'root.pem'), authority.certificatePem);
    writeFileSync(join(folder, 'leaf.pem'), held.certificatePem);
    const args = [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-CAfile',
      join(folder, 'root.pem'),
      join(folder, 'leaf.pem'),
    ];
    expect(execFileSync('openssl', args).toString()).toContain('OK');
  });

  it('can be dated into the past', () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    const expired = authority.issue({ names, purpose: 'client', notBefore: new Date(0), notAfter: yesterday });
    expect(new X509Certificate(expired.certificatePem).validToDate.getTime()).toBeLessThan(Date.now());
  });
});

describe('copied names', () => {
  it('are the same bytes in the forged certificate as in the stolen one', () => {
    const original = new HomeMadeAuthority('somebody else').issue({ names, purpose: 'client' });
    const forged = selfSigned({ names: namesOf(original.certificatePem), purpose: 'client' });
    expect(encode(namesOf(forged.certificatePem).subject)).toEqual(encode(namesOf(original.certificatePem).subject));
    expect(new X509Certificate(forged.certificatePem).subjectAltName).toBe(
      new X509Certificate(original.certificatePem).subjectAltName,
    );
  });
});
