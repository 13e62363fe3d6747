import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CertificateError } from '../certificate-error.ts';
import { damagedDer, encodeTree, replaced, takeApart } from '../testing/der-tree.ts';
import type { DerTree } from '../testing/der-tree.ts';
import { throwAwayPki } from '../testing/index.ts';
import { readCertsOnly, writeCertsOnly } from './certs-only.ts';

const pki = throwAwayPki();
const { certificate } = pki.leaf('bank/service');
const chain = [certificate, ...pki.services.intermediate.chain];
const written = writeCertsOnly(chain);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-pkcs7-'));
afterAll(() => rmSync(folder, { recursive: true }));

const changed = (path: number[], by: (node: DerTree) => readonly DerTree[]): Buffer =>
  encodeTree(replaced(takeApart(written), path, by));
const fingerprints = (certificates: readonly { readonly fingerprint256: string }[]): string[] =>
  certificates.map(({ fingerprint256 }) => fingerprint256);

describe('certs-only is not read', () => {
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a certificate alone', certificate.raw],
    ['it followed by bytes', Buffer.concat([written, Buffer.of(0)])],
    ['it with a content', changed([1, 0, 2, 0], (node) => [node, { tag: 0xa0, content: [] }])],
    ['it with a digest', changed([1, 0, 1], () => [{ tag: 0x31, content: [{ tag: 0x30, content: [] }] }])],
    ['it with a signer', changed([1, 0, 4], () => [{ tag: 0x31, content: [{ tag: 0x30, content: [] }] }])],
    ['it without certificates', writeCertsOnly([])],
    ['it with something else among them', changed([1, 0, 3, 1], () => [{ tag: 0x30, content: [] }])],
    ['it of another version', changed([1, 0, 0], () => [{ tag: 2, content: Buffer.of(3) }])],
  ])('from %s [RFC5652-5.1]', (_, der) => {
    expect(() => readCertsOnly(der)).toThrow(CertificateError);
  });

  it('and never fails in another way, however it is damaged', () => {
    fc.assert(
      fc.property(damagedDer(written), (der) => {
        try {
          readCertsOnly(der);
        } catch (error) {
          expect(error).toBeInstanceOf(CertificateError);
        }
      }),
    );
  });
});

describe('certs-only [RFC7030-4.1.3]', () => {
  it('holds the certificates in their order', () => {
    expect(fingerprints(readCertsOnly(written))).toEqual(fingerprints(chain));
  });

  it('is read by OpenSSL, and what OpenSSL writes is read', () => {
    const printed = execFileSync('openssl', ['pkcs7', '-inform', 'DER', '-print_certs'], { input: written }).toString();
    expect(printed.match(/BEGIN CERTIFICATE/g)).toHaveLength(chain.length);
    const file = join(folder, 'chain.pem');
    writeFileSync(file, chain.map(String).join(''));
    const theirs = execFileSync('openssl', ['crl2pkcs7', '-nocrl', '-certfile', file, '-outform', 'DER']);
    expect(fingerprints(readCertsOnly(theirs))).toEqual(fingerprints(chain));
  });
});
