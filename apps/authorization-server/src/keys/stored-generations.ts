import type { Generation, KeyGeneration } from '@holdfast/fapi/as';
import type { SealedBox, Store } from '@holdfast/store';
import type { AuthorizationTables } from '../state/schema.ts';

/** The generations of signing keys in the store, shared by all replicas. */
export interface StoredGenerations {
  /** What there is, in the order of their numbers; cheap, and opens nothing. */
  list(): Promise<readonly Generation[]>;
  /** All of them, opened, in the order of their numbers. @throws SealBroken */
  load(): Promise<readonly KeyGeneration[]>;
  /**
   * Adds the generation that follows. One row, so there is no moment at which half of it is there.
   * @returns false when that number is taken: somebody else rotated
   */
  add(next: KeyGeneration): Promise<boolean>;
  /** Removes those numbers with their private keys. */
  remove(numbers: readonly number[]): Promise<void>;
}

/** @param box seals the private keys; who reads the database alone can sign nothing */
export function storedGenerations({ db }: Store<AuthorizationTables>, box: SealedBox): StoredGenerations {
  return {
    async list() {
      const rows = await db
        .selectFrom('signing_key_generation')
        .select(['number', 'signs_from'])
        .orderBy('number')
        .execute();
      return rows.map(({ number, signs_from }) => ({ number, signsFrom: new Date(signs_from) }));
    },

    async load() {
      const rows = await db.selectFrom('signing_key_generation').selectAll().orderBy('number').execute();
      return rows.map((row) => ({
        number: row.number,
        signsFrom: new Date(row.signs_from),
        privateJwks: JSON.parse(
          box.open(row.sealed, placeOf(row.number, row.signs_from)),
        ) as KeyGeneration['privateJwks'],
      }));
    },

    async add({ number, signsFrom, privateJwks }) {
      const signs_from = signsFrom.getTime();
      const sealed = box.seal(JSON.stringify(privateJwks), placeOf(number, signs_from));
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('signing_key_generation')
        .values({ number, signs_from, sealed })
        .onConflict((conflict) => conflict.column('number').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async remove(numbers) {
      if (numbers.length === 0) return;
      await db
        .deleteFrom('signing_key_generation')
        .where('number', 'in', [...numbers])
        .execute();
    },
  };
}

// The time is part of the place: who can write to the database cannot call a withdrawn key back by dating it anew.
const placeOf = (number: number, signsFrom: number): string => `signing_key_generation/${number}/${signsFrom}`;
