import { storesUnderTest } from '@holdfast/store/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import type { Attempt } from './login-failures.ts';
import { LoginFailures } from './login-failures.ts';
import { lockAfter, LOGIN_LIMITS } from './login-limits.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('a lock', () => {
  it('grows with every failure, and not without end', () => {
    const seconds = (limit: keyof typeof LOGIN_LIMITS & ('name' | 'address'), failures: number) =>
      lockAfter(failures, LOGIN_LIMITS[limit]) / SECOND;
    expect([4, 5, 6, 7, 8, 9, 10, 1000].map((n) => seconds('name', n))).toEqual([0, 15, 30, 60, 120, 240, 300, 300]);
    expect([19, 20, 21, 25, 26, 1000].map((n) => seconds('address', n))).toEqual([0, 15, 30, 480, 900, 900]);
  });
});

describe.each(storesUnderTest())('wrong passwords on $name', ({ open }) => {
  let now: number;
  let failures: LoginFailures;
  let replica: LoginFailures;
  const clock = { now: () => new Date(now) };
  const at = (name: string, address = '192.0.2.1'): Attempt => ({ name, address });
  const failed = async (attempt: Attempt, times: number) => {
    for (let i = 0; i < times; i++) await failures.failed(attempt);
  };
  const lockedFor = async (attempt: Attempt) => {
    const lock = await replica.lock(attempt);
    return lock && [lock.kind, (lock.until.getTime() - now) / SECOND];
  };

  beforeEach(async () => {
    now = Date.parse('2026-06-01T12:00:00Z');
    const store = await open<AuthorizationTables>(migrations);
    failures = new LoginFailures(store, clock);
    replica = new LoginFailures(await open<AuthorizationTables>(migrations, { sameAs: store }), clock);
  });

  it('lock a name from wherever it is tried, on every replica, for a growing time', async () => {
    await failed(at('alice'), 4);
    expect(await lockedFor(at('alice'))).toBeUndefined();
    await failed(at('alice', '198.51.100.7'), 1);
    expect(await lockedFor(at('alice', '203.0.113.9'))).toEqual(['name', 15]);
    await failed(at('alice'), 1);
    expect(await lockedFor(at('alice', '203.0.113.9'))).toEqual(['name', 30]);
  });

  it('lock an address for every name, after more of them', async () => {
    for (let person = 0; person < 20; person++) await failed(at(`person-${person}`), 1);
    expect(await lockedFor(at('bob'))).toEqual(['address', 15]);
    expect(await lockedFor(at('bob', '198.51.100.7'))).toBeUndefined();
  });

  it('lock a name by its own failures only', async () => {
    await failed(at('alice'), 9);
    expect(await lockedFor(at('bob', '198.51.100.7'))).toBeUndefined();
    expect(await lockedFor(at('alice', '198.51.100.7'))).toEqual(['name', 240]);
  });

  it('lock until a moment, and then no longer', async () => {
    await failed(at('alice'), 5);
    now += 15 * SECOND - 1;
    expect(await lockedFor(at('alice'))).toBeDefined();
    now += 1;
    expect(await lockedFor(at('alice'))).toBeUndefined();
  });

  it('are each counted when fifty come at once, on two replicas', async () => {
    const counts = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? failures : replica).failed(at('alice'))),
    );
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('do not deadlock with successes of the same name and address', async () => {
    const both = Array.from({ length: 40 }, (_, i) => {
      const side = i % 2 === 0 ? failures : replica;
      return i % 3 === 0 ? side.succeeded(at('alice')) : side.failed(at(i % 5 === 0 ? 'bob' : 'alice'));
    });
    await expect(Promise.all(both)).resolves.toBeDefined();
  });

  it('are forgotten by a success, for the name and as many for the address', async () => {
    await failed(at('bob'), 15);
    await failed(at('alice'), 4);
    await failures.succeeded(at('alice'));
    await failed(at('alice'), 4);
    expect(await lockedFor(at('alice'))).toBeUndefined();
    await failed(at('carol'), 1);
    expect(await lockedFor(at('alice'))).toEqual(['address', 15]);
  });

  it('at other names are not washed away by logging in with a name of one’s own', async () => {
    for (let guess = 0; guess < 20; guess++) {
      await failed(at(`victim-${guess}`), 1);
      await failures.succeeded(at('mallory'));
    }
    expect(await lockedFor(at('mallory'))).toEqual(['address', 15]);
  });

  it('are forgotten when no other has followed for an hour, and only then', async () => {
    await failed(at('alice'), 4);
    now += HOUR - 1;
    await failed(at('alice'), 1);
    expect(await lockedFor(at('alice'))).toEqual(['name', 15]);
    now += HOUR;
    await failed(at('alice'), 4);
    expect(await lockedFor(at('alice'))).toBeUndefined();
  });

  it('are swept when they are forgotten', async () => {
    await failed(at('alice'), 5);
    now += HOUR - 1;
    await failures.sweep();
    await failed(at('alice'), 1);
    expect(await lockedFor(at('alice'))).toEqual(['name', 30]);
    now += HOUR;
    await failures.sweep();
    now -= HOUR;
    expect(await lockedFor(at('alice'))).toBeUndefined();
  });

  it('of one tireless guesser leave the owner of the name more time than they take', async () => {
    const guesser = at('alice', '198.51.100.7');
    const owner = at('alice', '203.0.113.9');
    const end = now + 24 * HOUR;
    let [guesses, shut] = [0, 0];
    for (; now < end; now += 15 * SECOND) {
      if ((await failures.lock(guesser)) === undefined) {
        await failures.failed(guesser);
        guesses += 1;
      }
      if ((await failures.lock(owner)) !== undefined) shut += 15 * SECOND;
    }
    expect(guesses).toBeLessThan(130);
    expect(shut / (24 * HOUR)).toBeLessThan(0.4);
  });
});
