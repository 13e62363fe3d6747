import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BankUnderTest } from '../testing/bank-under-test.ts';

/** The promise, in milliseconds: restated here, not read from the code under test. */
const BOUND = 2_000;

describe('a bank whose authorization server', () => {
  let bank: BankUnderTest;
  let details: { authorization_details: readonly object[] };

  beforeAll(async () => {
    bank = await BankUnderTest.open();
    details = { authorization_details: (await bank.consent()).details };
  });
  afterAll(() => bank.close());

  const honest = (claims: Record<string, unknown> = {}) => bank.token({ ...details, ...claims });
  const statusOf = async (token: string, agent?: Agent) =>
    (await bank.ask('/accounts', agent === undefined ? { token } : { token, agent })).status;

  it.each(['ACCESS_TOKEN', 'GRANT'] as const)(
    'revokes (%s) refuses from then on within the bound, on the open connection too [FAPI2-SP-FINAL-5.3.4-3]',
    async (kind) => {
      const [jti, grant] = [randomUUID(), randomUUID()];
      const token = honest({ jti, grant_id: grant });
      const agent = new Agent({ ...bank.tls(), keepAlive: true, maxSockets: 1 });
      expect(await statusOf(token, agent)).toBe(200);
      const revokedAt = performance.now();
      bank.authorizationServer.revoke(kind, kind === 'GRANT' ? grant : jti);
      while ((await statusOf(token, agent)) === 200) expect(performance.now() - revokedAt).toBeLessThan(BOUND);
      expect(await statusOf(token, agent)).toBe(401);
      expect(await statusOf(honest(), agent)).toBe(200);
      agent.destroy();
    },
  );

  it('says nothing any more is asked token by token, and what it then says counts', async () => {
    const jti = randomUUID();
    const token = honest({ jti });
    bank.authorizationServer.mute = true;
    try {
      await sleep(BOUND + 100);
      const before = bank.authorizationServer.introspected;
      expect(await statusOf(token)).toBe(200);
      expect(bank.authorizationServer.introspected).toBe(before + 1);
      bank.authorizationServer.revoke('ACCESS_TOKEN', jti);
      expect(await statusOf(token)).toBe(401);
    } finally {
      bank.authorizationServer.mute = false;
    }
    await bank.untilReady();
  });

  it('is gone refuses with 503 after the bound, never serves on an old answer, and recovers with what it missed', async () => {
    const jti = randomUUID();
    const [token, revoked] = [honest(), honest({ jti })];
    expect(await statusOf(revoked)).toBe(200);
    await bank.authorizationServer.stopRpc();
    const goneAt = performance.now();
    bank.authorizationServer.revoke('ACCESS_TOKEN', jti);
    let latest200 = 0;
    while (performance.now() - goneAt < BOUND + 1_500) {
      const askedAt = performance.now();
      const answer = await bank.ask('/accounts', { token: revoked });
      if (answer.status === 200) latest200 = askedAt - goneAt;
      else expect([answer.status, answer.json.error]).toEqual([503, 'temporarily_unavailable']);
      await sleep(50);
    }
    expect(latest200).toBeLessThanOrEqual(BOUND);
    expect(bank.audit().at(-1)).toMatchObject({
      outcome: 'refused',
      reason: 'token_status_unknown',
      client: 'tidepool',
    });
    const readiness = await bank.ask('/readyz');
    expect([readiness.status, readiness.json.failing]).toEqual([503, ['revocations']]);

    await bank.authorizationServer.startRpc();
    await bank.untilReady();
    expect(await statusOf(token)).toBe(200);
    expect(await statusOf(revoked)).toBe(401);
  });
});

describe('a bank that starts before its authorization server', () => {
  let bank: BankUnderTest;

  beforeAll(async () => {
    bank = await BankUnderTest.prepare();
    await bank.start();
  });
  afterAll(() => bank.close());

  it('is alive, not ready, and answers 503 until keys and revocations are there', async () => {
    expect((await bank.ask('/livez')).status).toBe(200);
    const consented = await bank.consent();
    const token = bank.token({ authorization_details: consented.details });
    const early = await bank.ask('/accounts', { token });
    expect([early.status, early.json.error]).toEqual([503, 'temporarily_unavailable']);
    expect(bank.audit().at(-1)).toMatchObject({ outcome: 'refused', reason: 'token_keys_unavailable' });
    expect((await bank.ask('/readyz')).json.failing).toEqual(['token-keys', 'revocations']);

    await bank.authorizationServer.startWeb();
    await expect.poll(async () => (await bank.ask('/readyz')).json.failing).toEqual(['revocations']);
    const half = await bank.ask('/accounts', { token });
    expect([half.status, bank.audit().at(-1)!['reason']]).toEqual([503, 'token_status_unknown']);

    await bank.authorizationServer.startRpc();
    await bank.untilReady();
    expect((await bank.ask('/accounts', { token })).status).toBe(200);
  });
});
