import { randomBytes } from 'node:crypto';
import { afterAll, inject, onTestFinished, TestRunner } from 'vitest';
import type { Migration } from 'kysely/migration';
import { openStore } from '../open-store.ts';
import type { Store } from '../open-store.ts';
import type { StoreConfig } from '../store-config.ts';
import type { TestDatabases } from './postgres-global-setup.ts';
import { createDatabase } from './postgres-server.ts';

/** Where a test store lives, for opening it again: by another replica, or by another process. */
export interface TestDatabase {
  readonly config: StoreConfig;
  readonly home: string;
}

export interface EngineUnderTest {
  readonly name: 'sqlite' | 'postgres';
  /**
   * Opens a store on a fresh, empty database of its own; with `sameAs`, a second instance (another replica) on the
   * database of that store. What a test opens is closed when it ends; what a beforeAll opens, after the suite that
   * called storesUnderTest.
   */
  readonly open: <Schema = object>(
    migrations?: Readonly<Record<string, Migration>>,
    options?: { readonly sameAs?: Store<Schema> },
  ) => Promise<Store<Schema>>;
  /** A fresh, empty database that nobody has opened. */
  readonly create: () => Promise<TestDatabase>;
}

const databases = new WeakMap<object, TestDatabase>();

/**
 * Both engines, for `describe.each(storesUnderTest())('… on $name', ({ open }) => …)`. Call it while tests are
 * collected. Throws when the project's vitest configuration does not name the global set-up.
 */
export function storesUnderTest(): EngineUnderTest[] {
  const shared = inject('holdfastDatabases') as TestDatabases | undefined;
  if (shared === undefined) {
    throw new Error(
      'storesUnderTest() needs PostgreSQL: name libs/store/src/testing/postgres-global-setup.ts as globalSetup in vitest.config.ts',
    );
  }
  return [engine('sqlite', () => sqliteFile(shared)), engine('postgres', () => postgresDatabase(shared))];
}

/** The database behind a store that {@link EngineUnderTest.open} opened. */
export function databaseOf<Schema>(store: Store<Schema>): TestDatabase {
  const database = databases.get(store);
  if (database === undefined) throw new Error('this store was not opened by storesUnderTest()');
  return database;
}

function engine(name: EngineUnderTest['name'], create: () => Promise<TestDatabase>): EngineUnderTest {
  const suiteStores: Pick<Store, 'close'>[] = [];
  afterAll(async () => {
    await Promise.all(suiteStores.map((store) => store.close()));
  });
  return {
    name,
    create,
    open: async <Schema>(
      migrations: Readonly<Record<string, Migration>> = {},
      options: { readonly sameAs?: Store<Schema> } = {},
    ) => {
      const database = options.sameAs === undefined ? await create() : databaseOf(options.sameAs);
      const store = await openStore<Schema>(database.config, { home: database.home, migrations });
      databases.set(store, database);
      if (TestRunner.getCurrentTest() === undefined) suiteStores.push(store);
      else onTestFinished(() => store.close());
      return store;
    },
  };
}

async function sqliteFile(shared: TestDatabases): Promise<TestDatabase> {
  return { config: { engine: 'sqlite', file: `data/${freshName()}.sqlite` }, home: shared.folder };
}

async function postgresDatabase({ postgres, folder }: TestDatabases): Promise<TestDatabase> {
  return { config: await createDatabase(postgres), home: folder };
}

function freshName(): string {
  return `test_${randomBytes(8).toString('hex')}`;
}
