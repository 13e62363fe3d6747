import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { ClientFile } from '@holdfast/tools/client';
import { exportTestClient, readTestClientRegistry } from '@holdfast/tools/test-clients';
import type { World } from '../platform/global-setup.ts';
import { Http, said } from './http.ts';
import type { Answer, HeaderValues } from './http.ts';
import { claimsOf, compactJws, es256, ps256 } from './jws.ts';
import type { Members, Signer } from './jws.ts';
import { offeredAccounts, Person } from './person.ts';
import type { Page } from './person.ts';

export const random = (): string => randomBytes(32).toString('base64url');
const seconds = (): number => Math.floor(Date.now() / 1000);

/** One request and its answer, with what leads to its line in the audit trail. */
export interface Exchange {
  readonly answer: Answer;
  readonly interaction: string;
  /** Every value that was sent, to be looked for where it must not be. */
  readonly sent: readonly string[];
}

/** What is different from the honest JWT; members that are `undefined` are left out. */
export interface JwtChanges {
  readonly header?: Members;
  readonly claims?: Members;
  readonly signer?: Signer;
}

export type Changes = Readonly<Record<string, string | undefined>>;

export interface CallOptions {
  /** Who sends it; the client itself when absent. */
  readonly http?: Http;
  readonly headers?: HeaderValues;
}

export interface Attempt {
  readonly requestUri: string;
  readonly verifier: string;
}

/**
 * A client of the registry in raw protocol, so that every byte of what it sends can be another one. It knows the
 * specifications and no library that would refuse to make a mistake.
 */
export class RawClient {
  readonly file: ClientFile;
  readonly urls: World['urls'];
  readonly http: Http;
  readonly browser: Http;
  readonly person: Person;
  readonly signingKey: KeyObject;
  readonly kid: string;
  readonly signer: Signer;
  /** The key of its DPoP proofs. */
  readonly proofKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #nonces = new Map<string, string>();

  constructor(name: string, { home, urls }: World) {
    this.urls = urls;
    this.file = exportTestClient(name, readTestClientRegistry(), { home, issuer: urls.issuer, bank: urls.bank });
    const { certificate: cert, key } = this.file;
    this.http = new Http(home, cert === undefined || key === undefined ? undefined : { cert, key });
    this.browser = new Http(home);
    this.person = new Person(this.browser);
    const [jwk] = this.file.jwks?.keys ?? [];
    this.kid = String(jwk?.kid);
    this.signingKey = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    this.signer = jwk?.alg === 'PS256' ? ps256(this.signingKey) : es256(this.signingKey);
  }

  get id(): string {
    return this.file.client_id;
  }

  get alg(): string {
    return this.file.request_object_signing_alg ?? 'ES256';
  }

  get redirectUri(): string {
    return this.file.redirect_uri ?? '';
  }

  get usesProofs(): boolean {
    return this.file.sender_constraint === 'dpop';
  }

  async close(): Promise<void> {
    await Promise.all([this.http.close(), this.browser.close()]);
  }

  /** @param path at the mTLS host, or a whole URL */
  async post(path: string, body: Changes | URLSearchParams | string, options: CallOptions = {}): Promise<Exchange> {
    const form = typeof body === 'string' || body instanceof URLSearchParams ? body : paramsOf(body);
    const values = typeof form === 'string' ? [form] : [...form.values()];
    return this.send(path, { ...options, method: 'POST', body: form }, values);
  }

  async send(
    path: string,
    question: CallOptions & { readonly method?: string; readonly body?: string | URLSearchParams },
    sent: readonly string[] = [],
  ): Promise<Exchange> {
    const { http = this.http, headers = {}, ...rest } = question;
    const interaction = randomUUID();
    const url = path.startsWith('https:') ? path : this.urls.mtlsIssuer + path;
    const answer = await http.ask(url, { ...rest, headers: { 'x-fapi-interaction-id': interaction, ...headers } });
    const nonce = answer.headers['dpop-nonce'];
    if (nonce !== undefined) this.#nonces.set(new URL(url).origin, nonce);
    return { answer, interaction, sent: [...sent, ...Object.values(headers).flat()] };
  }

  jwt(honest: { readonly header: Members; readonly claims: Members }, changes: JwtChanges = {}): string {
    const { header, claims, signer = this.signer } = changes;
    return compactJws({ ...honest.header, ...header }, { ...honest.claims, ...claims }, signer);
  }

  /** RFC7523-3, FAPI2-SP-FINAL-5.3.3.1-5. */
  assertion(changes: JwtChanges = {}): string {
    const times = { iat: seconds(), exp: seconds() + 60 };
    const claims = { iss: this.id, sub: this.id, aud: this.urls.issuer, jti: random(), ...times };
    return this.jwt({ header: { alg: this.alg, kid: this.kid }, claims }, changes);
  }

  /** Says who it is, by the method it registered. */
  authentication(assertion?: string): Changes {
    if (this.file.token_endpoint_auth_method !== 'private_key_jwt') return { client_id: this.id };
    return {
      client_id: this.id,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion ?? this.assertion(),
    };
  }

  /** The parameters of a request as the profile has them. */
  parameters(verifier: string, changes: Changes = {}): Record<string, string> {
    const details = JSON.stringify(this.file.authorization_details);
    return definedOf({
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: this.file.scope,
      state: random(),
      nonce: random(),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(this.file.response_mode === undefined ? {} : { response_mode: this.file.response_mode }),
      authorization_details: details,
      ...changes,
    });
  }

  /** RFC9101-4, FAPI2-MS-FINAL-5.3.1. */
  requestObject(parameters: Members, changes: JwtChanges = {}): string {
    const times = { nbf: seconds(), iat: seconds(), exp: seconds() + 300 };
    const claims = { iss: this.id, client_id: this.id, aud: this.urls.issuer, ...times, ...parameters };
    return this.jwt({ header: { alg: this.alg, kid: this.kid, typ: 'oauth-authz-req+jwt' }, claims }, changes);
  }

  /** RFC9449-4.2. */
  proof(method: string, url: string, token?: string, changes: JwtChanges = {}): string {
    const { kty, crv, x, y } = this.proofKey.publicKey.export({ format: 'jwk' });
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
    const ath = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url');
    const nonce = this.#nonces.get(new URL(url).origin);
    const claims = { jti: random(), htm: method, htu: url, iat: seconds(), ath, nonce };
    return this.jwt({ header, claims }, { signer: es256(this.proofKey.privateKey), ...changes });
  }

  /** The form of a pushed request: signed where the profile says so. */
  pushForm(verifier: string, changes: Changes = {}): Changes {
    const parameters = this.parameters(verifier, changes);
    if (this.file.profile === 'fapi2-security') return { ...this.authentication(), ...parameters };
    return { ...this.authentication(), request: this.requestObject(parameters) };
  }

  push(changes: Changes = {}, options: CallOptions = {}): Promise<Exchange> {
    return this.post('/par', this.pushForm(random(), changes), options);
  }

  /** A pushed request that must succeed. RFC9126-2. */
  async pushed(changes: Changes = {}, options: CallOptions = {}): Promise<Attempt> {
    const verifier = random();
    const { answer } = await this.post('/par', this.pushForm(verifier, changes), options);
    if (answer.status !== 201) throw new Error(`PAR answered ${answer.status} ${answer.text}`);
    return { requestUri: String(said(answer)['request_uri']), verifier };
  }

  authorizeUrl({ requestUri }: Pick<Attempt, 'requestUri'>, clientId = this.id): string {
    const query = new URLSearchParams({ client_id: clientId, request_uri: requestUri });
    return `${this.urls.issuer}/authorize?${query.toString()}`;
  }

  /** Alice at the consent page; she stays logged in from one request to the next. */
  async atConsent(attempt: Pick<Attempt, 'requestUri'>): Promise<Page> {
    const page = await this.person.open(this.authorizeUrl(attempt));
    return page.text.includes('id="submit-login"') ? this.person.logIn(page, 'alice') : page;
  }

  /** @returns what comes back through the browser, taken out of its signed form */
  async approve(page: Page): Promise<Readonly<Record<string, unknown>>> {
    const account = offeredAccounts(page).map(({ id }) => id);
    const { headers, status, text } = await this.person.submit(page, 'consent-approve', { account });
    if (status !== 303) throw new Error(`consent answered ${status} ${text}`);
    const answer = Object.fromEntries(new URL(headers['location'] ?? '').searchParams);
    return answer['response'] === undefined
      ? answer
      : { ...claimsOf(answer['response']), response: answer['response'] };
  }

  async authorized(changes: Changes = {}): Promise<Attempt & { readonly code: string }> {
    const attempt = await this.pushed(changes);
    const { code } = await this.approve(await this.atConsent(attempt));
    return { ...attempt, code: String(code) };
  }

  /** The form that redeems a code, but for who sends it. */
  redemption({ code, verifier }: { readonly code: string; readonly verifier: string }): Changes {
    return { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: this.redirectUri };
  }

  /** A token request; with a proof, on the nonce of the server, where the client uses proofs. RFC9449-8. */
  async token(form: Changes, options: CallOptions = {}): Promise<Exchange> {
    const ask = (): Promise<Exchange> => {
      const url = `${this.urls.mtlsIssuer}/token`;
      const headers = this.usesProofs ? { dpop: this.proof('POST', url), ...options.headers } : options.headers;
      return this.post('/token', { ...this.authentication(), ...form }, { ...options, ...(headers && { headers }) });
    };
    const first = await ask();
    const wantsNonce = first.answer.text.includes('use_dpop_nonce') && options.headers?.['dpop'] === undefined;
    return wantsNonce ? ask() : first;
  }

  /** From nothing to tokens. */
  async tokens(changes: Changes = {}): Promise<Record<string, string>> {
    const { answer } = await this.token(this.redemption(await this.authorized(changes)));
    if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status} ${answer.text}`);
    return said(answer) as Record<string, string>;
  }

  /** Reads the accounts at the bank, honestly. */
  async accounts(token: string): Promise<Exchange> {
    if (!this.usesProofs) return this.show(token);
    const url = this.file.resource;
    const ask = (): Promise<Exchange> =>
      this.send(url, { headers: { authorization: `DPoP ${token}`, dpop: this.proof('GET', url, token) } });
    const first = await ask();
    return first.answer.headers['www-authenticate']?.includes('use_dpop_nonce') === true ? ask() : first;
  }

  /** Shows something to the bank as if it were an access token. */
  show(token: string, scheme = 'Bearer', options: CallOptions = {}): Promise<Exchange> {
    const headers = { authorization: `${scheme} ${token}`, ...options.headers };
    return this.send(this.file.resource, { ...options, headers });
  }
}

export function paramsOf(form: Changes): URLSearchParams {
  return new URLSearchParams(definedOf(form));
}

function definedOf(form: Changes): Record<string, string> {
  const entries = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
