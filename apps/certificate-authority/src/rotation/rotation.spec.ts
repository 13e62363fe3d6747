import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { parsePeerCertificate } from '@holdfast/mtls';
import type { IdentitySource } from '@holdfast/mtls';
import { makeSuccessor, retireRoot, revocationListFile } from '@holdfast/pki';
import type { AuthorityName, RotationKind } from '@holdfast/pki';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rotation } from '../commands/rotation.ts';
import { AuthorityUnderTest } from '../testing/authority-under-test.ts';
import type { TrustState } from '../trust/trust-state.ts';
import type { RotationStatus } from './rotation.ts';

let ca: AuthorityUnderTest;
beforeEach(async () => {
  ca = await AuthorityUnderTest.open();
});
afterEach(() => ca.close());

const HOLDERS = ['authorization-server', 'bank', 'fintech', 'lab'] as const;
const AUTHENTICATES = {
  'authorization-server': 'service',
  bank: 'service',
  fintech: 'transport',
  lab: 'service',
} as const;

const state = async (): Promise<TrustState> => JSON.parse((await ca.ask('/trust')).text) as TrustState;

/** Milliseconds after which whoever looks at the files by itself has done so. */
const FILES_ARE_READ = 5_000;

async function command(
  name: 'begin-rotation' | 'advance-rotation' | 'abandon-rotation' | 'rotation-status',
  purpose: AuthorityName,
  kind?: RotationKind,
): Promise<RotationStatus> {
  const values = new Map<string, string>([[name, purpose]]);
  if (kind !== undefined) values.set('kind', kind);
  const later = name === 'begin-rotation' ? 0 : FILES_ARE_READ;
  return JSON.parse(await ca.run((ctx) => rotation(ctx, name, values), later)) as RotationStatus;
}

/** What the running process has published of a phase. */
async function published(purpose: AuthorityName): Promise<RotationStatus> {
  await expect.poll(async () => (await command('rotation-status', purpose)).version, { interval: 50 }).not.toBeNull();
  return command('rotation-status', purpose);
}

async function begin(purpose: AuthorityName, kind: RotationKind): Promise<RotationStatus> {
  makeSuccessor({ home: ca.home, purpose, kind, now: new Date() });
  await command('begin-rotation', purpose, kind);
  return published(purpose);
}

/** Goes one phase on and waits until it is published. */
async function goOn(purpose: AuthorityName): Promise<RotationStatus> {
  const { missing, phase } = await command('advance-rotation', purpose);
  if (missing.length > 0 && !missing[0]?.includes('published'))
    throw new Error(`phase ${phase} waits: ${missing.join('; ')}`);
  return published(purpose);
}

const issuerOf = ({ issuer }: TrustState['purposes']['web']): string => issuer;

/** Renews a leaf as its process does, over mutual TLS. */
async function renew(
  name: string,
  purpose: AuthorityName,
  identity: IdentitySource,
): Promise<{ chain: X509Certificate[]; key: KeyObject }> {
  const { key, body } = ca.request(name);
  const answer = await ca.est(purpose, 'simplereenroll', body, { identity });
  expect(answer.status, answer.text).toBe(200);
  return { chain: ca.chain(answer), key };
}

/** Every process follows: tells the version in force, and what it holds. */
async function followAll(
  held: Partial<Record<string, IdentitySource>> = {},
  only: readonly string[] = HOLDERS,
  instance = 'i'.repeat(22),
): Promise<void> {
  const { version, purposes } = await state();
  for (const holder of only) {
    const name = `${holder}/${AUTHENTICATES[holder as 'bank']}`;
    const purpose = ca.list.leaves[name]?.authority ?? 'web';
    const identity = held[name] ?? ca.identity(name);
    const { thumbprint, der, notAfter } = identity.current().leaf;
    const issuers = purposes[purpose].authorities.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    const above = issuers
      .map((pem) => new X509Certificate(pem))
      .find((one) => new X509Certificate(der).verify(one.publicKey));
    const certificates = [
      {
        name,
        thumbprint,
        issuer: parsePeerCertificate(above!.raw).thumbprint,
        notAfter: Math.floor(notAfter.getTime() / 1000),
      },
    ];
    const { status } = await ca.ask('/trust/acknowledgements', {
      method: 'POST',
      identity,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instance, version, certificates }),
    });
    expect(status, name).toBe(204);
  }
}

describe('a rotation does not go on', () => {
  it('while a process has not followed, and says which', async () => {
    const { missing, version } = await begin('services', 'intermediate');
    expect(missing).toEqual(HOLDERS.map((holder) => `${holder} has told nothing`));
    await followAll({}, ['authorization-server', 'bank', 'fintech']);
    expect(await command('advance-rotation', 'services')).toMatchObject({
      phase: 1,
      missing: ['lab has told nothing'],
      version,
    });
    await followAll({}, ['lab']);
    expect((await command('advance-rotation', 'services')).phase).toBe(2);
  });

  it('while one of two processes of a holder has not followed, whatever the other has told since', async () => {
    const second = 's'.repeat(22);
    await followAll({}, ['bank'], second);
    await begin('web', 'intermediate');
    await followAll();
    const { missing, phase } = await command('advance-rotation', 'web');
    expect(missing).toEqual([expect.stringMatching(/^another process of bank, .* works with version/)]);
    expect(phase).toBe(1);
    await followAll({}, ['bank'], second);
    expect((await command('advance-rotation', 'web')).phase).toBe(2);
  });

  it('while the last process of a holder has ended, and does when it was one of two', async () => {
    const [first, second] = ['f'.repeat(22), 's'.repeat(22)];
    const leave = (instance: string) =>
      ca.ask('/trust/acknowledgements', {
        method: 'POST',
        identity: ca.identity('bank/service'),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instance, version: 0, certificates: [] }),
      });
    await followAll({}, ['bank'], second);
    await begin('web', 'intermediate');
    await followAll({}, HOLDERS, first);
    expect((await leave(second)).status).toBe(204);
    expect(ca.audit().at(-1)).toMatchObject({ subject: 'bank', evidence: { version: '0', instance: second } });
    expect((await command('rotation-status', 'web')).missing).toEqual([]);
    await leave(first);
    const { missing, phase } = await command('advance-rotation', 'web');
    expect([phase, missing]).toEqual([1, ['bank has told nothing']]);
  });

  it('while somebody holds a certificate of the old intermediate, issued by hand or enrolled for', async () => {
    await begin('participants', 'intermediate');
    await followAll();
    await goOn('participants');
    await followAll();
    const { missing } = await command('advance-rotation', 'participants');
    expect(missing).toContain('fintech holds fintech/transport under the old intermediate');
    expect(missing).toContain('developer/client was issued by hand under the old intermediate');
    expect(missing.some((what) => what.includes('expired'))).toBe(false);
  });

  it('twice at once for one purpose, nor without what was made offline', async () => {
    await expect(command('begin-rotation', 'web')).rejects.toThrow(/there is no .*next/);
    await expect(command('rotation-status', 'web')).rejects.toThrow(/no rotation of web/);
    await begin('web', 'intermediate');
    await expect(command('begin-rotation', 'web')).rejects.toThrow(/under way/);
  });

  it('when the root is not there', () => {
    const purpose = 'web' as const;
    const root = `${ca.home}/offline/web/root.key`;
    expect(existsSync(root)).toBe(true);
    const elsewhere = { home: `${ca.home}/none`, purpose, kind: 'intermediate' as const, now: new Date() };
    expect(() => makeSuccessor(elsewhere)).toThrow();
  });
});

describe.each<RotationKind>(['intermediate', 'root'])('a rotation of the %s', (kind) => {
  const purpose = 'services';

  it('goes through four phases, and afterwards the old certificates are refused', async () => {
    const before = (await state()).purposes[purpose];
    const oldKey = readFileSync(ca.file('authority/services/intermediate.key'), 'utf8');
    // A copy: what lies there is followed, and will be renewed.
    const { certificatePem, keyPem } = ca.identity('bank/service').current();
    const pems = certificatePem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    const old = ca.identityOf(
      pems.map((pem) => new X509Certificate(pem)),
      createPrivateKey(keyPem),
    );
    const count = (pem: string): number => pem.match(/BEGIN/g)?.length ?? 0;

    await begin(purpose, kind);
    const announced = (await state()).purposes[purpose];
    expect(count(announced.authorities)).toBe(kind === 'root' ? 4 : 3);
    expect([count(announced.revocationLists), issuerOf(announced)]).toEqual([2, issuerOf(before)]);
    await followAll();

    await goOn(purpose);
    const issuing = (await state()).purposes[purpose];
    expect(issuerOf(issuing)).not.toBe(issuerOf(before));
    const held: Record<string, IdentitySource> = {};
    for (const holder of HOLDERS.filter((one) => one !== 'fintech')) {
      const name = `${holder}/service`;
      const { chain, key } = await renew(name, purpose, ca.identity(name));
      held[name] = ca.identityOf(chain, key);
    }
    // Both are good while both are trusted.
    await renew('bank/service', purpose, old);
    ca.issueByHand();
    await followAll(held);
    // What was issued by hand comes in within a look or two.
    await expect.poll(async () => (await command('rotation-status', purpose)).missing, { interval: 100 }).toEqual([]);

    await goOn(purpose);
    const withdrawn = (await state()).purposes[purpose];
    expect([count(withdrawn.authorities), count(withdrawn.revocationLists)]).toEqual([2, 1]);
    const refused = await ca.est(purpose, 'simplereenroll', ca.request('bank/service').body, { identity: old });
    expect([refused.status, ca.lastReason()]).toEqual([401, 'certificate_untrusted']);
    await renew('bank/service', purpose, held['bank/service']!);
    expect(existsSync(ca.file('authority/services/previous/intermediate.key'))).toBe(true);
    await followAll(held);

    const end = await goOn(purpose);
    expect([end.phase, end.missing]).toEqual([4, []]);
    expect(readdirSync(ca.file('authority/services')).sort()).toEqual(['intermediate.crt', 'intermediate.key']);
    expect(readFileSync(ca.file('authority/services/intermediate.key'), 'utf8')).not.toBe(oldKey);
    retireRoot(ca.home, purpose, new Date());
    expect(readdirSync(`${ca.home}/offline/services`).sort()).toEqual(['root.crt', 'root.key']);
    await renew('bank/service', purpose, held['bank/service']!);
    await expect(command('abandon-rotation', purpose)).rejects.toThrow('is over');
    // And another may follow.
    expect((await begin(purpose, 'intermediate')).phase).toBe(1);
  });
});

describe('a rotation that is abandoned', () => {
  it('after it has issued is not: it is told to go on, and nothing has changed', async () => {
    await expect(command('abandon-rotation', 'participants')).rejects.toThrow('there is no rotation of participants');
    await begin('participants', 'intermediate');
    await followAll();
    await goOn('participants');
    const before = await state();
    await expect(command('abandon-rotation', 'participants')).rejects.toThrow(/phase 2 and cannot be abandoned/);
    expect((await command('rotation-status', 'participants')).phase).toBe(2);
    expect(await state()).toEqual(before);
  });

  it.each<RotationKind>(['intermediate', 'root'])(
    'before that is as if it had never begun, also after a restart, and another may follow (%s)',
    async (kind) => {
      const before = (await state()).purposes.web;
      await begin('web', kind);
      const announced = await state();
      expect(announced.purposes.web.authorities).not.toBe(before.authorities);

      expect(await command('abandon-rotation', 'web')).toMatchObject({ kind, phase: 0 });
      expect(ca.audit().at(-1)).toMatchObject({ action: 'rotation.abandon', evidence: { purpose: 'web', kind } });
      await expect.poll(async () => (await state()).version, { interval: 50 }).toBeGreaterThan(announced.version);
      const { authorities, issuer } = (await state()).purposes.web;
      expect([authorities, issuer]).toEqual([before.authorities, before.issuer]);
      await expect(command('advance-rotation', 'web')).rejects.toThrow('there is no rotation of web');

      await ca.stop();
      await ca.start();
      expect((await state()).purposes.web.authorities).toBe(before.authorities);
      await begin('web', kind);
      expect((await state()).purposes.web.authorities).toBe(announced.purposes.web.authorities);
    },
  );
});

describe('a rotation that is stopped', () => {
  it('in any phase goes on after a restart, with the same keys', async () => {
    const restart = async (): Promise<void> => {
      await ca.stop();
      await ca.start();
    };
    await begin('web', 'root');
    await restart();
    await published('web');
    await followAll();
    // The phase is decided while nobody runs who could bring the keys to it.
    await ca.stop();
    expect((await command('advance-rotation', 'web')).phase).toBe(2);
    await ca.start();
    await published('web');
    const { issuer } = (await state()).purposes.web;
    await restart();
    expect((await state()).purposes.web.issuer).toBe(issuer);
    ca.issueByHand();
    await followAll();
    await expect.poll(async () => (await command('rotation-status', 'web')).missing, { interval: 100 }).toEqual([]);
    await goOn('web');
    await restart();
    await followAll();
    await goOn('web');
    await restart();
    expect((await state()).purposes.web.issuer).toBe(issuer);
    expect(readFileSync(revocationListFile(ca.home, 'web'), 'utf8').match(/BEGIN/g)).toHaveLength(1);
  });
});
