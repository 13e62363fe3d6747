import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TokenStatus } from './authorization/index.ts';
import { connectRpc } from './connect-rpc.ts';
import { ACCOUNT, world } from './testing/bank-service.ts';
import { rawCaller } from './testing/raw-caller.ts';

const { pki, serve, connect, settings, closeLater } = world();

const LIST = '/holdfast.bank.v1.AccountDirectory/ListShareableAccounts';

/** A handler that waits for its signal, and says when it was told to stop. */
function waitingHandler() {
  const stopped: number[] = [];
  const begun = Date.now();
  return {
    stopped,
    listShareableAccounts: async (_: unknown, { signal }: { signal: AbortSignal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped.push(Date.now() - begun);
      return { accounts: [] };
    },
  };
}

describe('a call ends', () => {
  it('at the deadline of its client, on both sides', async () => {
    const { stopped, ...handler } = waitingHandler();
    const { port, failures } = await serve(handler);
    const client = connect(port, { deadlineMs: 200 });
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    await expect.poll(() => stopped.length).toBe(1);
    // The caller has gone: what the handler does now is nobody's failure.
    expect(failures).toEqual([]);
  });

  it('at the deadline of one call', async () => {
    const { stopped, ...handler } = waitingHandler();
    const { port } = await serve(handler);
    const call = connect(port).listShareableAccounts({ customerId: 'x' }, { deadlineMs: 100 });
    await expect(call).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await expect.poll(() => stopped.length).toBe(1);
  });

  it("at the server's bound, when its caller set no deadline", async () => {
    const { stopped, ...handler } = waitingHandler();
    const { port } = await serve(handler, { limits: { unaryMs: 200 } });
    const caller = rawCaller(port, pki.services.trust, pki.leaf('authorization-server/service'));
    closeLater(caller);
    expect(await caller.call(LIST)).toEqual({ code: 'DEADLINE_EXCEEDED', details: 'deadline exceeded' });
    expect(stopped).toHaveLength(1);
  });

  it("at the server's bound, when its caller wants longer", async () => {
    const { stopped, ...handler } = waitingHandler();
    const { port } = await serve(handler, { limits: { unaryMs: 200 } });
    const call = connect(port).listShareableAccounts({ customerId: 'x' }, { deadlineMs: 60_000 });
    await expect(call).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(stopped).toHaveLength(1);
  });

  it('when its caller cancels it', async () => {
    const { stopped, ...handler } = waitingHandler();
    const { port } = await serve(handler);
    const patience = new AbortController();
    const call = connect(port).listShareableAccounts({ customerId: 'x' }, { signal: patience.signal });
    setTimeout(() => patience.abort(), 100);
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => stopped.length).toBe(1);
  });

  it('before it begins, when its caller had already cancelled', async () => {
    const { port, decisions } = await serve();
    const call = connect(port).listShareableAccounts({ customerId: 'x' }, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(decisions).toEqual([]);
  });

  it('when its message is too large, either way', async () => {
    const large = 'x'.repeat(2000);
    const { port } = await serve(
      { listShareableAccounts: async () => ({ accounts: [{ ...ACCOUNT, displayName: large }] }) },
      { limits: { messageBytes: 1000 } },
    );
    const client = connect(port);
    const sent = client.listShareableAccounts({ customerId: large });
    await expect(sent).rejects.toMatchObject({ code: 'resource_exhausted' });
    const received = client.listShareableAccounts({ customerId: 'x' });
    await expect(received).rejects.toMatchObject({ code: 'resource_exhausted' });
  });
});

describe('a stream ends', () => {
  const watcher = (port: number) => {
    const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity('bank/service') });
    closeLater(client);
    return client;
  };
  const readAll = async (updates: AsyncIterable<{ readonly cursor: number }>) => {
    const seen: number[] = [];
    for await (const { cursor } of updates) seen.push(cursor);
    return seen;
  };

  it("at the server's bound", async () => {
    const { port } = await serve({}, { limits: { streamMs: 300 } });
    const begun = Date.now();
    await expect(readAll(watcher(port).watchRevocations({ sinceCursor: 0 }))).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(Date.now() - begun).toBeLessThan(2000);
  });

  it('when its reader cancels, here and at the server', async () => {
    let told = false;
    const { port, failures } = await serve({
      async *watchRevocations(_, { signal }) {
        signal.addEventListener('abort', () => (told = true));
        for (let cursor = 1; ; cursor++) {
          yield { cursor, revocations: [], snapshotComplete: true };
          await sleep(20, undefined, { signal });
        }
      },
    });
    const patience = new AbortController();
    setTimeout(() => patience.abort(), 150);
    const reading = readAll(watcher(port).watchRevocations({ sinceCursor: 0 }, { signal: patience.signal }));
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => told).toBe(true);
    expect(failures).toEqual([]);
  });

  it('when its reader leaves the loop: the server stops producing', async () => {
    let finished = false;
    const { port } = await serve({
      async *watchRevocations() {
        try {
          for (let cursor = 1; ; cursor++) {
            yield { cursor, revocations: [], snapshotComplete: true };
            await sleep(10);
          }
        } finally {
          finished = true;
        }
      },
    });
    for await (const { cursor } of watcher(port).watchRevocations({ sinceCursor: 0 })) if (cursor === 2) break;
    await expect.poll(() => finished).toBe(true);
  });

  it('when its connection is too old, without looking complete', async () => {
    const limits = { connectionAgeMs: 200, connectionAgeGraceMs: 200 };
    const { port } = await serve({}, { limits });
    await expect(readAll(watcher(port).watchRevocations({ sinceCursor: 0 }))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

describe('a connection of bounded age', () => {
  it('is replaced without a failed call', async () => {
    const { port } = await serve({}, { limits: { connectionAgeMs: 300, connectionAgeGraceMs: 500 } });
    const client = connect(port);
    const end = Date.now() + 2_000;
    let calls = 0;
    while (Date.now() < end) {
      await Promise.all([1, 2, 3].map((each) => client.listShareableAccounts({ customerId: String(each) })));
      calls += 3;
    }
    expect(calls).toBeGreaterThan(30);
  });
});
