import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import { makeSealingKey } from '@holdfast/store';
import { databaseOf, storesUnderTest } from '@holdfast/store/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { rotateSigningKeys } from './rotate-command.ts';
import { openSigningKeys } from './signing-keys.ts';
import type { OpenSigningKeys } from './signing-keys.ts';

const random = { bytes: (count: number) => randomBytes(count) };
const DAY = 24 * 3600;
const START = new Date('2026-06-01T12:00:00Z');

// From a published generation until it signs, and from then until its predecessor is removed; in seconds.
const PUBLISHED_BEFORE = 75;
const RETIRED_FOR = 610;

describe.each(storesUnderTest())('signing keys on $name', ({ open }) => {
  let now: Date;
  let home: string;
  let store: Store<AuthorizationTables>;
  const pass = (seconds: number): void => void (now = new Date(now.getTime() + seconds * 1000));
  const keyFile = (): string => join(home, 'sealing.key');

  beforeEach(async () => {
    now = START;
    home = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    makeSealingKey(keyFile(), random);
    store = await open<AuthorizationTables>(migrations);
  });

  /** What a process of this home is given. */
  function context() {
    const { config: database, home: elsewhere } = databaseOf(store);
    const config = {
      store: database.engine === 'sqlite' ? { ...database, file: join(elsewhere, database.file) } : database,
      signingKeys: { sealingKey: keyFile(), rotateEvery: { days: 30 } },
    };
    const ctx = createContext({ name: 'authorization-server', config, home, clock: { now: () => now } });
    onTestFinished(() => ctx.release());
    return ctx;
  }
  const openKeys = (on = store): Promise<OpenSigningKeys> => openSigningKeys(context(), on);
  /** A second process on the same database. */
  const replica = async (): Promise<OpenSigningKeys> =>
    openKeys(await open<AuthorizationTables>(migrations, { sameAs: store }));
  const kidsOf = ({ ring }: OpenSigningKeys): (string | undefined)[] => ring.publicJwks().keys.map(({ kid }) => kid);
  const numbersOf = ({ ring }: OpenSigningKeys): number[] => ring.generations.map(({ number }) => number);
  const signingKid = async ({ ring }: OpenSigningKeys): Promise<string> => {
    const [header = ''] = (await ring.sign('ES256', 'JWT', {})).split('.');
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
  };
  const audited = (): { action: string; outcome: string; reason?: string; evidence: Record<string, string> }[] =>
    readFileSync(join(home, 'audit/authorization-server.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));

  describe('stop the boot', () => {
    it('under another sealing key than they were sealed with, with one line and a remedy', async () => {
      await openKeys();
      writeFileSync(keyFile(), `${randomBytes(32).toString('base64url')}\n`);
      await expect(openKeys()).rejects.toThrow(
        expect.objectContaining({
          message: `${keyFile()} is not the key the signing keys in the store are sealed with`,
          remedy: expect.stringMatching(/^Restore the key file [^\n]*$/),
        }),
      );
    });

    it('without a sealing key, or with one that others may read', async () => {
      chmodSync(keyFile(), 0o644);
      await expect(openKeys()).rejects.toThrow('can be read by other users');
      rmSync(keyFile());
      await expect(openKeys()).rejects.toThrow(
        expect.objectContaining({ remedy: expect.stringContaining('npm start') }),
      );
    });

    it.each(['signs_from', 'number'] as const)('when somebody changed %s in the database', async (column) => {
      await openKeys();
      await store.db
        .updateTable('signing_key_generation')
        .set((row) => ({ [column]: row(column, '+', 1) }))
        .execute();
      await expect(openKeys()).rejects.toThrow('is not the key');
    });
  });

  it('are not rotated under another sealing key: nobody could open what was added', async () => {
    await openKeys();
    pass(1);
    writeFileSync(keyFile(), `${randomBytes(32).toString('base64url')}\n`);
    await expect(rotateSigningKeys(context())).rejects.toThrow('is not the key');
    expect(await store.db.selectFrom('signing_key_generation').select('number').execute()).toEqual([{ number: 1 }]);
  });

  it('lie in the database sealed: no private member can be read there', async () => {
    await openKeys();
    const [row] = await store.db.selectFrom('signing_key_generation').selectAll().execute();
    expect(row?.sealed).toMatch(/^[\w-]+$/);
    const bytes = Buffer.from(row?.sealed ?? '', 'base64url').toString('latin1');
    for (const member of ['"d"', 'kty', 'P-256', 'RSA']) expect(bytes).not.toContain(member);
  });

  describe('raced for', () => {
    it('by replicas that start together, are made once', async () => {
      const second = await open<AuthorizationTables>(migrations, { sameAs: store });
      const started = await Promise.all([openKeys(), openKeys(second), openKeys(), openKeys(second)]);
      for (const one of started) expect(kidsOf(one)).toEqual(kidsOf(started[0]));
      expect(kidsOf(started[0])).toHaveLength(3);
      expect(audited().filter(({ action }) => action === 'signing_keys.rotate')).toHaveLength(1);
    });

    it('by a replica that comes late to the first start, are not rotated', async () => {
      const keys = await openKeys();
      pass(PUBLISHED_BEFORE);
      expect(await keys.rotate('first_start')).toBe('beaten');
      await keys.watch.look();
      expect(numbersOf(keys)).toEqual([1]);
      expect(audited().filter(({ action }) => action === 'signing_keys.rotate')).toHaveLength(1);
    });

    it('by replicas that rotate together, are rotated once', async () => {
      const replicas = [await openKeys(), await replica()];
      for (let round = 2; round < 6; round++) {
        pass(PUBLISHED_BEFORE);
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, rival) => replicas[rival % 2]!.rotate('schedule')),
        );
        expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1);
        for (const { watch } of replicas) await watch.look();
        expect(numbersOf(replicas[0]!)).toEqual(Array.from({ length: round }, (_, index) => index + 1));
        expect(kidsOf(replicas[1]!)).toEqual(kidsOf(replicas[0]!));
      }
    });
  });

  it('are found by every process once one has rotated, and sign everywhere from the same instant', async () => {
    const [first, second] = [await openKeys(), await replica()];
    const before = await signingKid(first);
    pass(1);
    expect(await first.rotate('command')).toBe('rotated');
    await second.watch.look();
    expect(await signingKid(second)).toBe(before);
    expect(kidsOf(second)).toHaveLength(6);
    await first.watch.look();
    pass(PUBLISHED_BEFORE);
    const after = await signingKid(second);
    expect(after).not.toBe(before);
    expect(await signingKid(first)).toBe(after);
    expect(second.ring.verificationKey(before, 'ES256')).toBeDefined();
  });

  it('are the same after a restart, whichever step of a rotation it falls into', async () => {
    const keys = await openKeys();
    for (const seconds of [0, 1, PUBLISHED_BEFORE - 1, 1, RETIRED_FOR - 1, 1]) {
      pass(seconds);
      if (seconds === 1 && keys.ring.generations.length === 1) await keys.rotate('schedule');
      await keys.watch.look();
      const restarted = await openKeys();
      expect(kidsOf(restarted)).toEqual(kidsOf(keys));
      expect(await signingKid(restarted)).toBe(await signingKid(keys));
    }
  });

  it('are withdrawn at once when the table is emptied, from every process, and made anew', async () => {
    const [first, second] = [await openKeys(), await replica()];
    const stolen = await signingKid(first);
    pass(1);
    await store.db.deleteFrom('signing_key_generation').execute();
    await first.watch.look();
    expect(() => first.ring.sign('ES256', 'JWT', {})).toThrow('no key for ES256 may sign');
    await first.keepRotating();
    for (const { watch } of [first, second]) await watch.look();
    for (const keys of [first, second]) {
      expect(keys.ring.verificationKey(stolen, 'ES256')).toBeUndefined();
      expect(numbersOf(keys)).toEqual([1]);
    }
    expect(await signingKid(second)).toBe(await signingKid(first));
    expect(await signingKid(second)).not.toBe(stolen);
  });

  it('stay when the store cannot be read, and the process is not ready meanwhile', async () => {
    const second = await open<AuthorizationTables>(migrations, { sameAs: store });
    const keys = await openKeys(second);
    keys.watch.start();
    onTestFinished(() => keys.watch.close());
    keys.watch.checkReady();
    await second.close();
    await vi.waitFor(() => expect(() => keys.watch.checkReady()).toThrow('cannot be read'), 10_000);
    expect(await signingKid(keys)).toBeTruthy();
  });

  it('are watched: a rotation elsewhere is noticed within two seconds', async () => {
    const [first, second] = [await openKeys(), await replica()];
    second.watch.start();
    onTestFinished(() => second.watch.close());
    pass(1);
    await first.rotate('command');
    await expect.poll(() => numbersOf(second), { timeout: 2_000, interval: 50 }).toEqual([1, 2]);
  });

  describe('on schedule', () => {
    it('are left alone until their period is over, then rotated once, and removed when nobody needs them', async () => {
      const keys = await openKeys();
      const round = async (): Promise<number[]> => {
        await keys.keepRotating();
        await keys.watch.look();
        return numbersOf(keys);
      };
      const old = await signingKid(keys);
      expect(await round()).toEqual([1]);
      pass(30 * DAY - 11);
      expect(await round()).toEqual([1]);
      pass(1);
      expect(await round()).toEqual([1, 2]);
      expect(await round()).toEqual([1, 2]);
      pass(PUBLISHED_BEFORE + RETIRED_FOR - 1);
      expect(await round()).toEqual([1, 2]);
      expect(keys.ring.verificationKey(old, 'ES256')).toBeDefined();
      pass(1);
      expect(keys.ring.verificationKey(old, 'ES256')).toBeUndefined();
      expect(await round()).toEqual([2]);
      expect(audited().map(({ action, evidence }) => [action, evidence['generation'], evidence['cause']])).toEqual([
        ['signing_keys.rotate', '1', 'first_start'],
        ['signing_keys.rotate', '2', 'schedule'],
        ['signing_keys.remove', '1', undefined],
      ]);
    });
  });

  describe('by command', () => {
    it('are not rotated while the last rotation waits for its turn, and the answer says until when', async () => {
      await openKeys();
      pass(1);
      await rotateSigningKeys(context());
      pass(PUBLISHED_BEFORE - 1);
      await expect(rotateSigningKeys(context())).rejects.toThrow(
        expect.objectContaining({
          message: 'nothing was rotated: generation 2 is published and waits for its turn',
          remedy: 'It signs from 2026-06-01T12:01:16Z; rotate again after that.',
        }),
      );
      expect(audited().at(-1)).toMatchObject({
        action: 'signing_keys.rotate',
        outcome: 'refused',
        reason: 'rotation_pending',
      });
      pass(1);
      await rotateSigningKeys(context());
    });

    it('are rotated beside a running process, and the answer says what changes and when', async () => {
      const running = await openKeys();
      pass(1);
      const lines = (await rotateSigningKeys(context())).split('\n');
      await running.watch.look();
      const [first, second] = running.ring.generations;
      const names = (generation: typeof first) => generation?.kids.map(({ alg, kid }) => `  ${alg}  ${kid}`) ?? [];
      expect(lines).toEqual([
        'New signing keys are published.',
        'generation 1: signs until 2026-06-01T12:01:16Z, then published until 2026-06-01T12:11:26Z',
        ...names(first),
        'generation 2: published, signs from 2026-06-01T12:01:16Z',
        ...names(second),
      ]);
      expect(names(second)).toHaveLength(3);
    });
  });
});
