import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { issuerPin } from '@holdfast/mtls';
import type { PeerCertificate } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { decodeJwt } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import { expect } from 'vitest';
import { approveAuthorization, askForConsent } from '../as/authorize/consent.ts';
import type { ConsentHolder, NewConsent } from '../as/authorize/consent-holder.ts';
import { takeUpRequest } from '../as/authorize/take-up.ts';
import type { RegisteredClient, RemoteJwks } from '../as/clients.ts';
import type { EndpointRequest, Engine } from '../as/engine.ts';
import { nextGeneration } from '../as/keys/key-life.ts';
import { KeyRing } from '../as/keys/key-ring.ts';
import { pushAuthorizationRequest } from '../as/par/push.ts';
import { exchange } from '../as/token/exchange.ts';
import type { TokenResponse } from '../as/token/token-response.ts';
import type { AuditEvent } from '../audit.ts';
import type { AuthorizationResponse } from '../authorization-response.ts';
import { OAuthError } from '../errors.ts';
import { DPOP, PROFILE } from '../profile.ts';
import { dpopNonces } from '../wire/dpop-nonce.ts';
import { MemoryState } from './memory-state.ts';

export const BANK = 'https://api.bank.test';
export const ISSUER = 'https://auth.test';
export const VERIFIER = 'v'.repeat(43);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
export const ALICE = { subject: 'alice', authenticatedAt: new Date('2026-06-01T12:00:00Z') };

const PEOPLE = [
  { subject: 'alice', name: 'Alice' },
  { subject: 'bob', name: 'Bob' },
];

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

/** Private keys for a generation of the ring, one per algorithm. */
export const privateJwks = (): JWK[] => [
  { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), alg: 'ES256' },
  { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), alg: 'PS256' },
  { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), alg: 'EdDSA' },
];
const signingKeys = privateJwks();

/** The bank in a test: two accounts for Alice, and every consent it was asked to keep. */
class TestBank implements ConsentHolder {
  readonly consents: NewConsent[] = [];
  readonly ended: string[] = [];
  readonly endedRequests: string[] = [];
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

  endRequested(requestId: string) {
    if (this.away) throw this.away;
    this.endedRequests.push(requestId);
    return Promise.resolve();
  }
}

/** Keys that clients publish, and how often they were asked for. */
class PublishedJwks implements RemoteJwks {
  readonly sets = new Map<string, readonly JWK[]>();
  readonly asked: { readonly uri: string; readonly fresh: boolean }[] = [];

  fetch(uri: string, fresh: boolean): Promise<readonly JWK[]> {
    this.asked.push({ uri, fresh });
    return Promise.resolve(this.sets.get(uri) ?? []);
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
    disabled: false,
    authentication: {
      method: 'tls_client_auth',
      subject: { kind: 'san_dns', value: dns },
      authority: issuerPin(() => [pki.participants.intermediate.certificate]),
    },
    jwks: { kind: 'none' },
    senderConstraints: ['mtls'],
    redirectUris: [`https://${id}.test/callback`],
    responseTypes: ['code'],
    scopes: ['openid', 'profile'],
    detailTypes,
    grantTypes: ['authorization_code', 'refresh_token'],
    requestObjectAlgorithm: 'ES256',
    idTokenAlgorithm: 'ES256',
    authorizationResponseAlgorithm: 'ES256',
    introspectionAlgorithm: 'ES256',
    ...more,
  });
  const clients = new Map(
    [client('first', 'first.test', changes), client('second', 'second.test')].map((it) => [it.id, it]),
  );
  const first = pki.mint({ subject: 'CN=first', dnsNames: ['first.test'] });
  const second = pki.mint({ subject: 'CN=second', dnsNames: ['second.test'] });
  const keys = new KeyRing(clock);
  await keys.take([{ ...nextGeneration([], clock.now())!, privateJwks: signingKeys }]);
  const remoteJwks = new PublishedJwks();
  const engine: Engine = {
    profile: PROFILE,
    profiles: ['fapi2-security', 'fapi2-message-signing', 'fapi1-advanced', 'fapi-ciba'],
    issuer: ISSUER,
    mtlsBase: 'https://mtls.auth.test',
    detailTypes,
    clients: { find: (id) => Promise.resolve(clients.get(id)) },
    remoteJwks,
    state,
    keys,
    consents: bank,
    people: {
      find: (subject) => Promise.resolve(PEOPLE.find((person) => person.subject === subject)),
      findByHint: (hint) => Promise.resolve(PEOPLE.find(({ subject }) => `${subject}@example.test` === hint)),
    },
    notifier: { notify: () => Promise.reject(new Error('nobody listens there')) },
    dpopNonces: dpopNonces(randomBytes(32), DPOP.nonceStepSeconds),
    clock,
    random: { token: (bits) => randomBytes(bits / 8).toString('base64url') },
    audit: (event) => void events.push(event),
  };
  return {
    engine,
    clock,
    pki,
    state,
    bank,
    events,
    clients,
    remoteJwks,
    peers: { first: pki.peer(first), second: pki.peer(second) },
  };
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
  dpop: [],
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
  const location = locationOf(await approveAuthorization(f.engine, pending, ALICE, since, approval));
  return { code: location.searchParams.get('code') ?? '', location, requestUri };
}

/** Where an answer by redirect leads. */
export function locationOf(response: AuthorizationResponse | undefined): URL {
  if (response?.kind !== 'redirect') throw new Error('the answer is no redirect');
  return new URL(response.location);
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
