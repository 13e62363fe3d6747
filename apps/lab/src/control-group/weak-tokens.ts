import { randomBytes } from 'node:crypto';
import type { WeakCustomer } from './weak-customers.ts';

/** What a code, access token or refresh token of the control group stands for. */
export interface WeakGrant {
  readonly customer: WeakCustomer;
  readonly client: string;
  readonly scope: string;
  /** `x5t#S256` of whoever fetched the token, where a weak server writes it down. */
  readonly thumbprint?: string | undefined;
}

/** Codes and tokens in a map. Reading one does not use it up, and nothing ever expires. */
export class WeakTokens {
  readonly #grants = new Map<string, WeakGrant>();

  create(grant: WeakGrant): string {
    const handle = randomBytes(32).toString('base64url');
    this.#grants.set(handle, grant);
    return handle;
  }

  find(handle: string | null | undefined): WeakGrant | undefined {
    return handle === null || handle === undefined ? undefined : this.#grants.get(handle);
  }

  remove(handle: string | null): void {
    if (handle !== null) this.#grants.delete(handle);
  }
}
