import { expect } from 'vitest';
import { Http } from './http.ts';
import { Person } from './person.ts';

/** Alice at her own browser, Tidepool linked with her accounts. */
export async function linkedTidepool(home: string, fintech: string): Promise<Person> {
  const alice = new Person(new Http(home));
  const away = await alice.submit(await alice.open(fintech), 'link-bank');
  const consent = await alice.logIn(await alice.open(away.headers['location'] ?? ''), 'alice');
  const back = await alice.submit(consent, 'consent-approve');
  const page = await alice.open(back.headers['location'] ?? '');
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('Everyday account')]);
  return alice;
}
