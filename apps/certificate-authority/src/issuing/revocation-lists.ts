import type { Authority } from '@holdfast/mtls/authority';
import { issueCrl } from '@holdfast/mtls/authority';
import { nextListNumber } from '@holdfast/pki';
import { Register } from '../register/register.ts';
import type { AuthorityDb } from '../register/tables.ts';
import type { Generation } from './issuing-keys.ts';

/** Milliseconds. Our choice, no clause. */
export const LIST_TIMES = {
  /** A list is signed at each revocation, and again after this long. */
  signedEvery: 10 * 60_000,
  /** What a list says is worth nothing this long after it was signed. */
  life: 60 * 60_000,
  /** A peer whose clock is behind by seconds takes the list. */
  backdated: 60_000,
} as const;

/** Signs the list of an intermediate as of now, its number above every earlier one. RFC5280-5. */
export async function signList(db: AuthorityDb, generation: Generation, now: Date): Promise<string> {
  const { thumbprint: issuer, authority } = generation;
  const revoked = await new Register(db).revokedBy(issuer, now);
  const before = await db
    .selectFrom('revocation_lists')
    .select('number')
    .where('issuer', '=', issuer)
    .executeTakeFirst();
  const number = nextListNumber(before?.number ?? 0, now);
  const nextUpdate = new Date(now.getTime() + LIST_TIMES.life);
  const pem = issueCrl({ issuer: authority, revoked, number, thisUpdate: backdated(authority, now), nextUpdate });
  const row = { number, pem, next_update: nextUpdate.getTime() };
  await db
    .insertInto('revocation_lists')
    .values({ issuer, ...row })
    .onConflict((conflict) => conflict.column('issuer').doUpdateSet(row))
    .execute();
  return pem;
}

/** Never before the intermediate itself. */
const backdated = ({ certificate }: Authority, now: Date): Date =>
  new Date(Math.max(now.getTime() - LIST_TIMES.backdated, certificate.validFromDate.getTime()));
