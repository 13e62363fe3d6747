import type { ProcessContext } from '@holdfast/host';
import { factsOfDecision, factsOfServer } from '@holdfast/rpc';
import type { RpcDecision, RpcFailure, ServerRefusal } from '@holdfast/rpc';

/** Writes the decisions of the gRPC listener to the audit trail and its failures to the log. */
export function auditRpc(ctx: ProcessContext<unknown>): {
  onDecision(decision: RpcDecision): void;
  onFailure(failure: RpcFailure): void;
} {
  return {
    onDecision: (decision) =>
      ctx.audit({ action: `rpc.${decision.method ?? 'connection'}`, ...factsOfDecision(decision) }),
    onFailure: (failure) => ctx.log.error({ ...failure }, 'a gRPC handler failed'),
  };
}

/** Writes down whoever answered at the address of a service and was another one: a call was about to go there. */
export function auditServers(ctx: Pick<ProcessContext<unknown>, 'audit'>): (refusal: ServerRefusal) => void {
  return (refusal) => ctx.audit({ action: 'rpc.server', ...factsOfServer(refusal) });
}
