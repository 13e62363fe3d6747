import type { Audit, Clock, Trail } from '@holdfast/fapi';
import { hashKey } from '@holdfast/store';
import type { Person, PeopleDirectory } from '../people/people.ts';
import { loginName } from '../people/people.ts';
import type { Attempt, LoginFailures } from './login-failures.ts';
import { lockAfter, LOGIN_LIMITS } from './login-limits.ts';
import type { Turns } from './turns.ts';

/** What a person typed, and where from. */
export interface Credentials {
  readonly login: string;
  readonly password: string;
  /** As `sourceOf` writes it. */
  readonly address: string;
}

/** How an attempt to log in ended. */
export type LoginOutcome =
  | { readonly kind: 'in'; readonly person: Person }
  /** The same for a wrong password and for a name nobody has. */
  | { readonly kind: 'wrong' }
  /** Not looked at, however right it may have been. */
  | { readonly kind: 'later'; readonly seconds: number };

type Reason = 'password_wrong' | 'login_name_locked' | 'login_address_locked' | 'login_queue_full';

/** The one way to be logged in: bounded, counted and written down. */
export class LogIn {
  readonly #people: PeopleDirectory;
  readonly #failures: LoginFailures;
  readonly #turns: Turns;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(parts: {
    readonly people: PeopleDirectory;
    readonly failures: LoginFailures;
    readonly turns: Turns;
    readonly clock: Clock;
    readonly audit: Audit;
  }) {
    this.#people = parts.people;
    this.#failures = parts.failures;
    this.#turns = parts.turns;
    this.#clock = parts.clock;
    this.#audit = parts.audit;
  }

  /** @param known what the audit event of the attempt should say of the request */
  async attempt(credentials: Credentials, known: Trail): Promise<LoginOutcome> {
    const attempt = { name: loginName(credentials.login), address: credentials.address };
    // Never the name itself: people type their password into its field.
    const trail = { ...known, evidence: { name: hashKey(attempt.name).slice(0, 12), address: attempt.address } };
    const outcome =
      (await this.#locked(attempt, trail)) ??
      (await this.#turns.take(async () => {
        // Once more, now that it is this attempt's turn: those before it may have been wrong as well.
        return (await this.#locked(attempt, trail)) ?? this.#judge(attempt, credentials.password, trail);
      }));
    return outcome ?? this.#later('login_queue_full', LOGIN_LIMITS.queueRetry, trail);
  }

  async #locked(attempt: Attempt, trail: Trail): Promise<LoginOutcome | undefined> {
    const lock = await this.#failures.lock(attempt);
    if (lock === undefined) return undefined;
    const seconds = Math.ceil((lock.until.getTime() - this.#clock.now().getTime()) / 1000);
    return this.#later(lock.kind === 'name' ? 'login_name_locked' : 'login_address_locked', seconds, trail);
  }

  async #judge(attempt: Attempt, password: string, trail: Trail): Promise<LoginOutcome> {
    const person = await this.#people.authenticate(attempt.name, password);
    if (person === undefined) {
      const failures = await this.#failures.failed(attempt);
      const lock = `${lockAfter(failures, LOGIN_LIMITS.name) / 1000} s`;
      this.#refused('password_wrong', { ...trail, evidence: { ...trail.evidence, failures: `${failures}`, lock } });
      return { kind: 'wrong' };
    }
    await this.#failures.succeeded(attempt);
    this.#audit({ action: 'session.login', outcome: 'allowed', ...trail, subject: person.subject });
    return { kind: 'in', person };
  }

  #later(reason: Reason, seconds: number, trail: Trail): LoginOutcome {
    this.#refused(
      reason,
      { ...trail, evidence: { ...trail.evidence, retryAfter: `${seconds} s` } },
      'too_many_requests',
    );
    return { kind: 'later', seconds };
  }

  #refused(reason: Reason, trail: Trail, error = 'access_denied'): void {
    this.#audit({ action: 'session.login', outcome: 'refused', reason, error, ...trail });
  }
}
