import type { webcrypto } from 'node:crypto';
import { importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { PlatformTrouble } from '../platform/trouble.ts';
import type { ClientFile, SigningAlgorithm } from './client-file.ts';

/** A private key of this client, and what a header says of it. */
export interface SigningKey {
  readonly key: webcrypto.CryptoKey;
  readonly kid: string;
  readonly alg: SigningAlgorithm;
}

/**
 * The key for signatures of an algorithm; the first key when none is named.
 * @throws PlatformTrouble when the file holds no such key, or one that cannot be used
 */
export async function signingKey(file: ClientFile, alg: SigningAlgorithm | undefined): Promise<SigningKey> {
  const keys = file.jwks?.keys ?? [];
  const jwk = alg === undefined ? keys[0] : keys.find((each) => each.alg === alg);
  if (jwk === undefined)
    throw new PlatformTrouble(
      `jwks holds no key for ${alg ?? 'signatures'}`,
      'Add the private key, or name another algorithm.',
    );
  try {
    const { use: _use, ...members } = jwk;
    const key = await importJWK(members, jwk.alg);
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
    return { key, kid: jwk.kid, alg: jwk.alg };
  } catch (cause) {
    throw new PlatformTrouble(
      `the key ${jwk.kid} of jwks cannot be used for ${jwk.alg}`,
      'Give a private JWK of that kind.',
      {
        cause,
      },
    );
  }
}

/** The library calls the signatures of Ed25519 keys by their newer name (RFC9864); these profiles know `EdDSA`. */
export const naming = (alg: SigningAlgorithm): oauth.ModifyAssertionOptions => ({
  [oauth.modifyAssertion]: (header) => {
    header['alg'] = alg;
  },
});

/**
 * How this client says who it is.
 *
 * FAPI2-SP-FINAL-5.3.3.1-5 [CLI-08]: the assertion is for the issuer, as one string, and so good at no other server.
 */
export async function clientAuthentication(file: ClientFile): Promise<oauth.ClientAuth> {
  if (file.token_endpoint_auth_method !== 'private_key_jwt') return oauth.TlsClientAuth();
  const { key, kid, alg } = await signingKey(file, file.token_endpoint_auth_signing_alg);
  return oauth.PrivateKeyJwt({ key, kid }, naming(alg));
}

/** A key for this run alone, in whose possession the tokens are. RFC9449-4.2. */
export async function proofOfPossession(file: ClientFile, client: oauth.Client): Promise<oauth.DPoPHandle | undefined> {
  if (file.sender_constraint !== 'dpop') return undefined;
  return oauth.DPoP(client, await oauth.generateKeyPair(file.dpop_signing_alg), naming(file.dpop_signing_alg));
}
