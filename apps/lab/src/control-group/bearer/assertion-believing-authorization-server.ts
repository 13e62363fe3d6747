import { createPublicKey, generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import { compactJws, es256, hs256, readJws } from '../../wire/forged-jws.ts';
import type { Members } from '../../wire/forged-jws.ts';
import { Secret } from '../../wire/secret.ts';
import { ALICE } from '../weak-customers.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import type { WeakTokens } from '../weak-tokens.ts';
import { WEAK_CLIENT } from './bearer-authorization-server.ts';

/**
 * Clients authenticate by signed assertion here, so no secret can leak. But the assertion itself says how it is to be
 * verified, and it may have been made for any of this server's addresses: an address is public, and another server can
 * claim it as its own.
 */
export class AssertionBelievingAuthorizationServer {
  /** Known to everybody, as public keys are. */
  readonly publicKey: KeyObject;
  readonly #clientKey: KeyObject;
  readonly #tokens: WeakTokens;
  #server: WeakServer | undefined;

  constructor(tokens: WeakTokens) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.publicKey = publicKey;
    this.#clientKey = privateKey;
    this.#tokens = tokens;
  }

  async start(tls: ServerOptions): Promise<void> {
    this.#server = await startWeakServer(tls, (request) => this.#answer(request));
  }

  get server(): WeakServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  get tokenEndpoint(): string {
    return `${this.server.url}/token`;
  }

  /** What the honest fintech sends to a server whose metadata names this token endpoint: as the rules once were. */
  assertionOfTheFintech(tokenEndpoint: string): Secret {
    const claims = { iss: WEAK_CLIENT, sub: WEAK_CLIENT, aud: tokenEndpoint, jti: randomUUID() };
    return new Secret(compactJws({ alg: 'ES256' }, claims, es256(this.#clientKey)));
  }

  #answer(request: WeakRequest): WeakResponse {
    const assertion = request.parameters.get('client_assertion');
    if (request.route !== 'POST /token' || assertion === null || !this.#believes(assertion))
      return { status: 401, body: { error: 'invalid_client' } };
    const grant = { customer: ALICE, client: WEAK_CLIENT, scope: 'balances' };
    return { status: 200, body: { token_type: 'Bearer', access_token: this.#tokens.create(grant) } };
  }

  #believes(assertion: string): boolean {
    const { header, claims, input, signature } = readJws(assertion);
    // Lost here: whose address it is. And a client that was used twice is as good as once.
    if (claims['sub'] !== WEAK_CLIENT || ![this.server.url, this.tokenEndpoint].includes(String(claims['aud'])))
      return false;
    return this.#isSigned(header, input, signature);
  }

  /** Lost here: the header is written by whoever is to be verified, and it chooses algorithm and key. */
  #isSigned(header: Members, input: Buffer, signature: Buffer): boolean {
    switch (String(header['alg']).toLowerCase()) {
      case 'none':
        return true;
      case 'hs256': {
        const pem = this.publicKey.export({ type: 'spki', format: 'pem' }).toString();
        return Buffer.from(hs256(pem)(input)).equals(signature);
      }
      default: {
        const { jwk } = header;
        const key = jwk === undefined ? this.publicKey : createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
        return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature);
      }
    }
  }
}
