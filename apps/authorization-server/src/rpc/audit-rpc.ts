import type { ProcessContext } from '@holdfast/host';
import type { RpcDecision, RpcFailure } from '@holdfast/rpc';

/** Writes the decisions of the gRPC listener to the audit trail and its failures to the log. */
export function auditRpc(ctx: ProcessContext<unknown>): {
  onDecision(decision: RpcDecision): void;
  onFailure(failure: RpcFailure): void;
} {
  return {
    onDecision: ({ method, outcome, reason, caller, presented, thumbprint }) =>
      ctx.audit({
        action: `rpc.${method}`,
        outcome,
        ...(reason === undefined ? {} : { reason }),
        ...(thumbprint === undefined ? {} : { presentedThumbprint: thumbprint }),
        evidence: { caller: caller ?? 'unknown', presented: presented.join(' ') },
      }),
    onFailure: (failure) => ctx.log.error({ ...failure }, 'a gRPC handler failed'),
  };
}
