import type { AuthorizationState } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import { authorizationRequests } from './authorization-requests.ts';
import { cibaRequests } from './ciba-requests.ts';
import { consentRequests } from './consent-requests.ts';
import { grants } from './grants.ts';
import { refreshTokens } from './refresh-tokens.ts';
import { revocations } from './revocations.ts';
import type { AuthorizationTables } from './schema.ts';
import { usedOnce } from './used-once.ts';

/** What the authorization server remembers, in its store. */
export function authorizationState(store: Store<AuthorizationTables>): AuthorizationState {
  return {
    ...authorizationRequests(store),
    ...usedOnce(store),
    ...cibaRequests(store),
    ...consentRequests(store),
    ...refreshTokens(store),
    ...grants(store),
    ...revocations(store),
  };
}
