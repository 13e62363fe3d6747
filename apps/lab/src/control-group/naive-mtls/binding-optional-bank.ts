import type { WeakRequest } from '../weak-server.ts';
import type { WeakGrant } from '../weak-tokens.ts';
import { liveThumbprint } from './any-certificate-authorization-server.ts';
import { UnboundBank } from './unbound-bank.ts';

/** Compares the certificate with the binding of the token, if the token has one: `if (token.cnf) check()`. */
export class BindingOptionalBank extends UnboundBank {
  protected override admits({ thumbprint }: WeakGrant, { socket }: WeakRequest): boolean {
    // Lost here: a token without a binding is the one a thief would bring.
    return thumbprint === undefined || thumbprint === liveThumbprint(socket);
  }
}
