import { randomUUID } from 'node:crypto';
import type { DpopKey, ProofChanges, ProofRequest } from '../wire/dpop.ts';
import { dpopProof, newDpopKey } from '../wire/dpop.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import type { Json, JwsOptions, SigningKey } from '../wire/jws.ts';
import { signJws } from '../wire/jws.ts';
import type { Secret } from '../wire/secret.ts';
import { onTheWire } from '../wire/secret.ts';
import type { LabClientOptions } from './lab-client.ts';
import { LabClient } from './lab-client.ts';

export interface SigningClientOptions extends LabClientOptions {
  readonly key: SigningKey;
  /** Whether it signs what it pushes. RFC9101 */
  readonly signsRequests: boolean;
  /** Whether its tokens are bound to a key that it proves with every request. RFC9449 */
  readonly usesDpop: boolean;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_SECONDS = 60;
const REQUEST_SECONDS = 300;

/** An honest client that proves with signatures who it is, what it asks for, and whose token it shows. */
export class SigningClient extends LabClient {
  readonly key: SigningKey;
  /** The key its tokens are bound to; one for as long as this client lives. */
  readonly dpopKey: DpopKey | undefined;
  readonly #options: SigningClientOptions;
  readonly #issuer: string;
  readonly #signsRequests: boolean;
  /** The latest nonce of each server. RFC9449-8.2 */
  readonly #nonces = new Map<string, string>();

  constructor(options: SigningClientOptions) {
    super(options);
    this.#options = options;
    this.key = options.key;
    this.dpopKey = options.usesDpop ? newDpopKey() : undefined;
    this.#issuer = options.discovery.issuer;
    this.#signsRequests = options.signsRequests;
  }

  /** A client assertion, used once. RFC7523-3, FAPI2-SP-FINAL-5.3.3.1-5 */
  assertion(claims: Json = {}, options: JwsOptions & { readonly key?: SigningKey } = {}): Secret {
    const now = secondsNow();
    const honest = { iss: this.clientId, sub: this.clientId, aud: this.#issuer, jti: randomUUID(), iat: now };
    return signJws(options.key ?? this.key, { ...honest, exp: now + ASSERTION_SECONDS, ...claims }, options);
  }

  /** The two fields of an assertion. RFC7521-4.2 */
  credentials(assertion: Secret = this.assertion()): readonly Field[] {
    return [
      ['client_assertion_type', ASSERTION_TYPE],
      ['client_assertion', assertion],
    ];
  }

  /** A request object over the parameters. RFC9101-4, FAPI2-MS-FINAL-5.3.3.1 */
  requestObject(
    parameters: readonly Field[],
    claims: Json = {},
    options: JwsOptions & { readonly key?: SigningKey } = {},
  ): Secret {
    const now = secondsNow();
    const spoken = Object.fromEntries(parameters.map(([name, value]) => [name, claimOf(name, onTheWire(value))]));
    const honest = { iss: this.clientId, aud: this.#issuer, iat: now, nbf: now, exp: now + REQUEST_SECONDS };
    const header = { typ: 'oauth-authz-req+jwt', ...options.header };
    return signJws(options.key ?? this.key, { ...honest, ...spoken, ...claims }, { ...options, header });
  }

  /** Has the answer signed, when it signs the request. JARM-2.3 */
  override authorizationRequest(verifier: Secret, state: string): readonly Field[] {
    const parameters = super.authorizationRequest(verifier, state);
    return this.#signsRequests ? [...parameters, ['response_mode', 'jwt']] : parameters;
  }

  override asPushed(parameters: readonly Field[]): readonly Field[] {
    if (!this.#signsRequests) return parameters;
    return [
      ['client_id', this.clientId],
      ['request', this.requestObject(parameters)],
    ];
  }

  /** With an assertion, unless the form brings one. */
  override call(url: string, form: readonly Field[], headers: readonly Field[] = []): Promise<Exchange> {
    const own = form.some(([name]) => name === 'client_assertion');
    return super.call(url, own ? form : [...form, ...this.credentials()], headers);
  }

  /** With a proof beside the assertion, when this client uses them. */
  callProving(url: string, form: readonly Field[]): Promise<Exchange> {
    return this.#proving({ method: 'POST', url }, (proof) => this.call(url, form, proof));
  }

  override askForToken(form: readonly Field[]): Promise<Exchange> {
    return this.callProving(this.tokenEndpoint, form);
  }

  override ask(token: Secret, url: string, headers: readonly Field[] = []): Promise<Exchange> {
    if (this.dpopKey === undefined) return super.ask(token, url, headers);
    const authorization: Field = ['authorization', token.after('DPoP ')];
    return this.#proving({ method: 'GET', url, token }, (proof) =>
      httpsCall(this.caller, { method: 'GET', url, headers: [authorization, ...proof, ...headers] }),
    );
  }

  /** A proof of this client's key, with the latest nonce of the server it is for; `changes` make it wrong. */
  proof(request: ProofRequest, changes: ProofChanges = {}, key = this.#knownKey()): Secret {
    const nonce = this.#nonces.get(new URL(request.url).origin);
    return dpopProof(key, nonce === undefined ? request : { ...request, nonce }, changes);
  }

  #knownKey(): DpopKey {
    if (this.dpopKey === undefined) throw new Error(`${this.clientId} proves no key`);
    return this.dpopKey;
  }

  /** RFC9449-8: a server may demand a nonce, and says which; the request is then made again, once. */
  async #proving(request: ProofRequest, send: (headers: readonly Field[]) => Promise<Exchange>): Promise<Exchange> {
    if (this.dpopKey === undefined) return send([]);
    const first = await send([['dpop', this.proof(request)]]);
    this.learnNonce(request.url, first);
    const again = first.answer.kind === 'http' && first.answer.error === 'use_dpop_nonce';
    return again ? send([['dpop', this.proof(request)]]) : first;
  }

  /** Keeps the nonce of an answer. */
  learnNonce(url: string, { headers }: Exchange): void {
    const nonce = headers.get('dpop-nonce');
    if (nonce !== undefined) this.#nonces.set(new URL(url).origin, nonce);
  }

  /** Learns the nonce a token endpoint demands now, by asking for a token without one. */
  async fetchNonce(url: string): Promise<void> {
    const form: readonly Field[] = [
      ['client_id', this.clientId],
      ['grant_type', 'client_credentials'],
    ];
    this.learnNonce(url, await this.call(url, form, [['dpop', dpopProof(this.#knownKey(), { method: 'POST', url })]]));
  }

  /** The same client with another key to prove. */
  provingAnother(): SigningClient {
    return new SigningClient(this.#options);
  }
}

const secondsNow = (): number => Math.floor(Date.now() / 1000);

/** Within an object details are JSON themselves, not a text that holds it. RFC9396-2 */
const claimOf = (name: string, value: string): unknown =>
  name === 'authorization_details' ? (JSON.parse(value) as unknown) : value;
