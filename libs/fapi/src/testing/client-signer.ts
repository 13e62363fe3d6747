import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { SignJWT } from 'jose';
import type { RegisteredClient } from '../as/clients.ts';
import type { SigningAlgorithm } from '../profile.ts';
import { ISSUER } from './engine-fixture.ts';
import type { EngineFixture } from './engine-fixture.ts';

/** A client's signing key, and its public half as registered. */
export interface ClientSigner {
  readonly alg: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
}

export function clientSigner(alg: SigningAlgorithm = 'ES256', kid = `${alg}-1`): ClientSigner {
  const { privateKey, publicKey } = keyPair(alg);
  return { alg, privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid, use: 'sig' } };
}

function keyPair(alg: SigningAlgorithm) {
  switch (alg) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
  }
}

/** Signs whatever it is told; `undefined` leaves a claim out. */
export const sign = (
  signer: ClientSigner,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new SignJWT(JSON.parse(JSON.stringify(claims)) as Record<string, unknown>)
    .setProtectedHeader({ alg: signer.alg, kid: signer.jwk.kid ?? '', ...header })
    .sign(signer.privateKey);

const seconds = (f: EngineFixture): number => Math.floor(f.clock.now().getTime() / 1000);

let count = 0;

/** A client assertion that is fine in every respect, with changes. */
export const assertion = (
  f: EngineFixture,
  signer: ClientSigner,
  changes: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  sign(
    signer,
    {
      iss: 'first',
      sub: 'first',
      aud: ISSUER,
      jti: `jti-${++count}`,
      exp: seconds(f) + 60,
      iat: seconds(f),
      ...changes,
    },
    header,
  );

/** A request object that is fine in every respect, with changes. */
export const requestObject = (
  f: EngineFixture,
  signer: ClientSigner,
  parameters: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  sign(
    signer,
    {
      ...parameters,
      iss: 'first',
      client_id: 'first',
      aud: ISSUER,
      exp: seconds(f) + 300,
      nbf: seconds(f),
      ...changes,
    },
    { typ: 'oauth-authz-req+jwt', ...header },
  );

/** The registration of a client that authenticates with this key. */
export const byAssertion = ({ alg, jwk }: ClientSigner): Partial<RegisteredClient> => ({
  authentication: { method: 'private_key_jwt', algorithm: alg },
  jwks: { kind: 'inline', keys: [jwk] },
});
