// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import * as peculiar from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDn } from '../rfc4514.ts';
import { damagedDer, encodeTree, nodeAt, replaced, takeApart } from '../testing/der-tree.ts';
import type { DerTree } from '../testing/der-tree.ts';
import { set, sequence, oid, toDer } from './asn1.ts';
import {
  CertificationRequestError,
  createCertificationRequest,
  readCertificationRequest,
} from './certification-request.ts';
import type { CertificationRequestReason } from './certification-request.ts';
import { subjectAltName } from './extensions.ts';
import { generateKey } from './key-pair.ts';

const key = generateKey('P-256');
const SUBJECT = 'CN=bank,O=Holdfast services';
const NAMES = { dnsNames: ['rpc.bank.localhost'], uris: ['spiffe://holdfast.test/bank'] };
const request = createCertificationRequest({ key, subject: SUBJECT, names: NAMES });

function reasonOf(der: Buffer): CertificationRequestReason {
  try {
    readCertificationRequest(der);
  } catch (error) {
    if (error instanceof CertificationRequestError) return error.reason;
    throw error;
  }
  throw new Error('it was taken');
}

/** The request with one of its parts changed; the signature stays what it was. */
const changed = (path: number[], by: (node: DerTree) => readonly DerTree[]): Buffer =>
  encodeTree(replaced(takeApart(request), path, by));
const openssl = (der: Buffer, ...args: string[]): string =>
  execFileSync('openssl', ['req', '-inform', 'DER', ...args], { input: der, stdio: 'pipe' }).toString();

/** What somebody makes who has openssl and a key of this kind. */
function byOpenSsl(algorithm: string[], ...more: string[]): Buffer {
  const args = ['req', '-new', '-newkey', ...algorithm, '-nodes', '-keyout', '/dev/null', '-subj', '/O=X/CN=bank'];
  return execFileSync('openssl', [...args, '-outform', 'DER', ...more], { stdio: 'pipe' });
}

describe('a certification request is refused', () => {
  it('when its signature is by another key than the one it is about [RFC2986-4.2]', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const stolen = takeApart(publicKey.export({ type: 'spki', format: 'der' }));
    expect(reasonOf(changed([0, 2], () => [stolen]))).toBe('unproven');
  });

  it('when a name was changed after it was signed [RFC2986-4.2]', () => {
    const other = takeApart(createCertificationRequest({ key, subject: 'CN=mallory', names: NAMES }));
    expect(reasonOf(changed([0, 1], () => [nodeAt(other, [0, 1])]))).toBe('unproven');
  });

  it.each<[string, string[], string[]]>([
    ['RSA of 1024 bits', ['rsa:1024'], []],
    ['a curve of 224 bits', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp224r1'], []],
  ])('when the key is %s', (_, algorithm, more) => {
    expect(reasonOf(byOpenSsl(algorithm, ...more))).toBe('weak_key');
  });

  it('when it is signed with SHA-1', () => {
    expect(reasonOf(byOpenSsl(['rsa:2048'], '-sha1'))).toBe('unproven');
  });

  it.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['with bytes after its end', Buffer.concat([request, Buffer.of(0)])],
    [
      'with a length BER alone allows',
      encodeTree({ ...takeApart(request), length: (n) => Buffer.of(0x83, 0, n >> 8, n) }),
    ],
    ['of a fourth part', changed([2], (node) => [node, node])],
    ['of another version', changed([0, 0], () => [{ tag: 2, content: Buffer.of(1) }])],
    ['without attributes', changed([0, 3], () => [])],
    ['with its attributes twice', changed([0, 3], (node) => [node, node])],
    ['with two lists of extensions', changed([0, 3, 0], (node) => [node, node])],
    [
      'with a proof that ends within a byte',
      changed([2], ({ content }) => [
        { tag: 3, content: Buffer.concat([Buffer.of(1), (content as Buffer).subarray(1)]) },
      ]),
    ],
  ])('when it is %s [RFC2986-4]', (_, der) => {
    expect(reasonOf(der)).toBe('unreadable');
  });

  it('when it names its alternative names twice [RFC5280-4.2]', () => {
    const san = subjectAltName(NAMES)!;
    const twice = takeApart(toDer(sequence(oid('1.2.840.113549.1.9.14'), set(sequence(san, san)))));
    expect(reasonOf(changed([0, 3, 0], () => [twice]))).toBe('unreadable');
  });
});

describe('a certification request', () => {
  it.each(['P-256', 'RSA-2048'] as const)('of ours with a key of %s is proven to OpenSSL and read back', (kind) => {
    const der = createCertificationRequest({ key: generateKey(kind), subject: SUBJECT, names: NAMES });
    expect(() => openssl(der, '-verify', '-noout')).not.toThrow();
    expect(openssl(der, '-text', '-noout')).toContain('DNS:rpc.bank.localhost, URI:spiffe://holdfast.test/bank');
    const { subject, dnsNames, uris, ipAddresses } = readCertificationRequest(der);
    expect([formatDn(subject), dnsNames, uris, ipAddresses]).toEqual([SUBJECT, NAMES.dnsNames, NAMES.uris, []]);
  });

  it('of OpenSSL is read, whatever else it asks for', () => {
    const more = ['-addext', 'subjectAltName=DNS:a.test,IP:192.0.2.1', '-addext', 'basicConstraints=CA:TRUE'];
    const der = byOpenSsl(['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], ...more);
    const { subject, dnsNames, ipAddresses, publicKey } = readCertificationRequest(der);
    expect([formatDn(subject), dnsNames, ipAddresses]).toEqual(['CN=bank,O=X', ['a.test'], ['192.0.2.1']]);
    expect(publicKey.equals(createPublicKey(openssl(der, '-pubkey', '-noout')))).toBe(true);
  });

  it('with a challenge password is taken, and the password is not looked at [RFC2985-5.4.1]', async () => {
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const made = await peculiar.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=bank',
      keys: keys as never,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      attributes: [new peculiar.ChallengePasswordAttribute('sesame')],
      extensions: [new peculiar.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.test' }])],
    });
    expect(readCertificationRequest(Buffer.from(made.rawData)).dnsNames).toEqual(['a.test']);
  });

  it('is read as an outside library reads it', async () => {
    const outside = new peculiar.Pkcs10CertificateRequest(request);
    expect(await outside.verify()).toBe(true);
    const [san] = outside.extensions.filter((one) => one instanceof peculiar.SubjectAlternativeNameExtension);
    expect(san?.names.items.map(({ value }) => value)).toEqual([...NAMES.dnsNames, ...NAMES.uris]);
  });

  it('damaged in any way is refused with a reason, or was not damaged where it counts', () => {
    fc.assert(
      fc.property(damagedDer(request), (der) => {
        try {
          const { subject, dnsNames, uris } = readCertificationRequest(der);
          // What is signed is signed: whatever is taken says what the holder of the key said.
          expect([formatDn(subject), dnsNames, uris]).toEqual([SUBJECT, NAMES.dnsNames, NAMES.uris]);
        } catch (error) {
          expect(error).toBeInstanceOf(CertificationRequestError);
        }
      }),
    );
  });
});
