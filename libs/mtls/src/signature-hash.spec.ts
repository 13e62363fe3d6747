// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as peculiar from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { verifyClientChain } from './client-chain.ts';
import { hasStrongSignature } from './signature-hash.ts';
import type { Trust } from './trust.ts';

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const { subtle } = globalThis.crypto;

interface Signed {
  readonly leaf: X509Certificate;
  readonly trust: Trust;
}

const read = ({ rawData }: peculiar.X509Certificate): X509Certificate => new X509Certificate(Buffer.from(rawData));

/** A certificate signed over this hash, and the root that signed it: over the same hash, for a root has nobody to believe it. */
async function signedOver(name: 'RSASSA-PKCS1-v1_5' | 'RSA-PSS' | 'ECDSA', hash: string): Promise<Signed> {
  const algorithm = name === 'ECDSA' ? { name, namedCurve: 'P-256' } : { name, hash, ...RSA };
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const signing = { keys, signingAlgorithm: { name, hash, saltLength: 20 } };
  const times = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const extensions = [new peculiar.BasicConstraintsExtension(true, undefined, true)];
  const root = await peculiar.X509CertificateGenerator.createSelfSigned({
    ...times,
    ...signing,
    name: 'CN=root',
    extensions,
  });
  const leaf = await peculiar.X509CertificateGenerator.create({
    ...times,
    ...signing,
    subject: 'CN=leaf',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
  });
  const anchor = read(root);
  return { leaf: read(leaf), trust: { pem: anchor.toString(), certificates: [anchor] } };
}

describe('a signature over', () => {
  it.each([
    ['RSASSA-PKCS1-v1_5', 'SHA-1'],
    // Whose parameters then name no hash at all.
    ['RSA-PSS', 'SHA-1'],
    ['ECDSA', 'SHA-1'],
  ] as const)('%s with %s vouches for nobody [RFC9325-4.5]', async (name, hash) => {
    const { leaf, trust } = await signedOver(name, hash);
    expect(hasStrongSignature(leaf)).toBe(false);
    expect(verifyClientChain(leaf.raw, [], trust, new Date())).toBe('UNSPECIFIED');
  });

  it.each([
    ['RSASSA-PKCS1-v1_5', 'SHA-256'],
    ['RSASSA-PKCS1-v1_5', 'SHA-384'],
    ['RSASSA-PKCS1-v1_5', 'SHA-512'],
    ['RSA-PSS', 'SHA-256'],
    ['RSA-PSS', 'SHA-384'],
    ['RSA-PSS', 'SHA-512'],
    ['ECDSA', 'SHA-256'],
    ['ECDSA', 'SHA-384'],
  ] as const)('%s with %s vouches for its certificate', async (name, hash) => {
    const { leaf, trust } = await signedOver(name, hash);
    expect(hasStrongSignature(leaf)).toBe(true);
    expect(verifyClientChain(leaf.raw, [], trust, new Date())).toBeUndefined();
  });
});
