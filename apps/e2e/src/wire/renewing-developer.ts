import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformUrls } from '@holdfast/tools/platform';
import { Developer } from './developer.ts';
import type { Tokens } from './developer.ts';
import { said } from './http.ts';
import type { Answer } from './http.ts';

interface Generation {
  readonly certificate: string;
  readonly trust: string;
  readonly developer: Developer;
  /** Bound to this certificate. */
  token: string;
}

/**
 * The client `developer`, following its own certificate and the authorities of servers as they are replaced on disk: what every
 * client has to do whose certificates are renewed. A token is bound to one certificate, so another one brings another token.
 */
export class RenewingDeveloper {
  readonly #platform: { readonly home: string; readonly urls: PlatformUrls };
  readonly #refresh: string;
  #current: Generation;
  #renewing: Promise<Generation> | undefined;
  readonly #retired: Developer[] = [];

  private constructor(platform: { home: string; urls: PlatformUrls }, first: Generation, refresh: string) {
    this.#platform = platform;
    this.#current = first;
    this.#refresh = refresh;
  }

  static async linked(platform: { home: string; urls: PlatformUrls }): Promise<RenewingDeveloper> {
    const { certificate, trust } = read(platform.home);
    const developer = new Developer(platform);
    const tokens: Tokens = await developer.tokens();
    const first = { certificate, trust, developer, token: tokens.access_token };
    return new RenewingDeveloper(platform, first, tokens.refresh_token);
  }

  /** A token request, with the certificate of this moment. */
  async refresh(): Promise<Answer> {
    const generation = await this.#now();
    const answer = await generation.developer.refresh(this.#refresh);
    if (answer.status === 200) generation.token = String(said(answer)['access_token']);
    return answer;
  }

  /** An account call, with the newest token of the certificate of this moment. */
  async accounts(): Promise<Answer> {
    const { developer, token } = await this.#now();
    return developer.accounts(token);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#retired, this.#current.developer].map((each) => each.close()));
  }

  #now(): Promise<Generation> {
    const { certificate, trust } = read(this.#platform.home);
    const isCurrent = certificate === this.#current.certificate && trust === this.#current.trust;
    if (isCurrent) return Promise.resolve(this.#current);
    this.#renewing ??= this.#renew(certificate, trust).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renew(certificate: string, trust: string): Promise<Generation> {
    const developer = new Developer(this.#platform);
    const token = String(said(await developer.refresh(this.#refresh))['access_token']);
    this.#retired.push(this.#current.developer);
    this.#current = { certificate, trust, developer, token };
    return this.#current;
  }
}

function read(home: string): { certificate: string; trust: string } {
  const text = (name: string): string => readFileSync(join(home, 'pki', name), 'utf8');
  return { certificate: text('developer/client.crt'), trust: text('trust/web.pem') };
}
