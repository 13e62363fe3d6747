import type { LabClient } from '../real/lab-client.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Browser, Person } from '../wire/browser.ts';
import { typedBy } from '../wire/browser.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import type { Json } from '../wire/jws.ts';

/** The platform that is asked, and what the questions share: looked up once, when the first of them needs it. */
export class VerdictWorld {
  readonly real: RealStack;
  readonly #browsers = new Map<Person, Browser>();
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(real: RealStack) {
    this.real = real;
  }

  /** Anybody: no certificate. */
  get anybody(): Caller {
    return this.real.caller('anybody');
  }

  /** The honest client of most questions. */
  get client(): LabClient {
    return this.real.first;
  }

  /** The other registered client, with a certificate of its own. */
  get stranger(): LabClient {
    return this.real.second;
  }

  /** The one browser of a person, in which she stays logged in; most questions are not about logging in. */
  browserOf(person: Person = this.real.alice): Browser {
    const browser = this.#browsers.get(person) ?? this.client.browserOf(person);
    this.#browsers.set(person, browser);
    return browser;
  }

  /** What Alice types into the login form. */
  get typedByAlice(): ReadonlyMap<string, string> {
    return typedBy(this.real.alice);
  }

  /** Makes something once. What could not be made is not tried again: every question that needs it is unclear. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(name) ?? make();
    this.#made.set(name, made);
    return made as Promise<T>;
  }

  /** The metadata as published. */
  metadata(): Promise<Json> {
    return this.once('metadata', async () => jsonOf(await this.wellKnown('openid-configuration')));
  }

  wellKnown(name: string): Promise<Exchange> {
    return httpsCall(this.anybody, { method: 'GET', url: `${this.real.discovery.issuer}/.well-known/${name}` });
  }

  /** The published keys. */
  publishedKeys(): Promise<readonly Json[]> {
    return this.once('keys', async () => {
      const { jwks_uri: url } = await this.metadata();
      const { keys } = jsonOf(await httpsCall(this.anybody, { method: 'GET', url: String(url) }));
      return Array.isArray(keys) ? (keys as Json[]) : [];
    });
  }

  /** Gives back what the questions were granted. */
  tidyUp(): Promise<void> {
    return this.real.tidyUp();
  }
}
