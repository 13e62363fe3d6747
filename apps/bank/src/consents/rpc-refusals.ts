import type { Audit } from '@holdfast/fapi';
import { factsOfDecision, factsOfServer } from '@holdfast/rpc';
import type { RpcDecision, ServerRefusal } from '@holdfast/rpc';

/**
 * Writes the calls that never reached a handler, and the connections that came to no call; what reaches one writes its own event.
 * @returns the listener for `serveRpc`
 */
export function auditRpcRefusals(audit: Audit): (decision: RpcDecision) => void {
  return (decision) => {
    if (decision.outcome === 'allowed') return;
    audit({ action: decision.method ? 'bank.rpc.call' : 'bank.rpc.connection', ...factsOfDecision(decision) });
  };
}

/**
 * Writes down whoever answered at the address of a service and was another one: a call was about to go there.
 * @returns the listener for `connectRpc`
 */
export function auditServers(audit: Audit): (refusal: ServerRefusal) => void {
  return (refusal) => audit({ action: 'bank.rpc.server', ...factsOfServer(refusal) });
}
