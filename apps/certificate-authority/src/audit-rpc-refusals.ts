import type { Audit } from '@holdfast/fapi';
import { factsOfDecision } from '@holdfast/rpc';
import type { RpcDecision } from '@holdfast/rpc';

/**
 * Writes the calls that never reached a handler, and the connections that came to no call; what reaches one writes its own event.
 * @returns the listener for `serveRpc`
 */
export function auditRpcRefusals(audit: Audit): (decision: RpcDecision) => void {
  return (decision) => {
    if (decision.outcome === 'allowed') return;
    audit({ action: decision.method ? 'trust.rpc.call' : 'trust.rpc.connection', ...factsOfDecision(decision) });
  };
}
