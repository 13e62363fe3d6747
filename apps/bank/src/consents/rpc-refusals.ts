import type { Audit } from '@holdfast/fapi';
import type { RpcDecision, ServerRefusal } from '@holdfast/rpc';

/**
 * Writes the calls that never reached a handler, and the connections that came to no call; what reaches one writes its own event.
 * @returns the listener for `serveRpc`
 */
export function auditRpcRefusals(audit: Audit): (decision: RpcDecision) => void {
  return ({ method, outcome, reason, caller, presented, thumbprint, handshake }) => {
    if (outcome === 'allowed') return;
    audit({
      action: method === undefined ? 'bank.rpc.connection' : 'bank.rpc.call',
      outcome,
      ...(reason === undefined ? {} : { reason }),
      ...(thumbprint === undefined ? {} : { presentedThumbprint: thumbprint }),
      evidence: {
        ...(method === undefined ? {} : { method }),
        presented: presented.join(' ').slice(0, 200),
        ...(caller === undefined ? {} : { caller }),
        ...(handshake === undefined ? {} : { handshake }),
      },
    });
  };
}

/**
 * Writes down whoever answered at the address of a service and was another one: a call was about to go there.
 * @returns the listener for `connectRpc`
 */
export function auditServers(audit: Audit): (refusal: ServerRefusal) => void {
  return ({ target, expected, presented, reason }) =>
    audit({
      action: 'bank.rpc.server',
      outcome: 'refused',
      reason,
      evidence: { target, expected, presented: presented.join(' ').slice(0, 200) },
    });
}
