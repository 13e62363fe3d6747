import type { ProcessContext } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import type { PeopleDirectory } from '../people/people.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { LogIn } from './log-in.ts';
import { LoginFailures } from './login-failures.ts';
import { LOGIN_LIMITS } from './login-limits.ts';
import { Turns } from './turns.ts';

/** Logging in, with the bounds of this process and the counts of the store. */
export function buildLogin(
  { clock, audit }: Pick<ProcessContext<unknown>, 'clock' | 'audit'>,
  store: Store<AuthorizationTables>,
  people: PeopleDirectory,
): { readonly login: LogIn; sweep(): Promise<void> } {
  const failures = new LoginFailures(store, clock);
  const turns = new Turns(LOGIN_LIMITS.parallelChecks, LOGIN_LIMITS.waitingChecks);
  return { login: new LogIn({ people, failures, turns, clock, audit }), sweep: () => failures.sweep() };
}
