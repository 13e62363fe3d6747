import type { People } from '@holdfast/fapi/as';
import type { Config } from '../config.ts';
import { isPassword, NOBODY } from './password.ts';

/** Injection token of the directory. */
export const PEOPLE = Symbol('people');

export interface Person {
  readonly subject: string;
  readonly name: string;
}

/** A name as it is looked up, however it was typed. What counts attempts has to go by the same. */
export const loginName = (typed: string): string => typed.trim().toLowerCase();

/** The bank's customers, as far as logging in is concerned. */
export interface PeopleDirectory extends People {
  /** Who logs in with this name and password; undefined when the two do not belong together. */
  authenticate(login: string, password: string): Promise<Person | undefined>;
}

export function peopleFrom(configured: Config['people']): PeopleDirectory {
  const byLogin = new Map(configured.map((person) => [person.login, person]));
  const bySubject = new Map(configured.map(({ subject, name }) => [subject, { subject, name }]));
  return {
    find: (subject) => Promise.resolve(bySubject.get(subject)),
    // CIBA-CORE-7.1 leaves the form of a hint to us: the name a person logs in with.
    findByHint: (hint) => Promise.resolve(bySubject.get(byLogin.get(hint.trim().toLowerCase())?.subject ?? '')),
    async authenticate(login, password) {
      const person = byLogin.get(loginName(login));
      const genuine = await isPassword(password, person?.password ?? NOBODY);
      return genuine && person !== undefined ? { subject: person.subject, name: person.name } : undefined;
    },
  };
}
