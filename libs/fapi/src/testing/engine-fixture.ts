import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { PeerCertificate } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { decodeJwt } from 'jose';
import type { JWTPayload } from 'jose';
import { expect } from 'vitest';
import { approveAuthorization, askForConsent } from '../as/authorize/consent.ts';
import type { ConsentHolder, NewConsent } from '../as/authorize/consent-holder.ts';
import { takeUpRequest } from '../as/authorize/take-up.ts';
import type { RegisteredClient } from '../as/clients.ts';
import type { EndpointRequest, Engine } from '../as/engine.ts';
import { pushAuthorizationRequest } from '../as/par/push.ts';
import { exchange } from '../as/token/exchange.ts';
import type { TokenResponse } from '../as/token/token-response.ts';
import { importSigningKeys } from '../as/token/signing-keys.ts';
import type { AuditEvent } from '../audit.ts';
import { OAuthError } from '../errors.ts';
import { FAPI2_SECURITY } from '../profile.ts';
import { MemoryState } from './memory-state.ts';

export const BANK = 'https://api.bank.test';
export const ISSUER = 'https://auth.test';
export const VERIFIER = 'v'.repeat(43);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
export const ALICE = { subject: 'alice', authenticatedAt: new Date('2026-06-01T12:00:00Z') };

/** An authorization request that is fine in every respect, as pushed by the first client. */
export const GOOD_REQUEST: Readonly<Record<string, string>> = {
  client_id: 'first',
  response_type: 'code',
  redirect_uri: 'https://first.test/callback',
  scope: 'openid profile',
  state: 'state-1',
  nonce: 'nonce-1',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  authorization_details: JSON.stringify([
    { type: 'account_information', actions: ['list_accounts', 'read_balances'], locations: [BANK] },
  ]),
};

const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

/** The bank in a test: two accounts for Alice, and every consent it was asked to keep. */
class TestBank implements ConsentHolder {
  readonly consents: NewConsent[] = [];
  readonly ended: string[] = [];
  accounts = [
    { id: 'acc-1', name: 'Current', maskedNumber: '••42', currency: 'GBP' },
    { id: 'acc-2', name: 'Savings', maskedNumber: '••77', currency: 'GBP' },
  ];
  away: OAuthError | undefined;

  shareableAccounts() {
    if (this.away) throw this.away;
    return Promise.resolve(this.accounts);
  }

  authorize(consent: NewConsent) {
    if (this.away) throw this.away;
    this.consents.push(consent);
    return Promise.resolve(`consent-${this.consents.length}`);
  }

  end(consentId: string) {
    if (this.away) throw this.away;
    this.ended.push(consentId);
    return Promise.resolve();
  }
}

/** A whole authorization server without a socket: frozen clock, real keys, real certificates, state in memory. */
export async function engineFixture(changes: Partial<RegisteredClient> = {}) {
  const clock = new FrozenClock(new Date('2026-06-01T12:00:00Z'));
  const pki = throwAwayPki({ now: clock.now() });
  const state = new MemoryState();
  const bank = new TestBank();
  const events: AuditEvent[] = [];
  const detailTypes = [
    {
      type: 'account_information',
      actions: ['list_accounts', 'read_balances', 'read_transactions'],
      locations: [BANK],
    },
  ];
  const client = (id: string, dns: string, more: Partial<RegisteredClient> = {}): RegisteredClient => ({
    id,
    name: `Client ${id}`,
    profile: 'fapi2-security',
    authentication: {
      method: 'tls_client_auth',
      subject: { kind: 'san_dns', value: dns },
      issuer: pki.participants.intermediate.certificate.raw,
    },
    redirectUris: [`https://${id}.test/callback`],
    scopes: ['openid', 'profile'],
    detailTypes,
    grantTypes: ['authorization_code', 'refresh_token'],
    ...more,
  });
  const clients = new Map(
    [client('first', 'first.test', changes), client('second', 'second.test')].map((it) => [it.id, it]),
  );
  const first = pki.mint({ subject: 'CN=first', dnsNames: ['first.test'] });
  const second = pki.mint({ subject: 'CN=second', dnsNames: ['second.test'] });
  const engine: Engine = {
    profile: FAPI2_SECURITY,
    issuer: ISSUER,
    mtlsBase: 'https://mtls.auth.test',
    detailTypes,
    clients: { find: (id) => Promise.resolve(clients.get(id)) },
    state,
    keys: await importSigningKeys({ keys: [{ ...signingKey, kid: 'key-1', alg: 'ES256' }] }),
    consents: bank,
    people: { find: (subject) => Promise.resolve(subject === 'alice' ? { subject, name: 'Alice' } : undefined) },
    clock,
    random: { token: (bits) => randomBytes(bits / 8).toString('base64url') },
    audit: (event) => void events.push(event),
  };
  return { engine, clock, pki, state, bank, events, peers: { first: pki.peer(first), second: pki.peer(second) } };
}

export type EngineFixture = Awaited<ReturnType<typeof engineFixture>>;

class FrozenClock {
  #now: Date;
  constructor(now: Date) {
    this.#now = now;
  }
  now(): Date {
    return this.#now;
  }
  advance(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1000);
  }
}

/** A back-channel request with these form fields. */
export const request = (
  form: Readonly<Record<string, string | undefined>>,
  peer: PeerCertificate | undefined,
): EndpointRequest => ({
  form: Object.entries(form).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  authorization: [],
  peer,
});

/** Pushes the good request with changes; `undefined` leaves a parameter out. */
export const push = (f: EngineFixture, changes: Readonly<Record<string, string | undefined>> = {}) =>
  pushAuthorizationRequest(f.engine, request({ ...GOOD_REQUEST, ...changes }, f.peers.first));

/** From a pushed request to the code in Alice's browser. */
export async function authorize(
  f: EngineFixture,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<{ code: string; location: URL; requestUri: string }> {
  const { request_uri: requestUri } = await push(f, changes);
  const pending = await takeUpRequest(f.engine, [
    ['client_id', 'first'],
    ['request_uri', requestUri],
  ]);
  const since = f.clock.now();
  const question = await askForConsent(f.engine, pending, ALICE, since);
  const accounts = question.accounts.slice(0, 1).map(({ id }) => id);
  const approval = { shown: question.hash, accounts };
  const location = new URL(await approveAuthorization(f.engine, pending, ALICE, since, approval));
  return { code: location.searchParams.get('code') ?? '', location, requestUri };
}

/** The honest redemption of a code. */
export const redeem = (f: EngineFixture, code: string, changes: Readonly<Record<string, string | undefined>> = {}) =>
  exchange(
    f.engine,
    request(
      {
        grant_type: 'authorization_code',
        client_id: 'first',
        code,
        redirect_uri: 'https://first.test/callback',
        code_verifier: VERIFIER,
        ...changes,
      },
      f.peers.first,
    ),
  );

/** A whole flow: tokens of the first client for Alice. */
export async function tokens(
  f: EngineFixture,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<TokenResponse> {
  return redeem(f, (await authorize(f, changes)).code);
}

/** Refreshes as the first client. */
export const refresh = (
  f: EngineFixture,
  token: string | undefined,
  changes: Readonly<Record<string, string | undefined>> = {},
) =>
  exchange(
    f.engine,
    request({ grant_type: 'refresh_token', client_id: 'first', refresh_token: token, ...changes }, f.peers.first),
  );

export const claimsOf = (token: string | undefined): JWTPayload => decodeJwt(token ?? '');

/**
 * Asserts a refusal whole: the public code, the private reason, the audit event that says so, and that the event gives
 * nothing away.
 */
export async function expectRefusal(
  f: EngineFixture,
  decision: Promise<unknown>,
  code: string,
  reason: string,
): Promise<OAuthError> {
  const error: unknown = await decision.then(
    () => new Error('it was allowed'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OAuthError);
  const refusal = error as OAuthError;
  expect({ code: refusal.code, reason: refusal.reason }).toEqual({ code, reason });
  expect(f.events.at(-1)).toMatchObject({ outcome: 'refused', reason, error: code });
  return refusal;
}

/** No audit event of a test may hold a secret. */
export function expectNoSecrets(f: EngineFixture, secrets: readonly (string | undefined)[]): void {
  const written = JSON.stringify(f.events);
  for (const secret of secrets) if (secret !== undefined && secret !== '') expect(written).not.toContain(secret);
}
