import { createHash, randomBytes } from 'node:crypto';
import { Browser, describeArrival, logInAndDecide } from '../wire/browser.ts';
import type { Person } from '../wire/browser.ts';
import type { Caller } from '../wire/caller.ts';
import type { CookieJar } from '../wire/cookie-jar.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { bearer, Secret } from '../wire/secret.ts';
import { describeAnswer } from '../wire/wire-answer.ts';
import type { Discovery } from './discovery.ts';

/** A pushed request waiting for its person, with the verifier only its client knows. RFC7636 */
export interface Pushed {
  readonly requestUri: string;
  readonly verifier: Secret;
  readonly state: string;
}

/** A code on its way from the browser to the client. */
export interface ApprovedCode {
  readonly code: Secret;
  readonly verifier: Secret;
}

/** What a client holds once a person linked her account. */
export interface Link {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
}

export interface LabClientOptions {
  readonly clientId: string;
  readonly redirectUri: string;
  /** With the client's own certificate. */
  readonly caller: Caller;
  readonly discovery: Discovery;
  readonly bankUrl: string;
  /** Every secret this client comes to hold is put on this list, for the search of the audit trail. */
  readonly secrets: Secret[];
}

/**
 * An honest client of the real stack, written against the specifications and nothing else: pushed request, PKCE, code,
 * token, refresh, each one function. Attacks use it for what the victim does, and borrow its parts for what the thief does.
 */
export class LabClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly caller: Caller;
  readonly #discovery: Discovery;
  readonly #bankUrl: string;
  readonly #secrets: Secret[];
  readonly #open: Secret[] = [];

  constructor(options: LabClientOptions) {
    this.clientId = options.clientId;
    this.redirectUri = options.redirectUri;
    this.caller = options.caller;
    this.#discovery = options.discovery;
    this.#bankUrl = options.bankUrl;
    this.#secrets = options.secrets;
  }

  /** A request for a person's account information, with the PKCE challenge made from `verifier`. FAPI2-SP-FINAL-5.3.3.2 */
  authorizationRequest(verifier: Secret, state: string): readonly Field[] {
    return [
      ['client_id', this.clientId],
      ['response_type', 'code'],
      ['redirect_uri', this.redirectUri],
      ['scope', 'openid'],
      ['state', state],
      ['code_challenge', challengeOf(verifier)],
      ['code_challenge_method', 'S256'],
      ['authorization_details', JSON.stringify(accountInformation(this.#bankUrl))],
    ];
  }

  /** The form in which this client pushes the parameters of a request. */
  asPushed(parameters: readonly Field[]): readonly Field[] {
    return parameters;
  }

  /** Calls an endpoint of the authorization server as this client, which recognises it by the certificate it shows. */
  call(url: string, form: readonly Field[], headers: readonly Field[] = []): Promise<Exchange> {
    return httpsCall(this.caller, { method: 'POST', url, headers, form });
  }

  /** Asks a resource server, with a token in the way this client shows one. RFC6750-2.1 */
  ask(token: Secret, url: string, headers: readonly Field[] = []): Promise<Exchange> {
    return httpsCall(this.caller, { method: 'GET', url, headers: [bearer(token), ...headers] });
  }

  /** RFC9126-2.1; throws when the server does not take the request. */
  async push(): Promise<Pushed> {
    const verifier = this.newVerifier();
    const state = randomBytes(16).toString('base64url');
    const form = this.asPushed(this.authorizationRequest(verifier, state));
    const exchange = await this.call(this.#discovery.mtls.par, form);
    if (exchange.status !== 201) throw new Error(`the honest push was refused: ${describeAnswer(exchange.answer)}`);
    return { requestUri: textIn(exchange, 'request_uri'), verifier, state };
  }

  get tokenEndpoint(): string {
    return this.#discovery.mtls.token;
  }

  /** The only two parameters that travel through the browser. FAPI2-SP-FINAL-5.3.3.2-6 */
  authorizeUrl(requestUri: string): string {
    const url = new URL(this.#discovery.authorization);
    url.searchParams.set('client_id', this.clientId);
    url.searchParams.set('request_uri', requestUri);
    return url.href;
  }

  /** A browser of this person, at the authorization server only. */
  browserOf(person: Person, jar?: CookieJar): Browser {
    return new Browser(person.name, { ...this.caller.route }, [new URL(this.#discovery.authorization).origin], jar);
  }

  /** The person logs in and approves; the code is taken from the redirect, before anybody redeemed it. */
  async approvedBy(person: Person): Promise<ApprovedCode> {
    const pushed = await this.push();
    const browser = this.browserOf(person);
    const start = await browser.open(this.authorizeUrl(pushed.requestUri));
    const end = await logInAndDecide(browser, start, person);
    const code = end.kind === 'sent-away' ? end.to.searchParams.get('code') : null;
    if (code === null) throw new Error(`${person.name}'s approval brought no code: ${describeArrival(end)}`);
    return { code: this.keep(code), verifier: pushed.verifier };
  }

  /** The fields with which this client redeems a code. RFC6749-4.1.3 */
  redemption({ code, verifier }: ApprovedCode): readonly Field[] {
    return [
      ['grant_type', 'authorization_code'],
      ['client_id', this.clientId],
      ['redirect_uri', this.redirectUri],
      ['code', code],
      ['code_verifier', verifier],
    ];
  }

  redeem(approved: ApprovedCode): Promise<Exchange> {
    return this.askForToken(this.redemption(approved));
  }

  /** The whole way: push, log in, approve, redeem. Throws when any part of the honest flow fails. */
  async link(person: Person): Promise<Link> {
    return this.linkFrom(await this.redeem(await this.approvedBy(person)));
  }

  linkFrom(exchange: Exchange): Link {
    if (exchange.status !== 200)
      throw new Error(`the honest redemption was refused: ${describeAnswer(exchange.answer)}`);
    const refreshToken = this.keep(textIn(exchange, 'refresh_token'));
    this.#open.push(refreshToken);
    return { accessToken: this.keep(textIn(exchange, 'access_token')), refreshToken };
  }

  /** RFC6749-6 */
  async refresh(refreshToken: Secret): Promise<Exchange> {
    const exchange = await this.askForToken([
      ['grant_type', 'refresh_token'],
      ['client_id', this.clientId],
      ['refresh_token', refreshToken],
    ]);
    for (const member of ['access_token', 'refresh_token']) {
      const value = jsonOf(exchange)[member];
      if (typeof value === 'string') this.keep(value);
    }
    return exchange;
  }

  askForToken(form: readonly Field[]): Promise<Exchange> {
    return this.call(this.tokenEndpoint, form);
  }

  /** The person's accounts, with this client's certificate. */
  readAccounts(token: Secret): Promise<Exchange> {
    return this.ask(token, `${this.#bankUrl}/accounts`);
  }

  /** Gives back every grant this client got, so that a demonstration leaves no connected apps behind. RFC7009-2.1 */
  async endLinks(): Promise<void> {
    for (const refreshToken of this.#open.splice(0)) await this.giveBack(refreshToken);
  }

  /** Ends the grant behind a token. RFC7009-2.1 */
  giveBack(token: Secret): Promise<Exchange> {
    return this.call(this.#discovery.mtls.revocation, [
      ['client_id', this.clientId],
      ['token', token],
    ]);
  }

  newVerifier(): Secret {
    return this.keep(randomBytes(32).toString('base64url'));
  }

  keep(value: string): Secret {
    const secret = new Secret(value);
    this.#secrets.push(secret);
    return secret;
  }
}

/** BASE64URL(SHA256(verifier)). RFC7636-4.2 */
export function challengeOf(verifier: Secret): string {
  return createHash('sha256').update(verifier.reveal(), 'ascii').digest('base64url');
}

/** RFC9396-2 */
export function accountInformation(
  bankUrl: string,
  actions = ['list_accounts', 'read_balances', 'read_transactions'],
): readonly object[] {
  return [{ type: 'account_information', actions, locations: [bankUrl] }];
}

function textIn(exchange: Exchange, member: string): string {
  const value = jsonOf(exchange)[member];
  if (typeof value !== 'string') throw new Error(`the answer has no ${member}`);
  return value;
}
