import type { FlowName } from '../../flows/flow-names.ts';
import type { Reason } from '../../refusal.ts';
import type { Bend } from '../bend.ts';
import type { Endpoint } from '../hostile-server.ts';
import type { Variant } from '../registration.ts';
import type { Addresses } from '../server-state.ts';

/**
 * What a protocol library does with a fault when nothing is added to it: stops before the endpoint that must not be
 * called, or goes on.
 */
export type Alone = 'refuses' | 'goes on';

/** One thing a server does wrong, and what a client does about it. */
export interface Fault {
  /** Completes "refuses …". */
  readonly title: string;
  readonly flow?: FlowName;
  readonly variant?: Variant;
  readonly bend: Bend | ((addresses: Addresses) => Bend);
  readonly reason: Reason;
  /** The next call, which must not be made. */
  readonly before: Endpoint;
  /** How often that endpoint was called rightly, earlier in the flow; never when absent. */
  readonly earlier?: number;
  /** What the libraries do by themselves; absent where the fault concerns something they have no part in. */
  readonly alone?: { readonly oauth4webapi: Alone; readonly 'openid-client': Alone };
}

/** Both libraries see to it. */
export const BOTH_REFUSE = { oauth4webapi: 'refuses', 'openid-client': 'refuses' } as const;

/** Neither does: this client's own check is all there is. */
export const BOTH_GO_ON = { oauth4webapi: 'goes on', 'openid-client': 'goes on' } as const;

export const seconds = (): number => Math.floor(Date.now() / 1000);
