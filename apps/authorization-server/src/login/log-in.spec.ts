import type { AuditEvent } from '@holdfast/fapi';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../people/password.ts';
import type { PeopleDirectory } from '../people/people.ts';
import { peopleFrom } from '../people/people.ts';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { LogIn } from './log-in.ts';
import { LoginFailures } from './login-failures.ts';
import { LOGIN_LIMITS } from './login-limits.ts';
import { Turns } from './turns.ts';

let people: PeopleDirectory;
beforeAll(async () => {
  const password = await hashPassword('alice-demo');
  people = peopleFrom([{ subject: 'cus-alice', login: 'alice', name: 'Alice', password }]);
});

describe.each(storesUnderTest())('logging in on $name', ({ open }) => {
  let store: Store<AuthorizationTables>;
  let now: number;
  let events: AuditEvent[];
  let checked: number;
  let logIn: LogIn;
  const clock = { now: () => new Date(now) };

  /** A process with bounds of its own on the common store. */
  function replica(on: Store<AuthorizationTables>, parallel: number, waiting: number): LogIn {
    const counting: PeopleDirectory = {
      ...people,
      authenticate: (login, password) => {
        checked += 1;
        return people.authenticate(login, password);
      },
    };
    return new LogIn({
      people: counting,
      failures: new LoginFailures(on, clock),
      turns: new Turns(parallel, waiting),
      clock,
      audit: (event) => void events.push(event),
    });
  }
  const attempt = (login: string, password: string, address = '192.0.2.1') =>
    logIn.attempt({ login, password, address }, { interaction: 'i-1' });

  /** Failures from elsewhere, without the half second that each real check takes. */
  const failedBefore = async (name: string, times: number, address = '198.51.100.7') => {
    for (let i = 0; i < times; i++) await new LoginFailures(store, clock).failed({ name, address });
  };

  beforeEach(async () => {
    now = Date.parse('2026-06-01T12:00:00Z');
    events = [];
    checked = 0;
    store = await open<AuthorizationTables>(migrations);
    logIn = replica(store, LOGIN_LIMITS.parallelChecks, LOGIN_LIMITS.waitingChecks);
  });

  it.each([
    ['a wrong password', 'alice', 'wrong'],
    ['an unknown name', 'nobody', 'alice-demo'],
    ['no name and no password', '', ''],
  ])('fails with %s, in one way for all', async (_, login, password) => {
    expect(await attempt(login, password)).toEqual({ kind: 'wrong' });
    expect(events).toMatchObject([
      {
        action: 'session.login',
        outcome: 'refused',
        reason: 'password_wrong',
        error: 'access_denied',
        interaction: 'i-1',
        evidence: { address: '192.0.2.1', failures: '1', lock: '0 s' },
      },
    ]);
  });

  it('writes down neither the name nor the password: people type one into the field of the other', async () => {
    await attempt('Correct-Horse-Battery', 'wrong-password');
    await attempt('alice', 'alice-demo');
    const written = JSON.stringify(events).toLowerCase();
    for (const typed of ['correct-horse', 'wrong-password', 'alice-demo']) expect(written).not.toContain(typed);
  });

  it('is refused while the name is locked, with the right password too, and nothing is looked at', async () => {
    await failedBefore('alice', 4);
    expect(await attempt('alice', 'wrong')).toEqual({ kind: 'wrong' });
    expect(events.at(-1)).toMatchObject({ evidence: { failures: '5', lock: '15 s' } });
    expect(await attempt('alice', 'alice-demo')).toEqual({ kind: 'later', seconds: 15 });
    expect(checked).toBe(1);
    expect(events.at(-1)).toMatchObject({
      outcome: 'refused',
      reason: 'login_name_locked',
      error: 'too_many_requests',
      evidence: { retryAfter: '15 s' },
    });
    now += 14_001;
    expect(await attempt('alice', 'alice-demo')).toEqual({ kind: 'later', seconds: 1 });
    now += 999;
    expect(await attempt('alice', 'alice-demo')).toMatchObject({ kind: 'in', person: { subject: 'cus-alice' } });
  });

  it('locks a name nobody has like any other', async () => {
    await failedBefore('nobody', 4);
    await attempt('nobody', 'wrong');
    expect(await attempt('nobody', 'wrong')).toEqual({ kind: 'later', seconds: 15 });
  });

  it('counts a name as one, however it is typed', async () => {
    await failedBefore('alice', 3);
    for (const typed of ['ALICE', ' Alice ']) await attempt(typed, 'wrong');
    expect(await attempt('alice', 'alice-demo')).toMatchObject({ kind: 'later' });
  });

  it('is refused from an address that has tried too many names, for those of it alone', async () => {
    for (let i = 0; i < 19; i++) await failedBefore(`name-${i}`, 1, '192.0.2.1');
    await attempt('name-19', 'wrong');
    expect(await attempt('alice', 'alice-demo')).toEqual({ kind: 'later', seconds: 15 });
    expect(events.at(-1)).toMatchObject({ reason: 'login_address_locked' });
    expect(await attempt('alice', 'alice-demo', '198.51.100.7')).toMatchObject({ kind: 'in' });
  });

  it('does not prolong a lock by trying during it', async () => {
    await failedBefore('alice', 5);
    for (let i = 0; i < 30; i++) await attempt('alice', 'wrong');
    now += 15_000;
    expect(await attempt('alice', 'alice-demo')).toMatchObject({ kind: 'in' });
  });

  it('lets of fifty guesses at once hardly more through than of fifty in a row, on two replicas', async () => {
    // Both replicas are this one process, and its threads are what the bound is there for: one check at a time each.
    const parallel = 1;
    const { waitingChecks: waiting, name } = LOGIN_LIMITS;
    const replicas = [
      replica(store, parallel, waiting),
      replica(await open<AuthorizationTables>(migrations, { sameAs: store }), parallel, waiting),
    ];
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const credentials = { login: 'alice', password: `guess-${i}`, address: `192.0.2.${i}` };
        return replicas[i % 2]!.attempt(credentials, {});
      }),
    );
    // Whoever had begun when the last free failure was written down; of each replica no more than run at a time.
    expect(checked).toBeLessThan(name.free + 2 * parallel);
    expect(checked).toBeGreaterThanOrEqual(name.free);
    expect(outcomes.filter(({ kind }) => kind === 'later')).toHaveLength(50 - checked);
  });

  it('turns people away when too many wait for their turn, and then not any more', async () => {
    logIn = replica(store, 1, 1);
    const outcomes = await Promise.all([1, 2, 3].map(() => attempt('alice', 'alice-demo')));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['in', 'in', 'later']);
    expect(outcomes.find(({ kind }) => kind === 'later')).toEqual({ kind: 'later', seconds: LOGIN_LIMITS.queueRetry });
    expect(events.find(({ outcome }) => outcome === 'refused')).toMatchObject({
      reason: 'login_queue_full',
      error: 'too_many_requests',
    });
    expect(await attempt('alice', 'alice-demo')).toMatchObject({ kind: 'in' });
  });

  it('works as long for a name nobody has as for a wrong password', async () => {
    // The time of the processor: that of the clock belongs to whatever else is busy, too.
    const work = async (login: string) => {
      const before = process.cpuUsage();
      await attempt(login, 'wrong');
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const tries: [known: number, unknown: number][] = [];
    for (let round = 0; round < 3; round++) tries.push([await work('alice'), await work('nobody')]);
    const least = (which: 0 | 1) => Math.min(...tries.map((both) => both[which]));
    expect(least(1)).toBeGreaterThan(least(0) / 2);
    expect(least(1)).toBeLessThan(least(0) * 2);
  });

  it('forgets the failures of a person who got in', async () => {
    for (let round = 0; round < 3; round++) {
      await failedBefore('alice', 4);
      expect(await attempt('alice', 'alice-demo')).toMatchObject({ kind: 'in' });
    }
    expect(events.at(-1)).toMatchObject({ action: 'session.login', outcome: 'allowed', subject: 'cus-alice' });
  });

  it('lets whoever has the right password in, however many come at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => attempt('alice', 'alice-demo')));
    expect(outcomes.filter(({ kind }) => kind === 'in')).toHaveLength(10);
  });
});
