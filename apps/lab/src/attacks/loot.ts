import type { WeakCustomer } from '../control-group/weak-customers.ts';
import type { Exchange } from '../wire/https-call.ts';
import { jsonOf } from '../wire/https-call.ts';
import { Secret } from '../wire/secret.ts';

/** Proof of a theft from a weak bank: the victim's money is on the thief's screen. */
export function balanceOf(customer: WeakCustomer): (exchange: Exchange) => string | undefined {
  return ({ body }) => (body.includes(customer.balance) ? `${customer.name}: ${customer.balance} EUR` : undefined);
}

/** Proof of a theft from a weak authorization server: a token, or the handle of a request made in another's name. */
export function tokenIn(exchange: Exchange): string | undefined {
  for (const member of ['access_token', 'request_uri']) {
    const value = jsonOf(exchange)[member];
    if (typeof value === 'string') return `${member} ${new Secret(value).shown}`;
  }
  return undefined;
}
