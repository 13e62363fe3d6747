import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { approveRequest, askForApproval, findAskedRequest } from '../as/ciba/approval.ts';
import { cibaRequestId, requestAuthentication } from '../as/ciba/request-authentication.ts';
import type { AuthenticationAcknowledgement } from '../as/ciba/request-authentication.ts';
import type { CibaDelivery, RegisteredClient } from '../as/clients.ts';
import { exchange } from '../as/token/exchange.ts';
import { epochSeconds } from '../clock.ts';
import type { EngineFixture } from './engine-fixture.ts';
import { ALICE, BANK, engineFixture, ISSUER, request } from './engine-fixture.ts';

export const CIBA_GRANT = 'urn:openid:params:grant-type:ciba';
export const PING_ENDPOINT = 'https://first.test/ciba-ping';

type KeyName = 'ES256' | 'PS256' | 'RS256' | 'foreign';
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = { ES256: ec(), PS256: rsa, RS256: rsa, foreign: ec() };
const publicJwk = (name: KeyName) => ({ ...keys[name].publicKey.export({ format: 'jwk' }), kid: name, alg: name });

/** A server at which the first client may ask people on another device. */
export const cibaFixture = (
  delivery: CibaDelivery = { mode: 'poll' },
  changes: Partial<RegisteredClient> = {},
): Promise<EngineFixture> =>
  engineFixture({
    profile: 'fapi-ciba',
    grantTypes: [CIBA_GRANT, 'refresh_token'],
    redirectUris: [],
    responseTypes: [],
    jwks: { kind: 'inline', keys: [publicJwk('ES256')] },
    ciba: delivery,
    ...changes,
  });

/** The same, for a client that wants to be pinged. */
export const pingFixture = (): Promise<EngineFixture> =>
  cibaFixture({ mode: 'ping', notificationEndpoint: PING_ENDPOINT });

export const DETAILS = [
  { type: 'account_information', actions: ['list_accounts', 'read_balances'], locations: [BANK] },
];

/** Claims of a signed request that is fine in every respect; changes replace, `undefined` leaves out. */
export function goodClaims(f: EngineFixture, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = epochSeconds(f.clock.now());
  const claims: Record<string, unknown> = {
    iss: 'first',
    aud: ISSUER,
    iat: now,
    nbf: now,
    exp: now + 300,
    jti: randomUUID(),
    scope: 'openid profile',
    login_hint: 'alice@example.test',
    binding_message: '1234',
    authorization_details: DETAILS,
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** Signs claims as the first client does, or with another key. */
export const sign = (claims: Readonly<Record<string, unknown>>, key: KeyName = 'ES256', header: object = {}) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: key === 'foreign' ? 'ES256' : key, kid: key === 'foreign' ? 'ES256' : key, ...header })
    .sign(keys[key].privateKey);

/** Asks as the first client, with the form as given. */
export const askWith = (f: EngineFixture, form: Readonly<Record<string, string | undefined>>) =>
  requestAuthentication(f.engine, request({ client_id: 'first', ...form }, f.peers.first));

/** Asks Alice as the first client. */
export const ask = async (
  f: EngineFixture,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<AuthenticationAcknowledgement> => askWith(f, { request: await sign(goodClaims(f, changes)) });

/** What Alice sees of a request. */
export const asked = (f: EngineFixture, authReqId: string, login = ALICE) =>
  findAskedRequest(f.engine, login, cibaRequestId(authReqId));

/** Alice agrees to the first of her accounts. */
export async function agree(f: EngineFixture, authReqId: string): Promise<void> {
  const found = await asked(f, authReqId);
  const question = await askForApproval(f.engine, found);
  const accounts = question.accounts.slice(0, 1).map(({ id }) => id);
  await approveRequest(f.engine, ALICE, found, { shown: question.hash, accounts });
}

/** Asks the token endpoint as the first client. */
export const poll = (
  f: EngineFixture,
  authReqId: string | undefined,
  changes: Readonly<Record<string, string | undefined>> = {},
  peer: EngineFixture['peers']['first'] | undefined = f.peers.first,
) =>
  exchange(f.engine, request({ grant_type: CIBA_GRANT, client_id: 'first', auth_req_id: authReqId, ...changes }, peer));
