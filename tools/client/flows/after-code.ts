import { PlatformTrouble } from '../../platform/trouble.ts';
import { refreshTokens } from '../calls/receive-tokens.ts';
import { checkRevoked, introspect, revoke } from '../calls/token-management.ts';
import { callResource } from '../calls/use-token.ts';
import type { RelyingParty } from '../relying-party.ts';
import { byCode } from './code.ts';

/** A grant, a new access token from it, and the resource with that one. */
export async function refreshFlow(us: RelyingParty): Promise<void> {
  const { party, granted } = await byCode(us);
  if (granted.tokens.refresh_token === undefined)
    throw new PlatformTrouble(
      'the server gave no refresh token, so there is nothing to refresh with',
      'Is this client registered for the grant type refresh_token?',
    );
  await callResource(party, granted);
  const refreshed = await refreshTokens(party, granted);
  await callResource(party, refreshed);
}

/** A grant, what the server knows of its token, and the resource. */
export async function introspectFlow(us: RelyingParty): Promise<void> {
  const { party, granted } = await byCode(us);
  await introspect(party, granted);
  await callResource(party, granted);
}

/** A grant, its end, and a look whether it really ended. */
export async function revokeFlow(us: RelyingParty): Promise<void> {
  const { party, granted } = await byCode(us);
  await callResource(party, granted);
  await revoke(party, granted);
  await checkRevoked(party, granted);
}
