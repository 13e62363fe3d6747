import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { certificateId, createOcspRequest, readOcspResponse } from '@holdfast/mtls/ocsp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revoke } from '../commands/revoke.ts';
import { AuthorityUnderTest } from '../testing/authority-under-test.ts';

let ca: AuthorityUnderTest;
beforeAll(async () => {
  ca = await AuthorityUnderTest.open();
});
afterAll(() => ca.close());

const certificate = (name: string): X509Certificate => new X509Certificate(readFileSync(ca.file(`${name}.crt`)));
const headers = { 'content-type': 'application/ocsp-request' };

async function statusOf(name: string, serial = certificate(name).serialNumber, get = false) {
  const issuer = certificate('authority/participants/intermediate');
  const id = certificateId(issuer, serial);
  const nonce = randomBytes(32);
  const body = createOcspRequest({ certificate: id, nonce });
  const answer = await (get
    ? ca.ask(`/ocsp/participants/${encodeURIComponent(body.toString('base64'))}`)
    : ca.ask('/ocsp/participants', { method: 'POST', body, headers }));
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/ocsp-response']);
  return readOcspResponse(answer.body, { certificate: id, issuer, nonce, now: new Date() });
}

describe('OCSP has no answer', () => {
  const error = async (path: string, body: Buffer): Promise<string> =>
    (await ca.ask(path, { method: 'POST', body, headers })).body.toString('hex');

  it('for what is no question [RFC6960-2.3]', async () => {
    expect(await error('/ocsp/web', Buffer.from('nonsense'))).toBe('30030a0101');
    expect((await ca.ask('/ocsp/web/AAAA')).body.toString('hex')).toBe('30030a0101');
  });

  it('for the certificate of another authority than is asked [RFC6960-2.3]', async () => {
    const id = certificateId(certificate('authority/web/intermediate'), certificate('bank/api').serialNumber);
    expect(await error('/ocsp/services', createOcspRequest({ certificate: id, nonce: randomBytes(32) }))).toBe(
      '30030a0106',
    );
  });

  it('under a label that does not exist', async () => {
    expect((await ca.ask('/ocsp/nobody', { method: 'POST', body: 'x', headers })).status).toBe(404);
  });
});

describe('OCSP answers', () => {
  it('unknown for a serial number that was never given', async () => {
    expect(await statusOf('developer/client', '0123')).toEqual({ status: 'unknown' });
  });

  it('good, and revoked as soon as it is decided, by either method [RFC6960-A.1]', async () => {
    expect(await statusOf('developer/client')).toEqual({ status: 'good' });
    await ca.run((ctx) =>
      revoke(
        ctx,
        new Map([
          ['revoke', 'developer/client'],
          ['reason', 'keyCompromise'],
        ]),
      ),
    );
    const revoked = { status: 'revoked', at: expect.any(Date), reason: 'keyCompromise' };
    expect(await statusOf('developer/client')).toEqual(revoked);
    expect(await statusOf('developer/client', undefined, true)).toEqual(revoked);
    expect(await statusOf('newcomer/client', undefined, true)).toEqual({ status: 'good' });
  });

  it('what OpenSSL asks, and OpenSSL verifies it', async () => {
    const [issuer, leaf] = [ca.file('authority/services/intermediate.crt'), ca.file('bank/service.crt')];
    const files = { request: ca.file('request.der'), response: ca.file('response.der') };
    const names = ['-issuer', issuer, '-cert', leaf];
    execFileSync('openssl', ['ocsp', ...names, '-reqout', files.request], { stdio: 'pipe' });
    const { body } = await ca.ask('/ocsp/services', { method: 'POST', body: readFileSync(files.request), headers });
    writeFileSync(files.response, body);
    const trust = ['-CAfile', ca.file('trust/services.pem'), '-verify_other', issuer];
    const args = ['ocsp', '-no_nonce', '-respin', files.response, '-reqin', files.request, ...names, ...trust];
    expect(execFileSync('openssl', args, { stdio: 'pipe' }).toString()).toContain(': good');
  });
});
