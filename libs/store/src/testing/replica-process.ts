import { createInterface } from 'node:readline';
import { openStore } from '../open-store.ts';
import type { Store } from '../open-store.ts';
import type { ReplicaCommand } from './replica.ts';
import type { TestDatabase } from './stores-under-test.ts';

/*
 * A program: another process on the same database. It reads commands from its input, one JSON per line, answers each
 * with one line, and is there to race with the test and to be killed.
 */

const { config, home } = JSON.parse(process.argv[2] ?? '') as TestDatabase;
const store = await openStore(config, { home, migrations: {} });
answer('ready');
for await (const line of createInterface({ input: process.stdin })) {
  answer(await perform(store, JSON.parse(line) as ReplicaCommand));
}
await store.close();

async function perform({ db, singleUse }: Store, command: ReplicaCommand): Promise<unknown> {
  const now = new Date(command.now);
  const later = new Date(command.now + 60_000);
  const times = Array.from({ length: command.times }, (_, index) => index);
  switch (command.verb) {
    case 'redeem':
      return Promise.all(times.map(async () => (await singleUse.redeem(command.kind, command.key, now)).won));
    case 'recordOnce':
      return Promise.all(times.map(() => singleUse.recordOnce(command.kind, command.key, later)));
    case 'replace':
      return Promise.all(
        times.map((index) =>
          singleUse.replace(command.kind, command.key, `${command.key}/${process.pid}/${index}`, null, later, now),
        ),
      );
    case 'redeem and never commit':
      return db.transaction().execute(async (trx) => {
        answer((await singleUse.within(trx).redeem(command.kind, command.key, now)).won);
        return new Promise(() => undefined);
      });
  }
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
