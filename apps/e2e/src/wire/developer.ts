import { createHash, randomBytes } from 'node:crypto';
import type { PlatformUrls } from '@holdfast/tools/platform';
import { Http, said } from './http.ts';
import type { Answer, Holder } from './http.ts';
import { Person, offeredAccounts } from './person.ts';
import type { Page } from './person.ts';

const random = (): string => randomBytes(32).toString('base64url');

/** What one attempt of the client keeps to itself. */
export interface Attempt {
  readonly requestUri: string;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly grant_id: string;
  readonly token_type: string;
  readonly expires_in: number;
}

export interface ClientIdentity {
  readonly id: string;
  readonly redirectUri: string;
  readonly holder: Holder;
}

const DEVELOPER: ClientIdentity = {
  id: 'developer',
  redirectUri: 'https://client.developer.localhost/callback',
  holder: 'developer/client',
};

/** The client `developer`, written by hand: every parameter as the specifications name it, nothing of ours behind it. */
export class Developer {
  readonly id: string;
  readonly redirectUri: string;
  readonly http: Http;
  /** Without a certificate: the browser of whoever logs in. */
  readonly browser: Http;
  readonly urls: PlatformUrls;

  /** @param who another client that behaves like this one */
  constructor({ home, urls }: { readonly home: string; readonly urls: PlatformUrls }, who: ClientIdentity = DEVELOPER) {
    this.id = who.id;
    this.redirectUri = who.redirectUri;
    this.urls = urls;
    this.http = new Http(home, who.holder);
    this.browser = new Http(home);
  }

  async close(): Promise<void> {
    await Promise.all([this.http.close(), this.browser.close()]);
  }

  /** The form of a pushed request with every parameter FAPI 2.0 asks for; changes replace, `undefined` leaves out. */
  requestForm(verifier: string, changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
    const form: Record<string, string | undefined> = {
      client_id: this.id,
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'openid profile',
      state: random(),
      nonce: random(),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([
        {
          type: 'account_information',
          actions: ['list_accounts', 'read_balances', 'read_transactions'],
          locations: [this.urls.bank],
        },
      ]),
      ...changes,
    };
    return Object.fromEntries(
      Object.entries(form).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }

  /** A pushed request that must succeed. RFC9126-2. */
  async push(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Attempt> {
    const verifier = random();
    const form = this.requestForm(verifier, changes);
    const answer = await this.http.post(`${this.urls.mtlsIssuer}/par`, form);
    if (answer.status !== 201) throw new Error(`PAR answered ${answer.status} ${answer.text}`);
    return {
      requestUri: String(said(answer)['request_uri']),
      verifier,
      state: form['state'] ?? '',
      nonce: form['nonce'] ?? '',
    };
  }

  authorizeUrl({ requestUri }: Pick<Attempt, 'requestUri'>): string {
    return `${this.urls.issuer}/authorize?${new URLSearchParams({ client_id: this.id, request_uri: requestUri }).toString()}`;
  }

  /** Alice, with a fresh browser, up to the consent page. */
  async atConsent(attempt: Attempt, person = new Person(this.browser)): Promise<{ person: Person; page: Page }> {
    const page = await person.open(this.authorizeUrl(attempt));
    return { person, page: page.text.includes('id="submit-login"') ? await person.logIn(page, 'alice') : page };
  }

  /** Agrees to the accounts of these names, all when none are named. @returns the code of the redirect */
  async approve(person: Person, page: Page, names?: readonly string[]): Promise<string> {
    const chosen = offeredAccounts(page).filter(({ name }) => names?.includes(name) ?? true);
    const answer = await person.submit(page, 'consent-approve', { account: chosen.map(({ id }) => id) });
    const code = new URL(answer.headers['location'] ?? 'none:').searchParams.get('code');
    if (answer.status !== 303 || code === null) throw new Error(`consent answered ${answer.status} ${answer.text}`);
    return code;
  }

  /** From nothing to a code. */
  async authorize(names?: readonly string[]): Promise<Attempt & { readonly code: string; readonly person: Person }> {
    const attempt = await this.push();
    const { person, page } = await this.atConsent(attempt);
    return { ...attempt, person, code: await this.approve(person, page, names) };
  }

  redeem({ code, verifier }: { readonly code: string; readonly verifier: string }): Promise<Answer> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: this.redirectUri,
    });
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  token(form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.http.post(`${this.urls.mtlsIssuer}/token`, { client_id: this.id, ...form });
  }

  revoke(token: string): Promise<Answer> {
    return this.http.post(`${this.urls.mtlsIssuer}/revoke`, { client_id: this.id, token });
  }

  introspect(token: string): Promise<Answer> {
    return this.http.post(`${this.urls.mtlsIssuer}/introspect`, { client_id: this.id, token });
  }

  /** From nothing to tokens. */
  async tokens(names?: readonly string[]): Promise<Tokens> {
    const answer = await this.redeem(await this.authorize(names));
    if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status} ${answer.text}`);
    return said(answer) as unknown as Tokens;
  }

  accounts(accessToken: string): Promise<Answer> {
    return this.http.ask(`${this.urls.bank}/accounts`, { headers: { authorization: `Bearer ${accessToken}` } });
  }
}
