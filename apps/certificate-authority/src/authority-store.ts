import { pathToFileURL } from 'node:url';
import type { ProcessContext } from '@holdfast/host';
import { readPkiList } from '@holdfast/pki';
import { openStore } from '@holdfast/store';
import type { Store } from '@holdfast/store';
import type { Config } from './config.ts';
import { authorityMigrations } from './register/migrations.ts';
import type { AuthorityTables } from './register/tables.ts';

/** The store, as the process and its commands open it. */
export function openAuthorityStore(ctx: ProcessContext<Config>): Promise<Store<AuthorityTables>> {
  return openStore<AuthorityTables>(ctx.config.store, { home: ctx.home, migrations: authorityMigrations });
}

/** The list of what may be issued. */
export const listOf = (ctx: ProcessContext<Config>) =>
  ctx.config.list === undefined ? readPkiList() : readPkiList(pathToFileURL(ctx.path(ctx.config.list)));
