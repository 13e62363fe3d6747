import { describe, expectTypeOf, it } from 'vitest';
import type { RevocationUpdate, TokenStatusClient, TokenStatusHandlers } from './authorization/index.ts';
import { AccountDirectory } from './bank/index.ts';
import type { AccountDirectoryClient, ListShareableAccountsResponse } from './bank/index.ts';
import { serveRpc } from './serve-rpc.ts';
import type { RpcServer, ServeRpcOptions } from './serve-rpc.ts';

type Rest = Omit<ServeRpcOptions<readonly []>, 'services'>;

describe('the types of a contract', () => {
  it('refuse a wrong answer, a forgotten method and a wrong request', () => {
    type Missing = Omit<TokenStatusHandlers, 'introspect'>;
    expectTypeOf<Missing>().not.toExtend<TokenStatusHandlers>();
    type Wrong = { introspect: () => Promise<{ isActive: boolean }> };
    expectTypeOf<Wrong>().not.toExtend<Pick<TokenStatusHandlers, 'introspect'>>();
    expectTypeOf<AccountDirectoryClient['listShareableAccounts']>()
      .parameter(0)
      .toEqualTypeOf<{ readonly customerId: string }>();
    expectTypeOf<TokenStatusHandlers['watchRevocations']>().returns.toEqualTypeOf<AsyncIterable<RevocationUpdate>>();
  });

  it('give each side its own view', () => {
    expectTypeOf<TokenStatusClient['watchRevocations']>().returns.toEqualTypeOf<AsyncIterable<RevocationUpdate>>();
    expectTypeOf<AccountDirectoryClient['listShareableAccounts']>().returns.toEqualTypeOf<
      Promise<ListShareableAccountsResponse>
    >();
    // Handlers written in place get their types from the definition beside them.
    const serve = (rest: Rest) =>
      serveRpc({
        ...rest,
        services: [
          {
            definition: AccountDirectory,
            implementation: {
              listShareableAccounts: async ({ customerId }, { caller }) => {
                expectTypeOf(customerId).toBeString();
                expectTypeOf(caller).toBeString();
                return { accounts: [] };
              },
              authorizeConsent: async () => ({ consent: undefined }),
              revokeConsent: async () => ({ consent: undefined }),
            },
          },
        ],
      });
    expectTypeOf(serve).returns.resolves.toEqualTypeOf<RpcServer>();
  });
});
