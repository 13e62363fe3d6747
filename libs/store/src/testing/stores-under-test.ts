import type { Migration } from 'kysely/migration';
import type { Store } from '../open-store.ts';
import type { StoreConfig } from '../store-config.ts';

/** Where a test store lives, for opening it again: by another replica, or by another process. */
export interface TestDatabase {
  readonly config: StoreConfig;
  readonly home: string;
}

export interface EngineUnderTest {
  readonly name: 'sqlite' | 'postgres';
  /**
   * Opens a store on a fresh, empty database of its own; with `sameAs`, a second instance (another replica) on the
   * database of that store. All are closed after the calling suite, also those a test forgot.
   */
  open<Schema = object>(
    migrations?: Readonly<Record<string, Migration>>,
    options?: { readonly sameAs?: Store<Schema> },
  ): Promise<Store<Schema>>;
}

/** Both engines, for `describe.each(storesUnderTest())('… on $name', ({ open }) => …)`. Call it while tests are collected. */
export function storesUnderTest(): EngineUnderTest[] {
  throw new Error('not built yet');
}

/** The database behind a store that {@link EngineUnderTest.open} opened. */
export function databaseOf(store: Store<never>): TestDatabase {
  throw new Error(`not built yet: ${store.engine}`);
}
