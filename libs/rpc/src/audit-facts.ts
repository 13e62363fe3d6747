import type { RpcDecision } from './caller.ts';
import type { ServerRefusal } from './server-identity.ts';

/** Characters of the names in a certificate, which a stranger chose. */
const LONGEST = 200;

/** What an audit trail has to say of a decision, but for the name of the action: never a header, a message or a key. */
export function factsOfDecision({ method, outcome, reason, caller, presented, thumbprint, handshake }: RpcDecision) {
  return {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(thumbprint === undefined ? {} : { presentedThumbprint: thumbprint }),
    evidence: {
      ...(method === undefined ? {} : { method }),
      presented: presented.join(' ').slice(0, LONGEST),
      ...(caller === undefined ? {} : { caller }),
      ...(handshake === undefined ? {} : { handshake }),
    },
  };
}

/** The same of somebody who answered at the address of a service and was another one. */
export function factsOfServer({ target, expected, presented, reason }: ServerRefusal) {
  const evidence = { target, expected, presented: presented.join(' ').slice(0, LONGEST) };
  return { outcome: 'refused', reason, evidence } as const;
}
