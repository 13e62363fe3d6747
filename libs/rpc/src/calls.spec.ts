import { describe, expect, it } from 'vitest';
import { TokenStatus } from './authorization/index.ts';
import { connectRpc } from './connect-rpc.ts';
import { RpcError } from './rpc-error.ts';
import { ACCOUNT, world } from './testing/bank-service.ts';

const { pki, serve, connect, settings, closeLater } = world();

const nextTo = (port: number) => {
  const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity('bank/service') });
  closeLater(client);
  return client;
};

describe('a call that fails', () => {
  it('tells the caller the code a handler chose, and keeps its words here', async () => {
    const failing = {
      listShareableAccounts: () => Promise.reject(new RpcError('not_found', 'no row for cus-alice-7302')),
    };
    const { port, failures } = await serve(failing);
    const refused = await connect(port)
      .listShareableAccounts({ customerId: 'cus-alice-7302' })
      .catch((e: unknown) => e);
    expect(refused).toMatchObject({ name: 'RpcError', code: 'not_found' });
    expect(String(refused)).not.toContain('cus-alice-7302');
    expect(failures).toMatchObject([{ caller: 'authorization-server', code: 'not_found' }]);
  });
});

describe('a call that succeeds', () => {
  it('answers', async () => {
    const { port } = await serve();
    const client = connect(port);
    await client.ready(2000);
    expect(await client.listShareableAccounts({ customerId: 'cus-alice-7302' })).toEqual({ accounts: [ACCOUNT] });
  });

  it('streams until the reader has enough', async () => {
    const { port } = await serve();
    const seen: number[] = [];
    for await (const update of nextTo(port).watchRevocations({ sinceCursor: 4 })) {
      seen.push(update.cursor);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([5, 6, 7]);
  });
});
