import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { issueOcspSigner } from '../authority/issue.ts';
import type { Authority } from '../authority/issue.ts';
import { CertificateError } from '../certificate-error.ts';
import { damagedDer, encodeTree, replaced, takeApart } from '../testing/der-tree.ts';
import { throwAwayPki } from '../testing/index.ts';
import {
  certificateId,
  createOcspRequest,
  isOf,
  readOcspRequest,
  readOcspResponse,
  writeOcspError,
  writeOcspResponse,
} from './index.ts';
import type { ExpectedAnswer, OcspAnswer, OcspSigner, OcspStatus } from './index.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const HOUR = 3_600_000;
const pki = throwAwayPki();
const { intermediate, root } = pki.participants;
const { certificate: leaf } = pki.mint();
const id = certificateId(intermediate.certificate, leaf.serialNumber);
const nonce = randomBytes(32);
const good: OcspStatus = { status: 'good' };
const revoked: OcspStatus = { status: 'revoked', at: new Date(NOW.getTime() - HOUR), reason: 'keyCompromise' };

const itself = (authority: Authority = intermediate): OcspSigner => ({ ...authority, delegated: false });
const when = {
  notBefore: new Date(NOW.getTime() - HOUR),
  notAfter: new Date(NOW.getTime() + HOUR),
  random: randomBytes,
};
const delegate = (odd: object = {}): OcspSigner => ({
  ...issueOcspSigner({ issuer: intermediate, subject: 'CN=responder', ...when, ...odd }),
  delegated: true,
});
const answer = (status: OcspStatus = good, change: Partial<OcspAnswer> = {}): OcspAnswer => ({
  certificates: [{ id, status }],
  nonce,
  producedAt: NOW,
  nextUpdate: new Date(NOW.getTime() + 600_000),
  ...change,
});
const expected: ExpectedAnswer = { certificate: id, issuer: intermediate.certificate, nonce, now: NOW };
const read = (der: Buffer, change: Partial<ExpectedAnswer> = {}): OcspStatus =>
  readOcspResponse(der, { ...expected, ...change });

const folder = mkdtempSync(join(tmpdir(), 'holdfast-ocsp-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const files = {
  issuer: file('issuer.pem', intermediate.certificate.toString()),
  root: file('root.pem', root.certificate.toString()),
  leaf: file('leaf.pem', leaf.toString()),
};

describe('an answer is not believed', () => {
  it.each<[string, Buffer, Partial<ExpectedAnswer>]>([
    ['an error of the responder', writeOcspError('internalError'), {}],
    ['one signed by an authority of the same name', writeOcspResponse(answer(), itself(pki.rogue().intermediate)), {}],
    ['one signed by another authority of ours', writeOcspResponse(answer(), itself(pki.services.intermediate)), {}],
    ['one signed by a client of the authority', writeOcspResponse(answer(), { ...pki.mint(), delegated: true }), {}],
    [
      'one of a responder that has ended',
      writeOcspResponse(answer(), delegate({ notAfter: new Date(NOW.getTime() - 1_000) })),
      {},
    ],
    [
      'one of a responder of another authority',
      writeOcspResponse(answer(), delegate({ issuer: pki.services.intermediate })),
      {},
    ],
    [
      'one of a responder that did not come along',
      writeOcspResponse(answer(), { ...delegate(), delegated: false }),
      {},
    ],
    ['one to another question', writeOcspResponse(answer(good, { nonce: randomBytes(32) }), itself()), {}],
    ['one without a nonce', writeOcspResponse(answer(good, { nonce: undefined }), itself()), {}],
    [
      'one about another certificate',
      writeOcspResponse(answer(), itself()),
      { certificate: { ...id, serialNumber: 'AB' } },
    ],
    ['one that has run out', writeOcspResponse(answer(), itself()), { now: new Date(NOW.getTime() + 600_000) }],
    ['one from the future', writeOcspResponse(answer(), itself()), { now: new Date(NOW.getTime() - 61_000) }],
  ])('when it is %s [RFC6960-3.2]', (_, der, change) => {
    expect(() => read(der, change)).toThrow(CertificateError);
  });

  it('when a byte of it was changed, wherever', () => {
    const der = writeOcspResponse(answer(revoked), delegate());
    fc.assert(
      fc.property(damagedDer(der), (damaged) => {
        try {
          // What is believed says what was signed.
          expect(read(damaged)).toEqual(revoked);
        } catch (error) {
          expect(error).toBeInstanceOf(CertificateError);
        }
      }),
    );
  });
});

describe('an answer', () => {
  it.each([good, revoked, { status: 'unknown' } as const])(
    'says %o, by the authority or whom it entitled',
    (status) => {
      expect(read(writeOcspResponse(answer(status), itself()))).toEqual(status);
      expect(read(writeOcspResponse(answer(status), delegate()))).toEqual(status);
    },
  );

  it.each<[string, OcspStatus, OcspSigner]>([
    ['good', good, itself()],
    ['revoked', revoked, itself()],
    ['unknown', { status: 'unknown' }, itself()],
    ['revoked', revoked, delegate()],
  ])('of ours is verified by OpenSSL: %s', (word, status, signer) => {
    const asked = join(folder, 'request.der');
    const names = ['-issuer', files.issuer, '-cert', files.leaf];
    execFileSync('openssl', ['ocsp', ...names, '-reqout', asked], { stdio: 'pipe' });
    const request = readOcspRequest(readFileSync(asked));
    const certificates = request.certificates.map((one) => ({ id: one, status }));
    const response = file(
      'response.der',
      writeOcspResponse(answer(status, { certificates, nonce: request.nonce }), signer),
    );
    const trust = ['-CAfile', files.root, '-verify_other', files.issuer];
    // Without it OpenSSL would put a nonce of its own into the question.
    const args = ['ocsp', '-no_nonce', '-respin', response, '-reqin', asked, ...names, ...trust];
    const { stdout, stderr } = spawnSync('openssl', args);
    expect(stderr.toString()).toContain('Response verify OK');
    expect(stdout.toString()).toMatch(new RegExp(`: ${word}`));
    if (status.status === 'revoked') expect(stdout.toString()).toContain('Reason: keyCompromise');
  });
});

describe('a question', () => {
  it('of ours is read by OpenSSL, and comes back as it was', () => {
    const der = createOcspRequest({ certificate: id, nonce });
    const text = execFileSync('openssl', ['ocsp', '-reqin', file('own.der', der), '-req_text'], {
      stdio: 'pipe',
    }).toString();
    expect(text).toContain(id.serialNumber);
    expect(readOcspRequest(der)).toEqual({ certificates: [id], nonce });
    expect(isOf(id, intermediate.certificate)).toBe(true);
    expect(isOf(id, pki.rogue().intermediate.certificate)).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    [
      'for nothing',
      encodeTree(replaced(takeApart(createOcspRequest({ certificate: id, nonce })), [0, 0, 0], () => [])),
    ],
    ['with a nonce of 129 bytes', createOcspRequest({ certificate: id, nonce: randomBytes(129) })],
    ['with an empty nonce', createOcspRequest({ certificate: id, nonce: Buffer.alloc(0) })],
  ])('is not read when it is %s [RFC6960-4.1] [RFC9654-2.1]', (_, der) => {
    expect(() => readOcspRequest(der)).toThrow(CertificateError);
  });

  it('is read or refused, however it is damaged', () => {
    fc.assert(
      fc.property(damagedDer(createOcspRequest({ certificate: id, nonce })), (der) => {
        try {
          readOcspRequest(der);
        } catch (error) {
          expect(error).toBeInstanceOf(CertificateError);
        }
      }),
    );
  });
});

it('the signer of these tests holds what it claims', () => {
  expect(delegate().certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.9']);
});
