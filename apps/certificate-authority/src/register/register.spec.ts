import { throwAwayPki } from '@holdfast/mtls/testing';
import { storesUnderTest } from '@holdfast/store/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { EnrolmentTokens } from '../enrolment/enrolment-tokens.ts';
import { RequestRefused } from '../enrolment/request-refused.ts';
import { signList } from '../issuing/revocation-lists.ts';
import { authorityMigrations } from './migrations.ts';
import { Register } from './register.ts';
import { announce, revision } from './revisions.ts';
import type { AuthorityTables } from './tables.ts';
import type { Store } from '@holdfast/store';

const pki = throwAwayPki();
const now = new Date();
const ISSUER = 'i'.repeat(43);
const HOUR = 3_600_000;

describe.each(storesUnderTest())('the register, on $name', ({ open }) => {
  let store: Store<AuthorityTables>;
  let register: Register;
  beforeEach(async () => {
    store = await open<AuthorityTables>(authorityMigrations);
    register = new Register(store.db);
  });

  const enter = async (name: string, notAfter = new Date(now.getTime() + HOUR)): Promise<string> => {
    const { certificate } = pki.mint({ notAfter });
    const about = { issuer: ISSUER, askedBy: 'bank', authenticated: 'certificate', at: now } as const;
    await register.enter({ certificate, purpose: 'services', name, ...about });
    return certificate.serialNumber;
  };

  it('takes nothing back that does not exist, has ended, or was taken back before', async () => {
    const ended = await enter('bank/service', new Date(now.getTime() - 1_000));
    const serial = await enter('bank/api');
    const revoke = (what: string) => register.revoke(what, 'keyCompromise', now);
    expect([await revoke('bank/nothing'), await revoke('ABCD'), await revoke(ended)]).toEqual([[], [], []]);
    expect(await revision(store.db)).toBe(0);
    expect(await revoke(serial)).toHaveLength(1);
    expect(await revoke(serial)).toEqual([]);
    expect(await revision(store.db)).toBe(1);
  });

  it('takes back all of a name, once between two who try, and keeps them on the list a day after their end', async () => {
    const serials = [await enter('bank/api'), await enter('bank/api')];
    const other = await enter('lab/web');
    const both = await Promise.all([
      register.revoke('bank/api', 'superseded', now),
      new Register((await open<AuthorityTables>(authorityMigrations, { sameAs: store })).db).revoke(
        'bank/api',
        'superseded',
        now,
      ),
    ]);
    expect(
      both
        .flat()
        .map(({ serial }) => serial)
        .toSorted(),
    ).toEqual(serials.toSorted());
    const listed = async (at: Date): Promise<string[]> =>
      (await register.revokedBy(ISSUER, at)).map(({ serialNumber }) => serialNumber).toSorted();
    expect(await listed(now)).toEqual(serials.toSorted());
    expect(await listed(new Date(now.getTime() + 24 * HOUR))).toHaveLength(2);
    expect(await listed(new Date(now.getTime() + 26 * HOUR))).toEqual([]);
    expect([await register.wasIssued('bank/api'), await register.wasIssued('lab/web')]).toEqual([false, true]);
    expect(await register.find(other, ISSUER)).toMatchObject({ name: 'lab/web', revoked_at: null });
    expect(await register.find(other, 'x'.repeat(43))).toBeUndefined();
  });

  it('holds a certificate once, however often it is told of it', async () => {
    const { certificate } = pki.mint();
    const issued = { certificate, purpose: 'web', name: 'lab/web', issuer: ISSUER, askedBy: 'lab', at: now } as const;
    await register.enter({ ...issued, authenticated: 'operator' });
    await register.revoke('lab/web', 'unspecified', now);
    await register.enter({ ...issued, authenticated: 'operator' });
    expect(await register.all()).toMatchObject([{ revoked_at: now.getTime() }]);
  });

  it('counts every announcement', async () => {
    await Promise.all([announce(store.db), announce(store.db), announce(store.db)]);
    expect(await revision(store.db)).toBe(3);
  });

  it('numbers lists upwards, also within a second and with a clock that was set back [RFC5280-5.2.3]', async () => {
    const { root, intermediate: authority } = pki.services;
    const generation = { authority, root: root.certificate, thumbprint: ISSUER };
    const number = async (at: Date): Promise<number> => {
      await signList(store.db, generation, at);
      return (await store.db.selectFrom('revocation_lists').select('number').executeTakeFirstOrThrow()).number;
    };
    const first = await number(now);
    expect([await number(now), await number(new Date(now.getTime() - HOUR))]).toEqual([first + 1, first + 2]);
  });

  it('gives a token to one of two who come with it at once, at two replicas [RFC7030-3.2.3]', async () => {
    const other = await open<AuthorityTables>(authorityMigrations, { sameAs: store });
    const tokens = new EnrolmentTokens(store.singleUse);
    const random = { bytes: (count: number) => Buffer.alloc(count), token: () => 'a-token-of-256-bits' };
    await tokens.make('bank', random, now);
    const take = (from: Store<AuthorityTables>) =>
      from.db
        .transaction()
        .execute((trx) => tokens.take(from.singleUse.within(trx), 'bank', 'a-token-of-256-bits', now));
    const ended = await Promise.allSettled([take(store), take(other)]);
    const lost = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(lost).toEqual([expect.any(RequestRefused)]);
    expect(lost[0]).toMatchObject({ status: 401, reason: 'token_used' });
    expect(JSON.stringify(await store.db.selectFrom('single_use').selectAll().execute())).not.toContain('256-bits');
  });
});
