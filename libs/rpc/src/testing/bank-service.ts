import { throwAwayPki } from '@holdfast/mtls/testing';
import type { SwappableIdentity, ThrowAwayPki } from '@holdfast/mtls/testing';
import { afterEach } from 'vitest';
import { AccountDirectory } from '../bank/index.ts';
import type { AccountDirectoryClient, AccountDirectoryHandlers } from '../bank/index.ts';
import { TokenStatus } from '../authorization/index.ts';
import type { TokenStatusHandlers } from '../authorization/index.ts';
import type { RpcDecision } from '../caller.ts';
import { connectRpc } from '../connect-rpc.ts';
import type { ConnectRpcOptions } from '../connect-rpc.ts';
import type { RpcFailure } from '../served-call.ts';
import { serveRpc } from '../serve-rpc.ts';
import type { RpcServer, ServeRpcOptions } from '../serve-rpc.ts';

/** Both contracts in one process, which no real process does: the specs need a plain method and a stream side by side. */
export type BothContracts = readonly [typeof AccountDirectory, typeof TokenStatus];

export const CALLERS = {
  'holdfast.bank.v1.AccountDirectory/ListShareableAccounts': ['authorization-server'],
  'holdfast.bank.v1.AccountDirectory/AuthorizeConsent': ['authorization-server'],
  'holdfast.bank.v1.AccountDirectory/RevokeConsent': ['authorization-server'],
  'holdfast.authorization.v1.TokenStatus/Introspect': ['bank'],
  'holdfast.authorization.v1.TokenStatus/WatchRevocations': ['bank', 'authorization-server'],
  'grpc.health.v1.Health/Check': ['spiffe://holdfast.test/authorization-server', 'bank'],
  'grpc.health.v1.Health/Watch': ['authorization-server'],
} as const;

export const ACCOUNT = {
  id: 'acc-1',
  displayName: 'Household',
  maskedNumber: '••12',
  currency: 'EUR',
  type: 'current',
} as const;

const accounts: AccountDirectoryHandlers = {
  listShareableAccounts: async () => ({ accounts: [ACCOUNT] }),
  authorizeConsent: async () => ({ consent: undefined }),
  revokeConsent: async () => ({ consent: undefined }),
};
const tokens: TokenStatusHandlers = {
  introspect: async () => ({ active: true }),
  // Three updates and then silence, until the stream is ended from either side.
  async *watchRevocations({ sinceCursor }, { signal }) {
    for (let cursor = sinceCursor + 1; cursor <= sinceCursor + 3; cursor++) {
      yield { cursor, revocations: [], snapshotComplete: true };
    }
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
};

export interface BankService {
  readonly server: RpcServer;
  readonly port: number;
  readonly identity: SwappableIdentity;
  readonly decisions: RpcDecision[];
  readonly failures: RpcFailure[];
}

export interface World {
  readonly pki: ThrowAwayPki;
  /** Starts the bank's server on a free port (or the one given), with handlers replaced one by one. */
  readonly serve: (
    overrides?: Partial<AccountDirectoryHandlers & TokenStatusHandlers>,
    options?: Partial<ServeRpcOptions<BothContracts>>,
  ) => Promise<BankService>;
  /** A client of the account directory as the authorization server would have it. */
  readonly connect: (port: number, options?: Partial<ConnectRpcOptions>) => AccountDirectoryClient;
  /** The settings that `connect` uses. */
  readonly settings: (port: number) => ConnectRpcOptions;
  /** Closes something when the spec is over. */
  readonly closeLater: (closable: { close(): unknown }) => void;
}

/** A PKI and whatever servers and clients a spec opens; every one of them is closed after it, and must close. */
export function world(pki: ThrowAwayPki = throwAwayPki()): World {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });
  const settings = (port: number): ConnectRpcOptions => ({
    target: `rpc.bank.localhost:${port}`,
    identity: pki.identity('authorization-server/service'),
    serverTrust: pki.door('services'),
    expect: 'spiffe://holdfast.test/bank',
    names: 'loopback',
    deadlineMs: 5_000,
  });
  return {
    pki,
    settings,
    closeLater: (closable) => void open.push(closable),
    async serve(overrides = {}, options = {}) {
      const identity = pki.identity('bank/service');
      const decisions: RpcDecision[] = [];
      const failures: RpcFailure[] = [];
      const server = await serveRpc<BothContracts>({
        name: 'bank',
        address: { host: '127.0.0.1', port: 0 },
        identity,
        peers: pki.door('services'),
        callers: CALLERS,
        services: [
          { definition: AccountDirectory, implementation: { ...accounts, ...overrides } },
          { definition: TokenStatus, implementation: { ...tokens, ...overrides } },
        ],
        onDecision: (decision) => decisions.push(decision),
        onFailure: (failure) => failures.push(failure),
        ...options,
      });
      open.push(server);
      return { server, port: server.port, identity, decisions, failures };
    },
    connect(port, options = {}) {
      const client = connectRpc(AccountDirectory, { ...settings(port), ...options });
      open.push(client);
      return client;
    },
  };
}
