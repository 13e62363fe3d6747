import { describe, expect, it } from 'vitest';
import { AccountDirectory } from './bank/index.ts';
import { callersConfig } from './callers-config.ts';
import { CALLERS, world } from './testing/bank-service.ts';

const { pki, serve } = world();

const REVOKE = 'holdfast.bank.v1.AccountDirectory/RevokeConsent';
const without = (method: string) => Object.fromEntries(Object.entries(CALLERS).filter(([name]) => name !== method));

describe('a server does not boot', () => {
  it.each(Object.keys(CALLERS))('when nobody is listed for %s', async (method) => {
    await expect(serve({}, { callers: without(method) })).rejects.toMatchObject({
      name: 'RpcConfigError',
      message: expect.stringContaining(method),
      remedy: expect.any(String),
    });
  });

  it.each([
    ['an empty list', { [REVOKE]: [] }, REVOKE],
    ['a list for a method that is not served', { 'holdfast.bank.v1.AccountDirectory/Drop': ['bank'] }, 'Drop'],
    ['a list for a whole service', { 'holdfast.bank.v1.AccountDirectory': ['bank'] }, 'not served'],
    ['a list for everything', { '*': ['bank'] }, 'not served'],
    ['a list under the path with its slash', { [`/${REVOKE}`]: ['bank'] }, 'not served'],
    ['everybody as a caller', { [REVOKE]: ['*'] }, '"*"'],
    ['a caller without a name', { [REVOKE]: [''] }, '""'],
    ['a caller of another trust domain', { [REVOKE]: ['spiffe://holdfast.example/bank'] }, 'holdfast.example'],
    ['a caller in upper case', { [REVOKE]: ['Bank'] }, '"Bank"'],
    ['a caller by host name', { [REVOKE]: ['rpc.bank.localhost'] }, 'rpc.bank.localhost'],
  ])('with %s', async (_, lists, words) => {
    await expect(serve({}, { callers: { ...CALLERS, ...lists } })).rejects.toMatchObject({
      name: 'RpcConfigError',
      message: expect.stringContaining(words),
    });
  });

  it('with a list only on the prototype', async () => {
    const callers = Object.assign(Object.create({ [REVOKE]: ['lab'] }) as object, without(REVOKE));
    await expect(serve({}, { callers })).rejects.toMatchObject({ message: expect.stringContaining(REVOKE) });
  });

  it('with a method that nobody implements', async () => {
    const forgotten = { revokeConsent: undefined } as never;
    await expect(serve(forgotten)).rejects.toMatchObject({ message: `${REVOKE} has no handler` });
  });

  it('with the same contract twice', async () => {
    const answer = async () => ({ accounts: [], consent: undefined });
    const implementation = { listShareableAccounts: answer, authorizeConsent: answer, revokeConsent: answer };
    const again = { definition: AccountDirectory, implementation };
    const twice = { services: [again, again] as never, callers: listsOf('AccountDirectory') };
    await expect(serve({}, twice)).rejects.toMatchObject({ message: expect.stringContaining('served twice') });
  });

  it("with another service's certificate, or one that names none", async () => {
    const wrong = { identity: pki.identity('authorization-server/service') };
    await expect(serve({}, wrong)).rejects.toMatchObject({ name: 'RpcConfigError' });
    await expect(serve({}, { identity: pki.identity('bank/api') })).rejects.toMatchObject({ name: 'RpcConfigError' });
  });

  it.each([
    ['connectionAgeMs', 365 * 86_400_000],
    ['unaryMs', Number.POSITIVE_INFINITY],
    ['streamMs', 0],
    ['messageBytes', -1],
    ['drainMs', Number.NaN],
    ['noSuchLimit', 1],
  ])('with a limit widened: %s of %d', async (name, value) => {
    await expect(serve({}, { limits: { [name]: value } })).rejects.toMatchObject({
      name: 'RpcConfigError',
      message: expect.stringContaining(name),
    });
  });

  it('on an address that is taken', async () => {
    const { port } = await serve();
    await expect(serve({}, { address: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      name: 'RpcConfigError',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});

describe('the configuration of callers', () => {
  it.each([
    ['a single name', { [REVOKE]: 'bank' }],
    ['an empty list', { [REVOKE]: [] }],
    ['a wildcard', { '*': ['bank'] }],
    ['a list', ['bank']],
  ])('is not %s', (_, config) => {
    expect(callersConfig.safeParse(config).success).toBe(false);
  });

  it('is a list of services for each method', () => {
    expect(callersConfig.parse(CALLERS)).toEqual(CALLERS);
  });
});

describe('a server boots', () => {
  it('with a list for every method, and listens', async () => {
    const { port } = await serve({}, { limits: { connectionAgeMs: 60_000 } });
    expect(port).toBeGreaterThan(0);
  });
});

function listsOf(service: string) {
  return Object.fromEntries(
    Object.entries(CALLERS).filter(([name]) => name.includes(service) || name.startsWith('grpc.')),
  );
}
