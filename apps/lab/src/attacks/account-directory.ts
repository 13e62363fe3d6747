import type { RpcServer } from '../real/real-stack.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange } from '../wire/https-call.ts';
import { grpcCall } from '../wire/grpc-call.ts';
import type { ProtoValue } from '../wire/protobuf.ts';
import { encodeMessage } from '../wire/protobuf.ts';

const SERVICE = 'holdfast.bank.v1.AccountDirectory';

/** What an intruder on the internal network asks the bank first. */
export function listShareableAccounts(
  caller: Caller,
  server: RpcServer,
  customer = 'cus-alice-7302',
): Promise<Exchange> {
  return callDirectory(caller, server, 'ListShareableAccounts', { 1: customer });
}

/** Gives himself a consent for somebody else's accounts, valid for an hour. */
export function authorizeConsent(caller: Caller, server: RpcServer, customer = 'cus-alice-7302'): Promise<Exchange> {
  return callDirectory(caller, server, 'AuthorizeConsent', {
    1: 'request-of-an-intruder',
    2: customer,
    3: 'lab-second-client',
    4: 'Nobody in particular',
    5: ['current'],
    6: ['list_accounts', 'read_balances'],
    7: Math.floor(Date.now() / 1000) + 3600,
  });
}

/** Takes somebody's consent away. */
export function revokeConsent(caller: Caller, server: RpcServer): Promise<Exchange> {
  return callDirectory(caller, server, 'RevokeConsent', { 1: 'any-consent' });
}

/** A method the contract does not have: what nobody wrote a rule for must be closed as well. */
export function exportEverything(caller: Caller, server: RpcServer): Promise<Exchange> {
  return callDirectory(caller, server, 'ExportEverything', {});
}

function callDirectory(
  caller: Caller,
  server: RpcServer,
  method: string,
  fields: Readonly<Record<number, ProtoValue>>,
): Promise<Exchange> {
  return grpcCall(caller, { ...server, method: `${SERVICE}/${method}`, message: encodeMessage(fields) });
}
