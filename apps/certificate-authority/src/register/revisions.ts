import type { AuthorityDb } from './tables.ts';

const WHAT = 'authority';

/** How often something was decided beside the running process, which looks at this one number. */
export async function revision(db: AuthorityDb): Promise<number> {
  const row = await db.selectFrom('revisions').select('number').where('name', '=', WHAT).executeTakeFirst();
  return row?.number ?? 0;
}

/** Tells the running process that there is something to do. */
export async function announce(db: AuthorityDb): Promise<void> {
  await db
    .insertInto('revisions')
    .values({ name: WHAT, number: 1 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((row) => ({ number: row('revisions.number', '+', 1) })),
    )
    .execute();
}
