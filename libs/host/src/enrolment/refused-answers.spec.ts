import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateKey } from '@holdfast/mtls/enrolment';
import { describe, expect, it, vi } from 'vitest';
import { enrollingBanks, other, pki, status } from '../testing/enrolling-bank.ts';
import type { Lie } from '../testing/enrolling-bank.ts';
import { SmallAuthority } from '../testing/small-authority.ts';

const bank = enrollingBanks();

describe('an answer of the authority is not taken', () => {
  const lies: readonly (readonly [string, string, Lie])[] = [
    [
      'for another key',
      'certificate_of_another_key',
      ({ request }) => [bank().authority.sign({ ...request, publicKey: generateKey('P-256') }, 'services')],
    ],
    [
      'with one name more',
      'certificate_with_other_names',
      ({ request }) => [
        bank().authority.sign({ ...request, dnsNames: [...request.dnsNames, 'rpc.auth.localhost'] }, 'services'),
      ],
    ],
    [
      'with the service name of another',
      'certificate_with_other_names',
      ({ request }) => [bank().authority.sign({ ...request, uris: ['spiffe://holdfast.test/lab'] }, 'services')],
    ],
    [
      'with an address nobody asked for',
      'certificate_with_other_names',
      ({ request }) => [bank().authority.sign(request, 'services', { ips: ['127.0.0.1'] })],
    ],
    [
      'under another subject',
      'certificate_with_other_names',
      ({ request }) => [bank().authority.sign(request, 'services', { subject: 'CN=lab,O=Holdfast services' })],
    ],
    [
      'that is good for no client',
      'certificate_of_another_purpose',
      ({ request }) => [bank().authority.sign(request, 'services', { purpose: 'server' })],
    ],
    [
      'by an authority of the same name that nobody trusts',
      'certificate_of_another_authority',
      ({ request }) => [bank().authority.sign(request, 'services', { issuer: pki.rogue('services').intermediate })],
    ],
    [
      'by the authority of another purpose',
      'certificate_of_another_authority',
      ({ request }) => [bank().authority.sign(request, 'services', { issuer: pki.participants.intermediate })],
    ],
    [
      'that has ended',
      'certificate_not_in_force',
      ({ request }) => [
        bank().authority.sign(request, 'services', {
          notBefore: new Date(Date.now() - 9e6),
          notAfter: new Date(Date.now() - 5e6),
        }),
      ],
    ],
    [
      'that has not begun',
      'certificate_not_in_force',
      ({ request }) => [
        bank().authority.sign(request, 'services', {
          notBefore: new Date(Date.now() + 5e6),
          notAfter: new Date(Date.now() + 9e6),
        }),
      ],
    ],
    [
      'larger than the bound',
      'answer_too_large',
      (_asked, _honest, response) => {
        response.writeHead(200, { 'content-type': 'application/pkcs7-mime' }).end('A'.repeat(40_000));
        return undefined;
      },
    ],
    [
      'that is a page',
      'answer_unreadable',
      (_asked, _honest, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<p>welcome</p>');
        return undefined;
      },
    ],
    [
      'that is not base64',
      'answer_unreadable',
      (_asked, _honest, response) => {
        response.writeHead(200, { 'content-type': 'application/pkcs7-mime' }).end('MIIB\u0000!');
        return undefined;
      },
    ],
    ['that refuses the request', 'request_refused', status(400)],
    ['that forbids it', 'not_authenticated', status(403)],
  ];

  it.each(lies)('%s [RFC7030-4.2.3]', async (_what, problem, lie) => {
    bank().giveToken();
    bank().authority.lies = lie;
    expect(await bank().refusal()).toMatch(/certificate authority/);
    expect(bank().reasons()).toEqual([problem]);
    expect(
      bank()
        .written()
        .filter((name) => name.startsWith('service') || name.startsWith('api')),
    ).toEqual([]);
    expect(existsSync(bank().tokenFile)).toBe(true);

    bank().authority.lies = undefined;
    bank().giveToken();
    await bank().start();
    expect(bank().certificateOf('bank/service').subjectAltName).toContain('spiffe://holdfast.test/bank');
  });

  it('while it renews: the pair in use stays, byte for byte, and the next attempt waits', async () => {
    bank().giveToken();
    const enrolment = await bank().start();
    const before = ['crt', 'key'].map((end) => readFileSync(bank().fileOf('bank/service', end as 'crt'), 'utf8'));
    bank().authority.lies = ({ request }) => [
      bank().authority.sign({ ...request, publicKey: generateKey('P-256') }, 'services'),
    ];
    bank().moved = 45 * 60_000;
    await vi.waitFor(() => expect(bank().reasons()).toContain('certificate_of_another_key'), 10_000);
    await sleep(300);
    expect(bank().reasons().length).toBeLessThanOrEqual(2);
    expect(['crt', 'key'].map((end) => readFileSync(bank().fileOf('bank/service', end as 'crt'), 'utf8'))).toEqual(
      before,
    );
    expect((await bank().ctx.health.readiness()).failing).toEqual([]);
    expect(enrolment.held()).toHaveLength(2);
  });
});

describe('a first enrolment is refused', () => {
  it('without a token, and without a word to the authority', async () => {
    expect(await bank().refusal()).toMatch(
      /no certificate bank\/service .*no enrolment token.*npm run pki -- token bank/,
    );
    expect([bank().reasons(), bank().authority.asked]).toEqual([['token_missing'], []]);
    bank().giveToken();
    await bank().start();
  });

  it('with a token that was used before [RFC7030-3.2.3]', async () => {
    const token = bank().giveToken();
    await bank().start();
    rmSync(bank().fileOf('bank/service', 'crt'));
    bank().giveToken(token, false);
    expect(await bank().refusal()).toMatch(/did not take what we prove ourselves with/);
    expect(bank().reasons()).toEqual(['not_authenticated']);
    expect(existsSync(bank().fileOf('bank/service', 'crt'))).toBe(false);
  });

  it('by an authority that is not there, after its patience', async () => {
    bank().giveToken();
    const gone = await SmallAuthority.start(pki);
    const { url } = gone;
    await gone.close();
    expect(await bank().refusal({ url })).toMatch(
      /certificate authority at .* did not issue bank\/service .*Start it first/,
    );
    expect(new Set(bank().reasons())).toEqual(new Set(['authority_unreachable']));
    await bank().start();
  });

  it('by a server that is not the authority: nothing is sent to it, the token least of all', async () => {
    bank().giveToken();
    bank().trust.domains = { ...pki, web: other.web };
    expect(await bank().refusal()).toContain('did not issue');
    expect(bank().reasons()).toContain('authority_unreachable');
    expect(bank().authority.asked).toEqual([]);
    bank().trust.domains = pki;
    await bank().start();
  });

  it('and tried again while the authority is busy', async () => {
    bank().giveToken();
    let times = 0;
    bank().authority.lies = (_asked, honest, response) => {
      if (++times > 1) return [honest];
      bank().authority.tokens.add(`bank:${readFileSync(bank().tokenFile, 'utf8').trim()}`);
      response.writeHead(503).end();
      return undefined;
    };
    await bank().start({ patienceMs: 5_000 });
    expect(bank().reasons()).toEqual(['authority_busy']);
  });
});
