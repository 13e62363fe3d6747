// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as peculiar from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { verifyClientChain } from './client-chain.ts';

const { subtle } = globalThis.crypto;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
const times = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
const read = ({ rawData }: peculiar.X509Certificate): X509Certificate => new X509Certificate(Buffer.from(rawData));

type Extensions = readonly peculiar.Extension[];

/** The verdict on a leaf under a root, with these extensions beside what they need. */
async function verdict(ofRoot: Extensions, ofLeaf: Extensions): Promise<string | undefined> {
  const keys = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const authority = new peculiar.BasicConstraintsExtension(true, undefined, true);
  const root = await peculiar.X509CertificateGenerator.createSelfSigned({
    ...times,
    keys,
    signingAlgorithm,
    name: 'CN=root',
    extensions: [authority, ...ofRoot],
  });
  const leaf = await peculiar.X509CertificateGenerator.create({
    ...times,
    subject: 'CN=leaf',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm,
    extensions: [...ofLeaf],
  });
  const anchor = read(root);
  return verifyClientChain(read(leaf).raw, [], { pem: anchor.toString(), certificates: [anchor] }, new Date());
}

const NULL = new Uint8Array([0x05, 0x00]);
const unknown = (critical: boolean) => new peculiar.Extension('1.3.6.1.4.1.55555.1', critical, NULL);
// permittedSubtrees of one DNS name, "a.test".
const NAMES = new Uint8Array([0x30, 0x0c, 0xa0, 0x0a, 0x30, 0x08, 0x82, 0x06, 0x61, 0x2e, 0x74, 0x65, 0x73, 0x74]);
const nameConstraints = (critical: boolean) => new peculiar.Extension('2.5.29.30', critical, NAMES);

describe('a limit in a certificate that is not read here', () => {
  it.each<[string, Extensions, Extensions]>([
    ['a critical extension of the leaf', [], [unknown(true)]],
    ['a critical extension of the authority', [unknown(true)], []],
    ['constraints on names', [nameConstraints(true)], []],
    ['constraints on names that may be overlooked', [nameConstraints(false)], []],
  ])('refuses the chain: %s [RFC5280-4.2]', async (_title, ofRoot, ofLeaf) => {
    expect(await verdict(ofRoot, ofLeaf)).toBe('UNSPECIFIED');
  });

  it.each<[string, Extensions, Extensions]>([
    ['an extension that may be overlooked', [unknown(false)], [unknown(false)]],
    ['nothing', [], []],
  ])('is none: %s', async (_title, ofRoot, ofLeaf) => {
    expect(await verdict(ofRoot, ofLeaf)).toBeUndefined();
  });
});
