import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import type { Registration } from './registration.ts';
import type { Incoming } from './tls-listener.ts';

/** What the client did wrong; an honest server says so. */
export class Misconduct extends Error {
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, what: string, headers: Readonly<Record<string, string>> = {}) {
    super(what);
    this.code = code;
    this.headers = headers;
  }
}

/** Checks a client as an honest server does, with nothing of the client's own code. */
export class ClientCheck {
  readonly #issuer: string;
  readonly #used = new Set<string>();
  /** RFC9449-8: demanded of every proof; the first of a run cannot know it. */
  nonce = 'first-nonce';

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  /** RFC8705-2.1, RFC7523-3: who calls. */
  async authenticate(request: Incoming, client: Registration): Promise<void> {
    const assertion = request.form.get('client_assertion');
    if (client.auth !== 'private_key_jwt') {
      if (assertion !== null) throw new Misconduct('invalid_client', 'an assertion nobody registered');
      if (request.form.get('client_id') !== client.clientId) throw new Misconduct('invalid_client', 'client_id');
      if (request.certificate !== client.certificate) throw new Misconduct('invalid_client', 'certificate');
      return;
    }
    const { clientId: id } = client;
    const claims = await this.#verify(assertion ?? '', client, { issuer: id, subject: id }, 'invalid_client');
    // FAPI2-SP-FINAL-5.3.3.1-5: the issuer as one string; an array or another address of ours is refused.
    if (claims.aud !== this.#issuer) throw new Misconduct('invalid_client', `aud is ${JSON.stringify(claims.aud)}`);
    this.#once(claims, 'invalid_client');
  }

  /** RFC9101-6.3: the parameters of a signed request. */
  async requestObject(request: Incoming, client: Registration): Promise<URLSearchParams> {
    const beside = [...request.form.keys()].filter((name) => !/^(request|client_id|client_assertion.*)$/.test(name));
    if (beside.length > 0) throw new Misconduct('invalid_request', `beside the request object: ${beside.join(', ')}`);
    const text = request.form.get('request') ?? '';
    const claims = await this.#verify(text, client, { issuer: client.clientId }, 'invalid_request_object');
    if (claims.aud !== this.#issuer || claims.exp === undefined || claims.nbf === undefined)
      throw new Misconduct('invalid_request_object', 'aud, exp or nbf');
    this.#once(claims, 'invalid_request_object');
    const texts = Object.entries(claims).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    return new URLSearchParams(texts);
  }

  /**
   * RFC9449-4.3: the proof of this request.
   * @returns thumbprint of its key
   */
  async proof(request: Incoming, token?: string): Promise<string> {
    const { dpop } = request.headers;
    if (typeof dpop !== 'string') throw new Misconduct('invalid_dpop_proof', 'no proof');
    const { jwk } = decodeProtectedHeader(dpop);
    if (jwk === undefined || 'd' in jwk) throw new Misconduct('invalid_dpop_proof', 'jwk');
    const { payload, protectedHeader } = await jwtVerify(dpop, await importJWK(jwk, decodeProtectedHeader(dpop).alg), {
      typ: 'dpop+jwt',
      algorithms: ['ES256', 'PS256', 'EdDSA'],
    }).catch((cause: unknown) => {
      throw new Misconduct('invalid_dpop_proof', String(cause));
    });
    const hash = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url');
    const right = payload['htm'] === request.method && payload['htu'] === request.url && payload['ath'] === hash;
    if (!right) throw new Misconduct('invalid_dpop_proof', 'htm, htu or ath');
    this.#once(payload, 'invalid_dpop_proof');
    if (payload['nonce'] !== this.nonce) throw new Misconduct('use_dpop_nonce', 'nonce', { 'dpop-nonce': this.nonce });
    return calculateJwkThumbprint(protectedHeader.jwk!);
  }

  async #verify(
    jwt: string,
    { key, alg }: Registration,
    expected: { issuer: string; subject?: string },
    code: string,
  ): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(jwt, await importJWK(key, alg), { ...expected, algorithms: [alg] });
      return payload;
    } catch (cause) {
      throw new Misconduct(code, String(cause));
    }
  }

  #once({ jti }: JWTPayload, code: string): void {
    if (jti === undefined || jti.length < 16 || this.#used.has(jti)) throw new Misconduct(code, 'jti');
    this.#used.add(jti);
  }
}
