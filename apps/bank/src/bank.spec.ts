import { rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openStore } from '@holdfast/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bankMigrations } from './ledger/migrations.ts';
import type { Consented } from './testing/bank-under-test.ts';
import { BankUnderTest } from './testing/bank-under-test.ts';
import { KeyHolder } from './testing/key-holder.ts';

describe('the process of the bank', () => {
  let bank: BankUnderTest;

  beforeEach(async () => {
    bank = await BankUnderTest.prepare();
    await bank.authorizationServer.start();
  });
  afterEach(() => bank.close());

  const tokenFor = (consented: Consented) => bank.token({ authorization_details: consented.details });
  const listens = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.unref().on('connect', () => socket.destroy());
    });

  it('leaves nothing open when it cannot start', async () => {
    rmSync(join(bank.home, 'pki/trust/participants.pem'));
    await expect(bank.start()).rejects.toThrow('participants.pem');
    expect([await listens(bank.config.api.listener.port), await listens(bank.config.rpc.listener.port)]).toEqual([
      false,
      false,
    ]);
  });

  it('does not start when a method has no callers', async () => {
    const { callers } = bank.config.rpc;
    const { 'holdfast.bank.v1.AccountDirectory/RevokeConsent': _, ...others } = callers;
    await expect(bank.start({ ...bank.config, rpc: { ...bank.config.rpc, callers: others } })).rejects.toThrow(
      'RevokeConsent',
    );
  });

  it('does not start without the key of its nonces, or with half of one', async () => {
    const key = join(bank.home, 'pki/bank/dpop-nonce.key');
    writeFileSync(key, 'c2hvcnQ\n');
    await expect(bank.start()).rejects.toThrow('no secret key');
    rmSync(key);
    await expect(bank.start()).rejects.toThrow('cannot be read');
    expect(await listens(bank.config.api.listener.port)).toBe(false);
  });

  it('knows after a restart which proofs it has seen and which nonces it gave [RFC9449-11.1]', async () => {
    await bank.start();
    await bank.untilReady();
    const holder = new KeyHolder();
    const { details } = await bank.consent();
    const token = bank.token({ authorization_details: details, cnf: { jkt: holder.jkt } });
    const url = `${bank.origin}/accounts`;
    const ask = (dpop: string) => bank.ask('/accounts', { headers: { authorization: `DPoP ${token}`, dpop } });
    const first = await ask(holder.prove({ token, url }));
    const nonce = first.headers['dpop-nonce'] as string;
    const [used, kept] = [holder.prove({ token, url, nonce }), holder.prove({ token, url, nonce })];
    expect((await ask(used)).status).toBe(200);
    await bank.stop();

    await bank.start();
    await bank.untilReady();
    expect((await ask(used)).status).toBe(401);
    expect(bank.audit().at(-1)).toMatchObject({ reason: 'dpop_replayed' });
    expect((await ask(kept)).status).toBe(200);
  });

  it('forgets proofs that are too old for everybody, of its own accord', async () => {
    await bank.start();
    const store = await openStore(bank.config.store, { home: bank.home, migrations: bankMigrations });
    const [old, young] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 60_000)];
    for (const until of [old, young]) await store.singleUse.recordOnce('dpop_proof', String(until), until);
    const left = () => store.db.selectFrom('single_use').select('expires_at').execute();
    await expect.poll(left, { interval: 200 }).toEqual([{ expires_at: young.getTime() }]);
    await store.close();
  });

  it('answers every call it has taken while it drains, then is gone', async () => {
    await bank.start();
    await bank.untilReady();
    const consented = await bank.consent();
    const token = tokenFor(consented);
    const agents = Array.from({ length: 4 }, () => new Agent({ ...bank.tls(), keepAlive: true, maxSockets: 1 }));
    const statuses: (number | string)[] = [];
    const callers = agents.map(async (agent) => {
      // Each caller goes on until it is told to leave; a call that was accepted must not fail.
      for (;;) {
        const answer = await bank.ask(`/accounts/${consented.accountIds[0]!}/transactions`, { token, agent });
        statuses.push(answer.status);
        if (answer.headers.connection === 'close') return;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all([bank.stop(), ...callers]);
    agents.forEach((agent) => agent.destroy());
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await listens(bank.config.api.listener.port)).toBe(false);
  });

  it('is the same bank after a restart: accounts, consents and what was revoked', async () => {
    await bank.start();
    await bank.untilReady();
    const [kept, ended] = [await bank.consent(), await bank.consent()];
    const directory = bank.directory();
    await directory.revokeConsent({ consentId: ended.consentId });
    await directory.close();
    const before = await bank.ask('/accounts', { token: tokenFor(kept) });
    await bank.stop();

    await bank.start();
    await bank.untilReady();
    const after = await bank.ask('/accounts', { token: tokenFor(kept) });
    expect([after.status, after.json]).toEqual([200, before.json]);
    expect((await bank.ask('/accounts', { token: tokenFor(ended) })).status).toBe(403);
  });
});
