import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { thumbprint } from '@holdfast/mtls';
import { describe, expect, it, vi } from 'vitest';
import { enrollingBanks, LEAVES, other, pki, status } from '../testing/enrolling-bank.ts';

const bank = enrollingBanks();

describe('a first enrolment', () => {
  it('takes the token for one certificate and that one for the others, and says so [RFC7030-4.2.1]', async () => {
    bank().giveToken();
    const enrolment = await bank().start();
    const service = bank().certificateOf('bank/service');
    expect(bank().authority.asked.map(({ path, by }) => [path, by])).toEqual([
      ['/.well-known/est/services/simpleenroll', 'bank'],
      ['/.well-known/est/web/simpleenroll', thumbprint(service.raw)],
    ]);
    expect(
      bank()
        .events()
        .map(({ action, outcome, evidence }) => [action, outcome, (evidence as { certificate: string }).certificate]),
    ).toEqual([
      ['certificate.enrol', 'allowed', 'bank/service'],
      ['certificate.enrol', 'allowed', 'bank/api'],
    ]);
    expect(enrolment.held()).toEqual(
      ['bank/service', 'bank/api'].map((name) => ({
        name,
        thumbprint: thumbprint(bank().certificateOf(name).raw),
        issuer: bank().trust.issuerNow(name === 'bank/api' ? 'web' : 'services'),
        notAfter: bank().certificateOf(name).validToDate,
      })),
    );
  });

  it('keeps the key to itself: closed to others, in no log, and never sent', async () => {
    const token = bank().giveToken();
    await bank().start();
    expect(statSync(bank().fileOf('bank/service', 'key')).mode & 0o777).toBe(0o600);
    expect(existsSync(bank().tokenFile)).toBe(false);
    expect(bank().written()).toEqual(['api.crt', 'api.key', 'service.crt', 'service.key']);
    expect(readFileSync(join(bank().home, 'audit/bank.jsonl'), 'utf8')).not.toContain(token);
  });

  it('happens once: with certificates in force nobody is asked', async () => {
    bank().giveToken();
    await bank().start();
    await bank().end();
    await bank().start({ url: 'https://ca.localhost:1' });
    expect(bank().authority.asked).toEqual([]);
  });

  it('asks anew for what the configuration now names otherwise', async () => {
    bank().giveToken();
    await bank().start();
    await bank().end();
    const renamed = LEAVES.map((leaf) =>
      leaf.name === 'bank/api' ? { ...leaf, dns: ['api.harbour.localhost'] } : leaf,
    );
    await bank().start({ leaves: renamed });
    expect(bank().authority.asked).toHaveLength(1);
    expect(bank().certificateOf('bank/api').subjectAltName).toBe('DNS:api.harbour.localhost');
  });

  it('of a home that was left lying for most of a year needs a new token, and says so', async () => {
    bank().giveToken();
    await bank().start();
    await bank().end();
    bank().moved = 300 * 86_400_000;
    expect(await bank().refusal()).toMatch(
      /^there is no certificate bank\/service in force, and no enrolment token[^\n]+npm start[^\n]+npm run pki -- token bank$/,
    );
    bank().giveToken();
    await bank().start();
    expect(bank().certificateOf('bank/api').validToDate.getTime()).toBeGreaterThan(Date.now() + bank().moved);
  });

  it('makes RSA keys where the list says so', async () => {
    bank().giveToken();
    const rsa = LEAVES.map((leaf) => (leaf.name === 'bank/api' ? { ...leaf, key: 'RSA-2048' as const } : leaf));
    await bank().start({ leaves: rsa });
    expect(bank().certificateOf('bank/api').publicKey.asymmetricKeyType).toBe('rsa');
  });

  it('that was interrupted between key and certificate is completed, without a token', async () => {
    bank().giveToken();
    await bank().start();
    await bank().end();
    // As a crash leaves it: the new key in its place, its certificate still beside.
    renameSync(bank().fileOf('bank/service', 'crt'), `${bank().fileOf('bank/service', 'crt')}.draft`);
    writeFileSync(bank().fileOf('bank/service', 'crt'), pki.leaf('bank/service').certificatePem);
    await bank().start();
    expect(bank().authority.asked).toEqual([]);
  });
});

describe('a certificate is renewed', () => {
  const renewed = () =>
    bank()
      .events()
      .filter(({ action, outcome }) => action === 'certificate.renew' && outcome === 'allowed');

  it('at two thirds of its life and not before, with a new key, and taken over by who follows it [RFC7030-4.2.2]', async () => {
    bank().giveToken();
    const enrolment = await bank().start();
    const identity = enrolment.identity({
      certificate: bank().fileOf('bank/api', 'crt'),
      key: bank().fileOf('bank/api', 'key'),
    });
    const first = identity.current();
    const life =
      bank().certificateOf('bank/api').validToDate.getTime() - bank().certificateOf('bank/api').validFromDate.getTime();
    bank().moved = life * (2 / 3 - 1 / 10) - 60_000 - 5_000;
    await sleep(200);
    expect(renewed()).toEqual([]);
    bank().moved = life * (2 / 3) - 60_000 + 5_000;
    await vi.waitFor(() => expect(renewed()).toHaveLength(2), 10_000);
    await vi.waitFor(() => expect(identity.current().keyPem).not.toBe(first.keyPem), 10_000);
    expect(
      bank()
        .authority.asked.slice(-2)
        .map(({ path }) => path),
    ).toEqual(['/.well-known/est/services/simplereenroll', '/.well-known/est/web/simplereenroll']);
    await sleep(200);
    expect(renewed()).toHaveLength(2);
  });

  it('at once when another authority issues, and once', async () => {
    bank().giveToken();
    bank().trust.issuers = { web: bank().trust.issuerNow('web'), services: bank().trust.issuerNow('services') };
    const enrolment = await bank().start();
    await sleep(100);
    expect(renewed()).toEqual([]);
    const both = {
      pem: pki.web.trust.pem + other.web.trust.pem,
      certificates: [...pki.web.trust.certificates, ...other.web.trust.certificates],
    };
    bank().trust.domains = { ...pki, web: { ...other.web, trust: both } };
    bank().authority.issuers = { ...pki, web: other.web };
    bank().trust.issuers = { ...bank().trust.issuers, web: thumbprint(other.web.intermediate.certificate.raw) };
    await vi.waitFor(() => expect(enrolment.held()[1]?.issuer).toBe(bank().trust.issuers.web), 10_000);
    await sleep(200);
    expect(renewed()).toHaveLength(1);
  });

  it('after failures, as soon as the authority is back; only an ended certificate turns readiness red', async () => {
    bank().giveToken();
    await bank().start();
    bank().authority.lies = status(503);
    bank().moved = 50 * 60_000;
    await vi.waitFor(() => expect(bank().reasons()).toContain('authority_busy'), 10_000);
    expect((await bank().ctx.health.readiness()).ready).toBe(true);
    bank().moved = 61 * 60_000;
    await vi.waitFor(
      async () => expect((await bank().ctx.health.readiness()).failing).toEqual(['certificates']),
      3_000,
    );
    // Too late for a certificate: now a token is needed.
    bank().authority.lies = undefined;
    bank().giveToken();
    await vi.waitFor(async () => expect((await bank().ctx.health.readiness()).ready).toBe(true), 10_000);
  });

  it('with the token when the authority no longer takes the certificate', async () => {
    bank().giveToken();
    await bank().start();
    bank().giveToken();
    bank().authority.lies = (asked, honest, response) =>
      asked.by === 'bank' || asked.path.includes('web') ? [honest] : status(401)(asked, honest, response);
    bank().moved = 45 * 60_000;
    await vi.waitFor(() => expect(renewed().length).toBeGreaterThanOrEqual(2), 10_000);
    expect(
      bank()
        .authority.asked.slice(2)
        .map(({ path, by }) => `${path} by ${by}`),
    ).toContain('/.well-known/est/services/simpleenroll by bank');
    expect(bank().reasons()).toContain('not_authenticated');
  });

  it('by one of two replicas on the same home, and taken over by the other', async () => {
    bank().giveToken();
    const enrolments = [
      await bank().start(),
      await bank().start({ ctx: { ...bank().ctx, health: bank().newContext().health } }),
    ];
    const first = bank().certificateOf('bank/service').serialNumber;
    bank().moved = 45 * 60_000;
    await vi.waitFor(() => expect(renewed()).toHaveLength(2), 10_000);
    await vi.waitFor(() => {
      const [one, two] = enrolments.map((each) => JSON.stringify(each.held()));
      expect(one).toBe(two);
    }, 5_000);
    await sleep(200);
    expect(renewed()).toHaveLength(2);
    expect(bank().certificateOf('bank/service').serialNumber).not.toBe(first);
  });
});
