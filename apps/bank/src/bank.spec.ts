import { rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consented } from './testing/bank-under-test.ts';
import { BankUnderTest } from './testing/bank-under-test.ts';

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
