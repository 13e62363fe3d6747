import { describe, expect, it } from 'vitest';
import { channelTarget } from './loopback-resolver.ts';
import { ACCOUNT, world } from './testing/bank-service.ts';

const { pki, serve, connect } = world();

describe('a target', () => {
  it.each([
    '',
    'rpc.bank.localhost',
    ':9545',
    'rpc.bank.localhost:',
    'rpc bank:1',
    'dns:rpc:1',
    'unix:/run/x',
    'a/b:1',
  ])('is not %j', (target) => {
    expect(() => channelTarget(target, 'loopback')).toThrow(expect.objectContaining({ name: 'RpcConfigError' }));
  });

  it.each([
    ['rpc.bank.example:9545', 'loopback', 'dns:rpc.bank.example:9545'],
    ['localhost.example:9545', 'loopback', 'dns:localhost.example:9545'],
    ['evil-localhost:9545', 'loopback', 'dns:evil-localhost:9545'],
    ['rpc.bank.localhost:9545', 'dns', 'dns:rpc.bank.localhost:9545'],
    ['rpc.bank.localhost:9545', 'loopback', 'loopback:rpc.bank.localhost:9545'],
    ['localhost:9545', 'loopback', 'loopback:localhost:9545'],
  ] as const)('%s with names by %s is %s', (target, names, resolved) => {
    expect(channelTarget(target, names)).toBe(resolved);
  });
});

describe('a name', () => {
  it('resolved by the system is still the name the certificate must have', async () => {
    const { port, identity } = await serve();
    const byName = { target: `localhost:${port}`, names: 'dns' } as const;
    await expect(connect(port, byName).listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    identity.swap(
      pki.mint({
        issuer: pki.services.intermediate,
        uris: ['spiffe://holdfast.test/bank'],
        dnsNames: ['localhost'],
        purpose: 'both',
      }),
    );
    const client = connect(port, byName);
    expect(await client.listShareableAccounts({ customerId: 'x' })).toEqual({ accounts: [ACCOUNT] });
  });
});
