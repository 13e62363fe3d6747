import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRevocationList } from '@holdfast/mtls';
import { X509Certificate } from 'node:crypto';
import type { TrustUpdate } from '@holdfast/rpc/authority';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revoke } from '../commands/revoke.ts';
import { AuthorityUnderTest } from '../testing/authority-under-test.ts';
import type { TrustState } from './trust-state.ts';

let ca: AuthorityUnderTest;
beforeAll(async () => {
  ca = await AuthorityUnderTest.open();
});
afterAll(() => ca.close());

const state = async (): Promise<TrustState> => JSON.parse((await ca.ask('/trust')).text) as TrustState;
const hash = 'x'.repeat(43);
const instance = 'i'.repeat(22);
const certificate = { name: 'bank/service', thumbprint: hash, issuer: hash, notAfter: 1 };

function acknowledge(name: string | undefined, body: unknown) {
  const identity = name === undefined ? undefined : ca.identity(name);
  const headers = { 'content-type': 'application/json' };
  return ca.ask('/trust/acknowledgements', { method: 'POST', body: JSON.stringify(body), headers, identity });
}

describe('an acknowledgement is refused', () => {
  it.each<[number, string, string | undefined, (version: number) => unknown]>([
    [401, 'certificate_missing', undefined, (version) => ({ instance, version, certificates: [] })],
    [400, 'version_unknown', 'bank/service', (version) => ({ instance, version: version + 1, certificates: [] })],
    [
      400,
      'name_of_another_holder',
      'bank/service',
      (version) => ({ instance, version, certificates: [{ ...certificate, name: 'lab/web' }] }),
    ],
    [
      400,
      'name_of_another_holder',
      'bank/service',
      (version) => ({ instance, version, certificates: [{ ...certificate, name: 'bank/nothing' }] }),
    ],
    [400, 'body_malformed', 'bank/service', (version) => ({ instance, version, certificates: [], more: 1 })],
    [400, 'body_malformed', 'bank/service', (version) => ({ version, certificates: [] })],
    [400, 'body_malformed', 'bank/service', (version) => ({ instance: 'bank', version, certificates: [] })],
    [400, 'body_malformed', 'bank/service', (version) => ({ instance, version: `${version}`, certificates: [] })],
  ])('with %i, %s', async (status, reason, name, body) => {
    const answer = await acknowledge(name, body((await state()).version));
    expect([answer.status, ca.lastReason()]).toEqual([status, reason]);
  });

  it('over the feed for a version that was never published', async () => {
    const feed = ca.feed();
    await expect(feed.acknowledge({ instance, version: 1e9, certificates: [] })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    expect(ca.lastReason()).toBe('version_unknown');
    await feed.close();
  });

  it('over the feed from a process that does not say which it is', async () => {
    const { version } = await state();
    const feed = ca.feed();
    await expect(feed.acknowledge({ instance: '', version, certificates: [] })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    expect(ca.lastReason()).toBe('instance_malformed');
    await feed.close();
  });

  it('over the feed from a service that is not listed', async () => {
    const feed = ca.feed('lab/service');
    await expect(feed.acknowledge({ instance, version: 1, certificates: [] })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect(ca.lastReason()).toBe('caller_not_listed');
    await feed.close();
  });
});

describe('the trust state', () => {
  it('is what the files say, with lists that the intermediates have signed', async () => {
    const { purposes } = await state();
    for (const [name, { authorities, revocationLists, issuer }] of Object.entries(purposes)) {
      expect(readFileSync(ca.file(`trust/${name}.pem`), 'utf8')).toBe(authorities);
      expect(readFileSync(ca.file(`trust/${name}.crl`), 'utf8')).toBe(revocationLists);
      expect(issuer).toMatch(/^[\w-]{43}$/);
    }
  });

  it('has a version that does not change by itself, is not sent twice, and grows across a restart [RFC9110-13.1.2]', async () => {
    const { version } = await state();
    await sleep(600);
    const again = await ca.ask('/trust', { headers: { 'if-none-match': `"${version}"` } });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', `"${version}"`]);
    await ca.stop();
    await ca.start();
    expect((await state()).version).toBeGreaterThan(version);
  });

  it('changes with a revocation: version, list, number of the list [RFC5280-5.2.3]', async () => {
    const before = await state();
    await ca.run((ctx) =>
      revoke(
        ctx,
        new Map([
          ['revoke', 'newcomer/client'],
          ['reason', 'superseded'],
        ]),
      ),
    );
    await expect.poll(async () => (await state()).version, { interval: 20 }).toBeGreaterThan(before.version);
    const { serialNumber } = new X509Certificate(readFileSync(ca.file('newcomer/client.crt')));
    const read = (der: Buffer) =>
      readRevocationList(der, [new X509Certificate(readFileSync(ca.file('authority/participants/intermediate.crt')))]);
    const { body, headers } = await ca.ask('/crl/participants');
    expect(headers['content-type']).toBe('application/pkix-crl');
    const list = read(body);
    expect([...list.entries]).toEqual([
      [serialNumber.replace(/^0+/, ''), { at: expect.any(Date), reason: 'superseded' }],
    ]);
    const earlier = before.purposes.participants.revocationLists.replaceAll(/-----[^-]+-----|\s/g, '');
    expect(list.number).toBeGreaterThan(read(Buffer.from(earlier, 'base64')).number);
    expect((await ca.ask('/crl/nobody')).status).toBe(404);
  });

  it('is acknowledged by those who follow it', async () => {
    const { version } = await state();
    expect((await acknowledge('fintech/transport', { instance, version, certificates: [] })).status).toBe(204);
    expect(ca.audit().at(-1)).toMatchObject({ action: 'trust.acknowledge', outcome: 'allowed', subject: 'fintech' });
    const feed = ca.feed();
    await feed.acknowledge({ instance, version, certificates: [certificate] });
    expect(ca.audit().at(-1)).toMatchObject({ action: 'trust.acknowledge', outcome: 'allowed', subject: 'bank' });
    await feed.close();
  });

  it('leaves one event for what a process tells again, and one for each process', async () => {
    const { version } = await state();
    const feed = ca.feed();
    const told = () => ca.audit().filter(({ action }) => action === 'trust.acknowledge').length;
    const before = told();
    const [first, second] = ['f'.repeat(22), 's'.repeat(22)];
    for (const one of [first, first, second, second]) {
      await feed.acknowledge({ instance: one, version, certificates: [] });
      expect((await acknowledge('fintech/transport', { instance: one, version, certificates: [] })).status).toBe(204);
    }
    expect(told() - before).toBe(4);
    await feed.acknowledge({ instance: first, version, certificates: [certificate] });
    expect(told() - before).toBe(5);
    expect(ca.audit().at(-1)).toMatchObject({ subject: 'bank', evidence: { instance: first } });
    await feed.close();
  });
});

describe('the feed', () => {
  it('sends the state at once, a heartbeat each second, and a change before the next one', async () => {
    const feed = ca.feed();
    const stop = new AbortController();
    // How long this process once did not get to what was due: a busy machine is not the feed's fault.
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const slowest = (): number => 5 * (delay.max / 1e6);
    const updates: { readonly at: number; readonly update: TrustUpdate }[] = [];
    const reading = (async () => {
      for await (const update of feed.watch({}, { signal: stop.signal }))
        updates.push({ at: performance.now(), update });
    })().catch(() => undefined);
    await expect.poll(() => updates.length).toBeGreaterThanOrEqual(3);
    const [first, second, third] = updates;
    expect(first?.update.state?.purposes.map(({ purpose }) => purpose)).toEqual(['web', 'participants', 'services']);
    expect([second?.update.state, second?.update.version]).toEqual([undefined, first?.update.version]);
    const pause = (third?.at ?? 0) - (second?.at ?? 0);
    expect(pause).toBeGreaterThan(900);
    expect(pause).toBeLessThan(1_500 + slowest());

    const version = first?.update.version ?? 0;
    await ca.run((ctx) => revoke(ctx, new Map([['revoke', 'developer/client']])));
    const revokedAt = performance.now();
    await expect.poll(() => updates.at(-1)?.update.version, { interval: 10 }).toBeGreaterThan(version);
    const change = updates.find(({ update }) => update.version > version);
    expect((change?.at ?? Infinity) - revokedAt).toBeLessThan(750 + slowest());
    expect(change?.update.state).toBeDefined();
    delay.disable();
    stop.abort();
    await reading;
    await feed.close();
  });
});
