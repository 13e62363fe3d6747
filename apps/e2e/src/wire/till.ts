import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformUrls } from '@holdfast/tools/platform';
import { SignJWT } from 'jose';
import type { JWK } from 'jose';
import { Http, said } from './http.ts';
import type { Answer, PemIdentity } from './http.ts';

export const CIBA_GRANT = 'urn:openid:params:grant-type:ciba';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface TestClientKeys {
  readonly signingKey: JWK & { readonly kid: string; readonly alg: string };
  readonly certificate: string;
  readonly key: string;
}

type Claims = Readonly<Record<string, unknown>>;

/** One of the test clients that ask people on another device, written by hand: nothing of ours behind it. */
export class Till {
  readonly id: string;
  readonly urls: PlatformUrls;
  readonly http: Http;
  readonly #keys: TestClientKeys;

  constructor({ home, urls }: { readonly home: string; readonly urls: PlatformUrls }, id: string) {
    this.id = id;
    this.urls = urls;
    this.#keys = JSON.parse(readFileSync(join(home, 'pki/test-clients', `${id}.json`), 'utf8')) as TestClientKeys;
    this.http = new Http(home, this.certificate);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  get certificate(): PemIdentity {
    return { cert: this.#keys.certificate, key: this.#keys.key };
  }

  get signingKey(): TestClientKeys['signingKey'] {
    return this.#keys.signingKey;
  }

  /** CIBA-CORE-7.1.1: every claim a signed request has to have, and what it asks for. */
  signedRequest(changes: Claims = {}, alg = this.#keys.signingKey.alg): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return this.#sign(
      {
        iss: this.id,
        aud: this.urls.issuer,
        iat: now,
        nbf: now,
        exp: now + 300,
        jti: randomUUID(),
        scope: 'openid profile',
        login_hint: 'alice',
        binding_message: 'KX-1234',
        authorization_details: [
          {
            type: 'account_information',
            actions: ['list_accounts', 'read_balances'],
            locations: [this.urls.bank],
          },
        ],
        ...changes,
      },
      alg,
    );
  }

  async ask(changes: Claims = {}): Promise<Answer> {
    return this.post('/bc-authorize', { request: await this.signedRequest(changes) });
  }

  /** A request that must be taken. @returns its auth_req_id */
  async asked(changes: Claims = {}): Promise<string> {
    const answer = await this.ask(changes);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return String(said(answer)['auth_req_id']);
  }

  poll(authReqId: string): Promise<Answer> {
    return this.post('/token', { grant_type: CIBA_GRANT, auth_req_id: authReqId });
  }

  async post(path: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    const proof = this.id.includes('-jwt-')
      ? { client_assertion_type: ASSERTION_TYPE, client_assertion: await this.#assertion() }
      : { client_id: this.id };
    return this.http.post(`${this.urls.mtlsIssuer}${path}`, { ...proof, ...form });
  }

  // CIBA-CORE-7.1: the endpoint's own URL is a permitted audience; here always its name without certificates.
  #assertion(): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const aud = `${this.urls.issuer}/bc-authorize`;
    return this.#sign({ iss: this.id, sub: this.id, aud, iat: now, exp: now + 60, jti: randomUUID() });
  }

  #sign(claims: Claims, alg = this.#keys.signingKey.alg): Promise<string> {
    const { kid } = this.#keys.signingKey;
    const { alg: _, ...jwk } = this.#keys.signingKey;
    return new SignJWT({ ...claims }).setProtectedHeader({ alg, kid }).sign({ ...jwk, alg });
  }
}
