import { describe, expect, it } from 'vitest';
import { RevocationKind, TokenStatus } from './authorization/index.ts';
import { ConsentStatus } from './bank/index.ts';
import { connectRpc } from './connect-rpc.ts';
import { RpcError } from './rpc-error.ts';
import type { RpcCode } from './rpc-error.ts';
import { ACCOUNT, world } from './testing/bank-service.ts';
import { rawCaller } from './testing/raw-caller.ts';

const { pki, serve, connect, settings, closeLater } = world();

const LIST = '/holdfast.bank.v1.AccountDirectory/ListShareableAccounts';
const SECRET = 'SELECT balance FROM accounts WHERE customer = cus-alice-7302';

const tokenStatus = (port: number) => {
  const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity('bank/service') });
  closeLater(client);
  return client;
};

describe('a handler that fails', () => {
  const codes: RpcCode[] = [
    'invalid_argument',
    'not_found',
    'already_exists',
    'permission_denied',
    'failed_precondition',
    'aborted',
    'unavailable',
    'resource_exhausted',
    'unauthenticated',
  ];
  it.each(codes)('on purpose with %s: the code goes out, the words stay', async (code) => {
    const { port, failures } = await serve({ listShareableAccounts: () => Promise.reject(new RpcError(code, SECRET)) });
    const refused = await connect(port)
      .listShareableAccounts({ customerId: 'x' })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'RpcError', code });
    expect(failures).toMatchObject([{ method: LIST.slice(1), caller: 'authorization-server', code }]);
    expect(String(failures[0]?.error)).toContain(SECRET);
  });

  const accidents: [string, () => Promise<never>][] = [
    ['with an error', () => Promise.reject(new Error(SECRET))],
    [
      'at once',
      () => {
        throw new TypeError(SECRET);
      },
    ],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- careless code rejects with text; it must not go out either
    ['with text', () => Promise.reject(SECRET)],
    ['with a status of its own', () => Promise.reject(Object.assign(new Error(SECRET), { code: 0, details: SECRET }))],
  ];
  it.each(accidents)('%s: nothing of it goes out', async (_, fail) => {
    const { port, failures } = await serve({ listShareableAccounts: fail });
    const caller = rawCaller(port, pki.services.trust, pki.leaf('authorization-server/service'));
    closeLater(caller);
    expect(await caller.call(LIST)).toEqual({ code: 'INTERNAL', details: 'internal error' });
    expect(failures).toMatchObject([{ code: 'internal' }]);
  });

  it('in the middle of a stream: what came before arrives, and the end is an error', async () => {
    const { port, failures } = await serve({
      async *watchRevocations() {
        yield { cursor: 1, revocations: [], snapshotComplete: false };
        throw new Error(SECRET);
      },
    });
    const cursors: number[] = [];
    const reading = (async () => {
      for await (const { cursor } of tokenStatus(port).watchRevocations({ sinceCursor: 0 })) cursors.push(cursor);
    })();
    const refused = await reading.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'internal' });
    expect(String(refused)).not.toContain(SECRET);
    expect([cursors, failures.length]).toEqual([[1], 1]);
  });

  it('with an answer that is no message: the caller gets an error, not an empty message', async () => {
    const { port } = await serve({ listShareableAccounts: async () => undefined as never });
    await expect(connect(port).listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a client that is closed', () => {
  it('calls nobody', async () => {
    const { port, decisions } = await serve();
    const client = connect(port);
    await client.close();
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(client.ready(100)).rejects.toMatchObject({ code: 'cancelled' });
    expect(decisions).toEqual([]);
  });

  it('ends its streams, and lets a call in flight finish', async () => {
    const { port } = await serve({
      introspect: async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { active: true };
      },
    });
    const client = tokenStatus(port);
    const updates = client.watchRevocations({ sinceCursor: 0 })[Symbol.asyncIterator]();
    await updates.next();
    const inFlight = client.introspect({ tokenId: 't', grantId: 'g' });
    await Promise.all([client.close(), client.close()]);
    expect(await inFlight).toEqual({ active: true });
    await expect(
      (async () => {
        while (!(await updates.next()).done);
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a call', () => {
  it('carries every field there and back', async () => {
    const wanted = {
      requestId: 'r-1',
      customerId: 'cus-alice-7302',
      clientId: 'tidepool',
      clientName: 'Tidepool ☂',
      accountIds: ['a', 'b'],
      actions: ['list_accounts'],
      expiresAt: 4_102_444_800,
    };
    const { port } = await serve({
      authorizeConsent: async ({ requestId, ...rest }) => ({
        consent: { consentId: `c-${requestId}`, status: ConsentStatus.AUTHORIZED, ...rest },
      }),
    });
    const { requestId: _, ...rest } = wanted;
    expect(await connect(port).authorizeConsent(wanted)).toEqual({
      consent: { consentId: 'c-r-1', status: 'CONSENT_STATUS_AUTHORIZED', ...rest },
    });
  });

  it('shares one connection with a hundred others', async () => {
    const { port } = await serve();
    const client = connect(port);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => client.listShareableAccounts({ customerId: 'x' })),
    );
    expect(answers).toHaveLength(100);
    expect(answers.every(({ accounts }) => accounts[0]?.id === ACCOUNT.id)).toBe(true);
  });

  it('waits in line when there are more calls than one connection may carry', async () => {
    const { port } = await serve({}, { limits: { concurrentCalls: 4 } });
    const client = connect(port);
    const calls = Array.from({ length: 40 }, () => client.listShareableAccounts({ customerId: 'x' }));
    expect(await Promise.all(calls)).toHaveLength(40);
  });

  it('finds its handler on a class instance', async () => {
    class Directory {
      readonly accounts = [ACCOUNT];
      async listShareableAccounts() {
        return { accounts: this.accounts };
      }
    }
    const directory = new Directory();
    const { port } = await serve({ listShareableAccounts: () => directory.listShareableAccounts() });
    expect(await connect(port).listShareableAccounts({ customerId: 'x' })).toEqual({ accounts: [ACCOUNT] });
  });
});

describe('a stream', () => {
  it('is read until the reader has enough', async () => {
    const { port } = await serve();
    const seen: number[] = [];
    for await (const { cursor } of tokenStatus(port).watchRevocations({ sinceCursor: 4 })) {
      seen.push(cursor);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([5, 6, 7]);
  });

  it('ends by itself, complete and in order, however slowly it is read', async () => {
    const count = 500;
    const { port } = await serve({
      async *watchRevocations() {
        for (let cursor = 1; cursor <= count; cursor++) {
          const revocation = { kind: RevocationKind.GRANT, id: 'x'.repeat(1000), expiresAt: 1 };
          yield { cursor, revocations: [revocation], snapshotComplete: cursor === count };
        }
      },
    });
    const seen: number[] = [];
    for await (const { cursor, revocations } of tokenStatus(port).watchRevocations({ sinceCursor: 0 })) {
      seen.push(cursor);
      expect(revocations[0]?.kind).toBe('REVOCATION_KIND_GRANT');
      if (cursor % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });
});
