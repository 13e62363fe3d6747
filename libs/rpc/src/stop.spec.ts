import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TokenStatus } from './authorization/index.ts';
import type { AccountDirectoryClient } from './bank/index.ts';
import { connectRpc } from './connect-rpc.ts';
import { RpcError } from './rpc-error.ts';
import { ACCOUNT, world } from './testing/bank-service.ts';
import { underLoad } from './testing/load.ts';

const { pki, serve, connect, settings, closeLater } = world();

const slow = (ms: number) => ({
  listShareableAccounts: async () => {
    await sleep(ms);
    return { accounts: [ACCOUNT] };
  },
});
const call = (client: AccountDirectoryClient) => client.listShareableAccounts({ customerId: 'cus-alice-7302' });
const at = (port: number) => ({ address: { host: '127.0.0.1', port } });

describe('a server that has stopped', () => {
  it('is unavailable at once, not after the deadline of five seconds', async () => {
    const { port, server } = await serve();
    const client = connect(port);
    await call(client);
    await server.close();
    const begun = Date.now();
    await expect(call(client)).rejects.toMatchObject({ code: 'unavailable' });
    expect(Date.now() - begun).toBeLessThan(2_500);
  });

  it('was never there: ready says so, in time', async () => {
    const { port, server } = await serve();
    await server.close();
    await expect(connect(port).ready(300)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a server that stops', () => {
  it('ends its streams with an error, so that none looks complete', async () => {
    const { port, server } = await serve();
    const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity('bank/service') });
    closeLater(client);
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { cursor } of client.watchRevocations({ sinceCursor: 0 })) {
        seen.push(cursor);
        if (seen.length === 3) void server.close();
      }
    })();
    await expect(watching).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('waits for a handler that hangs no longer than it must', async () => {
    const { port, server } = await serve(slow(5000), { limits: { drainMs: 200 } });
    const stuck = call(connect(port));
    const failed = expect(stuck).rejects.toMatchObject({ code: 'unavailable' });
    await sleep(100);
    const begun = Date.now();
    await server.close();
    expect(Date.now() - begun).toBeLessThan(1500);
    await failed;
  });

  it('waits for a connection that never shakes hands no longer than it must', async () => {
    const { port, server } = await serve({}, { limits: { drainMs: 200 } });
    const mute = connectTcp(port, '127.0.0.1');
    mute.on('error', () => {});
    await once(mute, 'connect');
    const begun = Date.now();
    await server.close();
    expect(Date.now() - begun).toBeLessThan(1500);
    mute.destroy();
  });

  it('is not held up by idle callers, and may be told twice', async () => {
    const { port, server } = await serve();
    await call(connect(port));
    const begun = Date.now();
    await Promise.all([server.close(), server.close()]);
    expect(Date.now() - begun).toBeLessThan(2_500);
  });

  it('finishes every call in flight', async () => {
    const { port, server } = await serve(slow(300));
    const clients = [connect(port), connect(port)];
    await Promise.all(clients.map((client) => client.ready(2000)));
    const calls = Array.from({ length: 60 }, (_, each) => call(clients[each % 2]!));
    await sleep(100);
    await server.close();
    for (const { accounts } of await Promise.all(calls)) expect(accounts).toEqual([ACCOUNT]);
  });

  it('fails no call that it has begun, under load, while the next process takes over', async () => {
    const first = await serve(slow(20));
    const client = connect(first.port);
    await client.ready(2000);
    const load = underLoad(() => call(client));
    await sleep(100);
    const stopped = first.server.close();
    const second = await takeOver(first.port);
    await stopped;
    await expect.poll(() => second.decisions.length, { timeout: 3000 }).toBeGreaterThan(20);
    const failures = await load.stop();
    // Between two processes nobody listens: a call that begins then may fail, but only as unavailable and before it began.
    expect(failures.every((error) => error instanceof RpcError && error.code === 'unavailable')).toBe(true);
    const begun = first.decisions.length + second.decisions.length;
    expect(load.answered()).toBe(begun);
  });

  /** The next process, as soon as the address is free. */
  async function takeOver(port: number) {
    for (;;) {
      const next = await serve(slow(20), at(port)).catch(() => undefined);
      if (next) return next;
      await sleep(5);
    }
  }
});

describe('a client whose server restarts', () => {
  it('comes back by itself within about a second', async () => {
    const first = await serve();
    const client = connect(first.port);
    await call(client);
    await first.server.close();
    await expect(call(client)).rejects.toMatchObject({ code: 'unavailable' });
    // Long enough for the client to have backed off as far as it ever does.
    await sleep(2500);
    await serve({}, at(first.port));
    const begun = Date.now();
    await client.ready(3000);
    expect(Date.now() - begun).toBeLessThan(1500);
    expect(await call(client)).toEqual({ accounts: [ACCOUNT] });
  });
});
