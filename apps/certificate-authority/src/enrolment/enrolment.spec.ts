import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { loadTrust, thumbprint } from '@holdfast/mtls';
import { createCertificationRequest, generateKey, keyPemOf } from '@holdfast/mtls/enrolment';
import { PRIVATE, writeWhole } from '@holdfast/pki';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { list as listCommand } from '../commands/list.ts';
import { revoke } from '../commands/revoke.ts';
import { AuthorityUnderTest } from '../testing/authority-under-test.ts';
import type { Answer } from '../testing/authority-under-test.ts';

let ca: AuthorityUnderTest;
beforeAll(async () => {
  ca = await AuthorityUnderTest.open();
});
afterAll(() => ca.close());

interface Listed {
  readonly name: string;
  readonly serial: string;
  readonly askedBy: string;
  readonly authenticated: string;
  readonly thumbprint: string;
}
const register = async (): Promise<Listed[]> =>
  JSON.parse(await ca.run((ctx) => listCommand(ctx, new Map([['json', '']])))) as Listed[];

/** Refused on the wire, with this reason in the audit, and nothing issued. */
async function refused(answer: Promise<Answer>, status: number, reason: string): Promise<void> {
  const before = await register();
  const { status: got, headers, text } = await answer;
  expect([got, ca.lastReason()]).toEqual([status, reason]);
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(text).toMatch(/^[a-zA-Z0-9 ,:/()#.-]+\n$/);
  expect(text).not.toContain(reason);
  if (status === 401) expect(headers['www-authenticate']).toContain('Basic realm=');
  expect(await register()).toEqual(before);
}

describe('nobody is enrolled', () => {
  it('without certificate and token [RFC7030-3.2.3]', async () => {
    await refused(ca.est('services', 'simpleenroll', ca.request('bank/service').body), 401, 'certificate_missing');
  });

  it('with a certificate of an authority of the same name whose key nobody trusts', async () => {
    const pki = throwAwayPki();
    const { body } = ca.request('bank/service');
    const identity = pki.identity('bank/service');
    await refused(ca.est('services', 'simpleenroll', body, { identity }), 401, 'chain_incomplete');
  });

  it('with a server certificate of the web [RFC5280-4.2.1.12]', async () => {
    const answer = ca.est('services', 'simpleenroll', ca.request('bank/service').body, {
      identity: ca.identity('bank/api'),
    });
    await refused(answer, 401, 'certificate_wrong_purpose');
  });

  it('with a copy of a certificate whose key stayed where it was [RFC8446-4.4.3]', async () => {
    const copied = new X509Certificate(readFileSync(ca.file('bank/service.crt')));
    expect(() => ca.identityOf([copied], generateKey('P-256'))).toThrow(/is not the key of/);
    // And past our own check, in the handshake:
    const identity = ca.identity('bank/service');
    const forged = { ...identity.current(), keyPem: keyPemOf(generateKey('P-256')) };
    const before = await register();
    const { body } = ca.request('bank/service');
    const source = { ...identity, current: () => forged };
    await expect(ca.est('services', 'simpleenroll', body, { identity: source })).rejects.toThrow();
    expect(await register()).toEqual(before);
  });

  it.each([
    ['token_unknown', 'bank', 'x'.repeat(43)],
    ['authorization_malformed', 'bank', 'not a token'],
    ['authorization_malformed', 'Bank', 'x'],
  ])('with %s', async (reason, holder, token) => {
    await refused(
      ca.est('services', 'simpleenroll', ca.request('bank/service').body, { basic: [holder, token] }),
      401,
      reason,
    );
  });

  it('with the token of somebody else, which stays good for whom it was made', async () => {
    const token = await ca.token('fintech');
    await refused(
      ca.est('services', 'simpleenroll', ca.request('bank/service').body, { basic: ['bank', token] }),
      401,
      'token_unknown',
    );
    const { status } = await ca.est('participants', 'simpleenroll', ca.request('fintech/transport').body, {
      basic: ['fintech', token],
    });
    expect(status).toBe(200);
  });

  it('twice with one token, however close together [RFC7030-3.2.3]', async () => {
    const token = await ca.token('bank');
    const ask = () => ca.est('services', 'simpleenroll', ca.request('bank/service').body, { basic: ['bank', token] });
    const before = await register();
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect((await register()).length).toBe(before.length + 1);
    await refused(ask(), 401, 'token_used');
  });

  it('with a token that has waited a day', async () => {
    const token = await ca.token('bank');
    ca.clock.now = new Date(Date.now() + 24 * 3_600_000);
    try {
      const { status } = await ca.est('services', 'simpleenroll', ca.request('bank/service').body, {
        basic: ['bank', token],
      });
      expect([status, ca.lastReason()]).toEqual([401, 'token_unknown']);
    } finally {
      ca.clock.now = undefined;
    }
  });
});

describe('a holder does not get', () => {
  it('the certificate of another service', async () => {
    const { body } = ca.request('bank/service');
    await refused(
      ca.est('services', 'simpleenroll', body, { identity: ca.identity('lab/service') }),
      403,
      'name_of_another_holder',
    );
    expect(ca.audit().at(-1)).toMatchObject({ subject: 'lab', evidence: { names: expect.stringContaining('bank') } });
  });

  it('names that are listed for nobody, nor one more beside its own', async () => {
    const { subject = '', uri = [] } = ca.list.leaves['bank/service'] ?? {};
    for (const dnsNames of [['rpc.bank.localhost', 'rpc.auth.localhost'], [], ['*.localhost']]) {
      const der = createCertificationRequest({ key: generateKey('P-256'), subject, names: { dnsNames, uris: uri } });
      const answer = ca.est('services', 'simpleenroll', der.toString('base64'), {
        identity: ca.identity('bank/service'),
      });
      await refused(answer, 403, 'name_not_listed');
    }
  });

  it('a key of another kind than is listed', async () => {
    const { body } = ca.request('bank/service', 'RSA-2048');
    await refused(ca.est('services', 'simpleenroll', body, { identity: ca.identity('bank/service') }), 403, 'key_type');
  });

  it('a service certificate at the door of the participants, nor the reverse', async () => {
    const service = ca.request('bank/service').body;
    const participant = ca.request('fintech/transport').body;
    const [bank, fintech] = [ca.identity('bank/service'), ca.identity('fintech/transport')];
    await refused(
      ca.est('participants', 'simpleenroll', service, { identity: bank }),
      403,
      'certificate_of_another_purpose',
    );
    await refused(
      ca.est('services', 'simpleenroll', service, { identity: fintech }),
      403,
      'certificate_of_another_purpose',
    );
    await refused(
      ca.est('services', 'simpleenroll', participant, { identity: fintech }),
      403,
      'certificate_of_another_purpose',
    );
    await refused(ca.est('web', 'simpleenroll', service, { identity: bank }), 403, 'purpose');
  });

  it('what is issued by hand', async () => {
    const { body } = ca.request('lab/second-client');
    const identity = ca.identity('lab/second-client');
    await refused(ca.est('participants', 'simpleenroll', body, { identity }), 403, 'not_by_enrolment');
  });

  it('anything for a request that is none, or that does not prove its key [RFC2986-4.2]', async () => {
    const identity = ca.identity('bank/service');
    const { body } = ca.request('bank/service');
    const torn = Buffer.from(body, 'base64');
    torn.writeUInt8(torn.readUInt8(torn.length - 5) ^ 1, torn.length - 5);
    await refused(ca.est('services', 'simpleenroll', torn.toString('base64'), { identity }), 400, 'request_unproven');
    await refused(ca.est('services', 'simpleenroll', 'AAAA', { identity }), 400, 'request_unreadable');
    await refused(ca.est('services', 'simpleenroll', '*', { identity }), 400, 'body_not_base64');
    await refused(ca.est('services', 'simpleenroll', '', { identity }), 400, 'body_not_base64');
    const json = { 'content-type': 'application/json' };
    await refused(ca.est('services', 'simpleenroll', body, { identity }, json), 415, 'body_wrong_type');
  });

  it('anything by renewal that it does not hold, nor with a token [RFC7030-4.2.2]', async () => {
    const token = await ca.token('bank');
    const { body } = ca.request('bank/service');
    await refused(ca.est('services', 'simplereenroll', body, { basic: ['bank', token] }), 401, 'certificate_missing');
    await ca.run((ctx) => revoke(ctx, new Map([['revoke', 'lab/web']])));
    const lab = ca.identity('lab/service');
    await refused(
      ca.est('web', 'simplereenroll', ca.request('lab/web').body, { identity: lab }),
      403,
      'nothing_to_renew',
    );
    const { status } = await ca.est('web', 'simpleenroll', ca.request('lab/web').body, { identity: lab });
    expect(status).toBe(200);
  });
});

describe('a holder', () => {
  it('gets its first certificate for a token, and everything else with that certificate [RFC7030-4.2.1]', async () => {
    const { key, body } = ca.request('fintech/transport');
    const first = await ca.est('participants', 'simpleenroll', body, { basic: ['fintech', await ca.token('fintech')] });
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      'content-type': 'application/pkcs7-mime; smime-type=certs-only',
      'content-transfer-encoding': 'base64',
    });
    const chain = ca.chain(first);
    expect(chain[0]?.checkPrivateKey(key)).toBe(true);
    const web = await ca.est('web', 'simpleenroll', ca.request('fintech/web').body, {
      identity: ca.identityOf(chain, key),
    });
    const [leaf, issuer] = ca.chain(web);
    expect([web.status, leaf?.subjectAltName]).toEqual([200, 'DNS:fintech.localhost']);
    expect(leaf?.verify(issuer!.publicKey)).toBe(true);
  });

  it('gets the life and purpose of the list, whatever the request says, and OpenSSL verifies it', async () => {
    const { key, body } = ca.request('bank/service');
    const chain = ca.chain(await ca.est('services', 'simpleenroll', body, { identity: ca.identity('bank/service') }));
    const name = `test/${chain[0]?.serialNumber}`;
    ca.identityOf(chain, key);
    const { validToDate, validFromDate } = chain[0]!;
    expect(validToDate.getTime() - validFromDate.getTime()).toBe(7 * 86_400_000 + 60_000);
    for (const purpose of ['sslclient', 'sslserver'])
      expect(
        ca.openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'trust/services.pem', `${name}.crt`),
      ).toContain('OK');
  });

  it('renews with another key, and is in the register under its own name [RFC7030-4.2.2]', async () => {
    const { key, body } = ca.request('bank/service');
    const answer = await ca.est('services', 'simplereenroll', body, { identity: ca.identity('bank/service') });
    expect(answer.status).toBe(200);
    const [leaf] = ca.chain(answer);
    expect(leaf?.checkPrivateKey(key)).toBe(true);
    const [newest] = await register();
    expect(newest).toMatchObject({
      name: 'bank/service',
      askedBy: 'bank',
      authenticated: 'certificate',
      thumbprint: thumbprint(leaf!.raw),
    });
    expect(ca.audit().at(-1)).toMatchObject({
      action: 'est.renew',
      outcome: 'allowed',
      subject: 'bank',
      evidence: { name: 'bank/service', serial: leaf?.serialNumber },
    });
  });

  it('is told the authorities of a label, and what a request is to be like [RFC7030-4.1] [RFC7030-4.5]', async () => {
    const trusted = loadTrust(ca.file('trust/participants.pem')).certificates;
    const answer = await ca.ask('/.well-known/est/participants/cacerts');
    expect(new Set(ca.chain(answer).map((it) => it.fingerprint256))).toEqual(
      new Set(trusted.map((it) => it.fingerprint256)),
    );
    const attributes = await ca.ask('/.well-known/est/participants/csrattrs');
    expect([attributes.status, attributes.headers['content-type']]).toEqual([200, 'application/csrattrs']);
    expect((await ca.ask('/.well-known/est/nobody/cacerts')).status).toBe(404);
  });

  it('is cut off within a second when its certificate is taken back, on an open connection too [RFC5280-5]', async () => {
    const { key, body } = ca.request('bank/service');
    const chain = ca.chain(await ca.est('services', 'simpleenroll', body, { identity: ca.identity('bank/service') }));
    const identity = ca.identityOf(chain, key);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const path = '/.well-known/est/services/simpleenroll';
    const ask = () =>
      ca.ask(path, {
        method: 'POST',
        identity,
        agent,
        body: ca.request('bank/service').body,
        headers: { 'content-type': 'application/pkcs10' },
      });
    expect((await ask()).status).toBe(200);
    await ca.run((ctx) =>
      revoke(
        ctx,
        new Map([
          ['revoke', chain[0]?.serialNumber ?? ''],
          ['reason', 'keyCompromise'],
        ]),
      ),
    );
    await expect.poll(async () => (await ask()).status, { timeout: 1_000, interval: 50 }).toBe(401);
    expect(ca.lastReason()).toBe('certificate_revoked');
    agent.destroy();
    const crl = ca.openssl('crl', '-in', 'trust/services.crl', '-CAfile', 'trust/services.pem', '-text', '-noout');
    expect(crl).toContain(chain[0]?.serialNumber);
    expect(crl).toContain('Key Compromise');
    // The other certificate of the same holder is another matter.
    const other = await ca.est('services', 'simpleenroll', ca.request('bank/service').body, {
      identity: ca.identity('bank/service'),
    });
    expect(other.status).toBe(200);
  });
});

describe('the authority itself', () => {
  it('holds certificates by the same list, and makes them anew when half of one is gone', async () => {
    const before = readFileSync(ca.file('certificate-authority/web.crt'), 'utf8');
    await ca.stop();
    writeWhole(ca.file('certificate-authority/web.key'), keyPemOf(generateKey('P-256')), PRIVATE);
    rmSync(ca.file('certificate-authority/service.crt'));
    await ca.start();
    const after = new X509Certificate(readFileSync(ca.file('certificate-authority/web.crt')));
    expect(after.toString()).not.toBe(before);
    expect(after.checkPrivateKey(createPrivateKey(readFileSync(ca.file('certificate-authority/web.key'))))).toBe(true);
    expect((await register()).filter(({ authenticated }) => authenticated === 'process').length).toBe(4);
  });
});
