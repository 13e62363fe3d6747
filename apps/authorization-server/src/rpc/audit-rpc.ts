import type { ProcessContext } from '@holdfast/host';
import type { RpcDecision, RpcFailure, ServerRefusal } from '@holdfast/rpc';

/** Writes the decisions of the gRPC listener to the audit trail and its failures to the log. */
export function auditRpc(ctx: ProcessContext<unknown>): {
  onDecision(decision: RpcDecision): void;
  onFailure(failure: RpcFailure): void;
} {
  return {
    onDecision: ({ method = 'connection', outcome, reason, caller, presented, thumbprint, handshake }) =>
      ctx.audit({
        action: `rpc.${method}`,
        outcome,
        ...(reason === undefined ? {} : { reason }),
        ...(thumbprint === undefined ? {} : { presentedThumbprint: thumbprint }),
        evidence: {
          caller: caller ?? 'unknown',
          presented: presented.join(' '),
          ...(handshake === undefined ? {} : { handshake }),
        },
      }),
    onFailure: (failure) => ctx.log.error({ ...failure }, 'a gRPC handler failed'),
  };
}

/** Writes down whoever answered at the address of a service and was another one: a call was about to go there. */
export function auditServers(ctx: Pick<ProcessContext<unknown>, 'audit'>): (refusal: ServerRefusal) => void {
  return ({ target, expected, presented, reason }) =>
    ctx.audit({
      action: 'rpc.server',
      outcome: 'refused',
      reason,
      evidence: { target, expected, presented: presented.join(' ').slice(0, 200) },
    });
}
