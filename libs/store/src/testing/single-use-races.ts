import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../open-store.ts';
import { startReplica } from './replica.ts';
import type { Replica, ReplicaCommand } from './replica.ts';
import { databaseOf } from './stores-under-test.ts';
import type { EngineUnderTest } from './stores-under-test.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const IN_A_MINUTE = new Date(NOW.getTime() + 60_000);
const RIVALS = 50;

type Race = (store: Store, kind: string, rival: number) => Promise<boolean>;

const races: readonly (readonly [title: string, race: Race])[] = [
  ['redeem of a code [RFC6749-4.1.2]', async ({ singleUse }, kind) => (await singleUse.redeem(kind, 'old', NOW)).won],
  ['recordOnce of an assertion id [RFC7523-3]', ({ singleUse }, kind) => singleUse.recordOnce(kind, 'id', IN_A_MINUTE)],
  [
    'replace of a token',
    ({ singleUse }, kind, rival) => singleUse.replace(kind, 'old', `new ${rival}`, rival, IN_A_MINUTE, NOW),
  ],
  [
    'create of an idempotency key',
    ({ singleUse }, kind, rival) =>
      singleUse.create(kind, 'id', rival, IN_A_MINUTE).then(
        () => true,
        () => false,
      ),
  ],
  [
    'redeem against replace',
    async ({ singleUse }, kind, rival) =>
      rival % 2 === 0
        ? (await singleUse.redeem(kind, 'old', NOW)).won
        : singleUse.replace(kind, 'old', `new ${rival}`, rival, IN_A_MINUTE, NOW),
  ],
  [
    'redeem inside transactions',
    ({ db, singleUse }, kind) =>
      db.transaction().execute(async (trx) => (await singleUse.within(trx).redeem(kind, 'old', NOW)).won),
  ],
];

/** One winner each, whoever calls: one process 50 times at once, two replicas 25 times each, two processes. */
export function singleUseRaces(open: EngineUnderTest['open']): void {
  describe(`${RIVALS}-way`, () => {
    let first: Store;
    let second: Store;
    beforeAll(async () => {
      first = await open();
      second = await open({}, { sameAs: first });
    });

    it.each(races)('%s has exactly one winner in one process', async (title, race) => {
      await expectOneWinner(first, race, `one process: ${title}`, () => first);
    });

    it.each(races)('%s has exactly one winner across two replicas', async (title, race) => {
      await expectOneWinner(first, race, `replicas: ${title}`, (rival) => (rival < RIVALS / 2 ? first : second));
    });
  });

  processes(open);
}

/** @param kind keeps the rows of one race apart from those of the others */
async function expectOneWinner(
  store: Store,
  race: Race,
  kind: string,
  storeOf: (rival: number) => Store,
): Promise<void> {
  await store.singleUse.create(kind, 'old', 'old', IN_A_MINUTE);
  const rivals = Array.from({ length: RIVALS }, (_, rival) => race(storeOf(rival), kind, rival));
  expect((await Promise.all(rivals)).filter((won) => won)).toHaveLength(1);
  const { rows } = await store.db
    .selectFrom('single_use')
    .select((row) => row.fn.countAll<number>().as('rows'))
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow();
  // The old key, and at most the one thing that the winner wrote.
  expect(rows).toBeLessThanOrEqual(2);
}

function processes(open: EngineUnderTest['open']): void {
  describe('between processes', () => {
    const started: Replica[] = [];
    const replicaOf = async (store: Store): Promise<Replica> => {
      const replica = await startReplica(databaseOf(store));
      started.push(replica);
      return replica;
    };
    const command = (verb: ReplicaCommand['verb'], key: string, times: number): ReplicaCommand => ({
      verb,
      kind: 'race',
      key,
      now: NOW.getTime(),
      times,
    });
    afterAll(async () => {
      await Promise.all(started.map((replica) => replica.kill()));
    });

    it('has exactly one winner in each 50-way race of two processes [RFC6749-4.1.2]', async () => {
      const store = await open();
      const replicas = await Promise.all([replicaOf(store), replicaOf(store)]);
      for (const verb of ['redeem', 'recordOnce', 'replace'] as const) {
        if (verb !== 'recordOnce') await store.singleUse.create('race', verb, null, IN_A_MINUTE);
        const results = await Promise.all(replicas.map((one) => one.perform(command(verb, verb, RIVALS / 2))));
        expect(results.flat()).toHaveLength(RIVALS);
        expect(results.flat().filter((won) => won)).toHaveLength(1);
      }
    });

    it('remembers a use although the process was killed right after it [RFC6749-4.1.2]', async () => {
      const store = await open();
      await store.singleUse.create('race', 'killed', { grant: 'g1' }, IN_A_MINUTE);
      const replica = await replicaOf(store);
      expect(await replica.perform(command('redeem', 'killed', 1))).toEqual([true]);
      await replica.kill();
      const reopened = await open({}, { sameAs: store });
      expect(await reopened.singleUse.redeem('race', 'killed', NOW)).toMatchObject({ won: false, why: 'used' });
    });

    it('has used nothing when the process is killed inside its transaction', async () => {
      const store = await open();
      await store.singleUse.create('race', 'uncommitted', null, IN_A_MINUTE);
      const replica = await replicaOf(store);
      expect(await replica.perform(command('redeem and never commit', 'uncommitted', 1))).toEqual([true]);
      await replica.kill();
      expect(await store.singleUse.redeem('race', 'uncommitted', NOW)).toMatchObject({ won: true });
    });
  });
}
