import { createHash, randomBytes } from 'node:crypto';
import { Browser } from './browser.ts';
import type { Answer, Http } from './http.ts';

const random = (): string => randomBytes(32).toString('base64url');

/** What a server says of itself. RFC8414-2; the back channel is taken at its mTLS addresses. RFC8705-5. */
export interface Metadata {
  readonly authorization_endpoint: string;
  readonly mtls_endpoint_aliases: {
    readonly pushed_authorization_request_endpoint: string;
    readonly token_endpoint: string;
    readonly introspection_endpoint: string;
  };
  readonly grant_types_supported?: readonly string[];
}

export interface ClientOptions {
  readonly metadata: Metadata;
  /** Presents the certificate of this client. */
  readonly backChannel: Http;
  readonly browser: Http;
  /** The `authorization_details` that are asked for, as JSON. */
  readonly details: string;
  /** The name and password typed where a page asks for them. */
  readonly person: Readonly<Record<string, string>>;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** The client `developer`, the same towards every server: one form, one order of steps. */
export class Client {
  readonly id = 'developer';
  readonly redirectUri = 'https://client.developer.localhost/callback';
  readonly metadata: Metadata;
  readonly details: string;
  readonly #backChannel: Http;
  readonly #browser: Http;
  readonly #person: Readonly<Record<string, string>>;

  constructor({ metadata, backChannel, browser, details, person }: ClientOptions) {
    this.metadata = metadata;
    this.details = details;
    this.#backChannel = backChannel;
    this.#browser = browser;
    this.#person = person;
  }

  /** A pushed request with every parameter FAPI 2.0 asks for. @returns its handle */
  async push(verifier: string = random(), more: Readonly<Record<string, string>> = {}): Promise<string> {
    const answer = await this.#post('pushed_authorization_request_endpoint', 201, {
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'openid',
      state: random(),
      nonce: random(),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      authorization_details: this.details,
      ...more,
    });
    return String(said(answer)['request_uri']);
  }

  /** A browser in which somebody is logged in: the session that later passes find. */
  async loggedIn(): Promise<Browser> {
    const browser = new Browser(this.#browser);
    await this.pass(browser);
    return browser;
  }

  /** The whole way: push, authorize, consent, code, tokens. A login only where the browser has no session yet. */
  async pass(browser: Browser, more: Readonly<Record<string, string>> = {}): Promise<Tokens> {
    const verifier = random();
    const requestUri = await this.push(verifier, more);
    const query = new URLSearchParams({ client_id: this.id, request_uri: requestUri });
    const first = await browser.open(`${this.metadata.authorization_endpoint}?${query.toString()}`);
    const login = first.text.includes('id="submit-login"');
    const page = login ? await browser.press(first, 'submit-login', this.#person) : first;
    const end = await browser.press(page, 'consent-approve');
    const code = end.location === undefined ? null : new URL(end.location).searchParams.get('code');
    if (code === null) throw new Error(`no code: ${end.status} ${end.location ?? ''} ${end.text}`);
    return this.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: this.redirectUri,
    });
  }

  async token(form: Readonly<Record<string, string>>): Promise<Tokens> {
    return said(await this.#post('token_endpoint', 200, form)) as unknown as Tokens;
  }

  /** What the server knows of a token, which must be alive. */
  async introspect(token: string): Promise<void> {
    const answer = await this.#post('introspection_endpoint', 200, { token });
    if (said(answer)['active'] !== true) throw new Error(`introspection says ${answer.text}`);
  }

  async #post(
    endpoint: keyof Metadata['mtls_endpoint_aliases'],
    status: number,
    form: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const url = this.metadata.mtls_endpoint_aliases[endpoint];
    const answer = await this.#backChannel.ask(url, { form: { client_id: this.id, ...form } });
    if (answer.status === status) return answer;
    throw new Refused(`${url} answered ${answer.status} ${answer.text}`);
  }
}

/** An answer that the load did not expect. */
export class Refused extends Error {}

const said = (answer: Answer): Record<string, unknown> => JSON.parse(answer.text) as Record<string, unknown>;
