import type { Audit } from '@holdfast/fapi';
import type { RpcDecision } from '@holdfast/rpc';

/**
 * Writes the calls that never reached a handler, and the connections that came to no call; what reaches one writes its own event.
 * @returns the listener for `serveRpc`
 */
export function auditRpcRefusals(audit: Audit): (decision: RpcDecision) => void {
  return ({ method, outcome, reason, caller, presented, thumbprint, handshake }) => {
    if (outcome === 'allowed') return;
    audit({
      action: method === undefined ? 'trust.rpc.connection' : 'trust.rpc.call',
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
