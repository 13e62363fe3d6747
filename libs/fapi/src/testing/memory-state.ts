import type { AuthorizationState, Grant, IssuedCode, NewRefreshToken, PushedRequest, Revocation } from '../as/state.ts';

interface Once<T> {
  readonly value: T;
  readonly until: Date;
  used: boolean;
}

/**
 * The state in memory, for tests of rules. It passes the same contract as the stores; no process uses it, because what it
 * knows is gone with the process and unknown to its replicas.
 */
export class MemoryState implements AuthorizationState {
  readonly pushedRequests = new Map<string, Once<PushedRequest>>();
  readonly codes = new Map<string, Once<IssuedCode>>();
  readonly refreshTokens = new Map<string, NewRefreshToken & { replaced: boolean }>();
  readonly grants = new Map<string, Grant>();
  readonly revocations = new Map<string, Revocation>();
  readonly endedConsents = new Set<string>();

  createPushedRequest(requestUri: string, request: PushedRequest, until: Date): Promise<void> {
    this.pushedRequests.set(requestUri, { value: request, until, used: false });
    return Promise.resolve();
  }

  findPushedRequest(requestUri: string, now: Date): Promise<{ request: PushedRequest; used: boolean } | undefined> {
    const found = this.pushedRequests.get(requestUri);
    if (found === undefined || (!found.used && found.until <= now)) return Promise.resolve(undefined);
    return Promise.resolve({ request: found.value, used: found.used });
  }

  completeAuthorization(completion: Parameters<AuthorizationState['completeAuthorization']>[0]): Promise<boolean> {
    const { requestUri, now, grant, code, issued, codeUntil } = completion;
    if (!take(this.pushedRequests.get(requestUri), now)) return Promise.resolve(false);
    this.grants.set(grant.id, grant);
    this.codes.set(code, { value: issued, until: codeUntil, used: false });
    return Promise.resolve(true);
  }

  refuseAuthorization(requestUri: string, now: Date): Promise<boolean> {
    return Promise.resolve(take(this.pushedRequests.get(requestUri), now));
  }

  findCode(code: string, now: Date): Promise<{ issued: IssuedCode; used: boolean; expired: boolean } | undefined> {
    const found = this.codes.get(code);
    return Promise.resolve(found && { issued: found.value, used: found.used, expired: found.until <= now });
  }

  redeemCode(
    code: string,
    _now: Date,
    refreshToken: Parameters<AuthorizationState['redeemCode']>[2],
  ): Promise<boolean> {
    const found = this.codes.get(code);
    if (found === undefined || found.used) return Promise.resolve(false);
    found.used = true;
    if (refreshToken !== undefined) this.refreshTokens.set(refreshToken.token, { ...refreshToken, replaced: false });
    return Promise.resolve(true);
  }

  findRefreshToken(token: string, now: Date): ReturnType<AuthorizationState['findRefreshToken']> {
    const found = this.refreshTokens.get(token);
    if (found === undefined) return Promise.resolve(undefined);
    const { grantId, issuedAt, until, replaced } = found;
    return Promise.resolve({ grantId, issuedAt, expired: until <= now, replaced });
  }

  replaceRefreshToken(token: string, successor: NewRefreshToken, now: Date): Promise<boolean> {
    const found = this.refreshTokens.get(token);
    if (found === undefined || found.replaced || found.until <= now) return Promise.resolve(false);
    found.replaced = true;
    this.refreshTokens.set(successor.token, { ...successor, replaced: false });
    return Promise.resolve(true);
  }

  findGrant(grantId: string): Promise<Grant | undefined> {
    return Promise.resolve(this.grants.get(grantId));
  }

  revokeGrant(grantId: string, _cause: string, now: Date, until: Date): Promise<boolean> {
    const grant = this.grants.get(grantId);
    if (grant === undefined || grant.revokedAt !== undefined) return Promise.resolve(false);
    this.grants.set(grantId, { ...grant, revokedAt: now });
    this.revocations.set(`grant ${grantId}`, { kind: 'grant', id: grantId, revokedAt: now, until });
    return Promise.resolve(true);
  }

  revokeAccessToken(tokenId: string, now: Date, until: Date): Promise<void> {
    this.revocations.set(`access_token ${tokenId}`, { kind: 'access_token', id: tokenId, revokedAt: now, until });
    return Promise.resolve();
  }

  isRevoked(tokenId: string, grantId: string): Promise<boolean> {
    return Promise.resolve(this.revocations.has(`access_token ${tokenId}`) || this.revocations.has(`grant ${grantId}`));
  }

  revocationsSince(since: Date, now: Date): Promise<readonly Revocation[]> {
    return Promise.resolve(
      [...this.revocations.values()].filter(({ revokedAt, until }) => revokedAt >= since && until > now),
    );
  }

  grantsWithOpenConsent(limit: number): Promise<readonly { grantId: string; consentId: string }[]> {
    const open = [...this.grants.values()].flatMap(({ id, consentId, revokedAt }) =>
      consentId === undefined || revokedAt === undefined || this.endedConsents.has(id)
        ? []
        : [{ grantId: id, consentId }],
    );
    return Promise.resolve(open.slice(0, limit));
  }

  markConsentEnded(grantId: string): Promise<void> {
    this.endedConsents.add(grantId);
    return Promise.resolve();
  }
}

function take(once: Once<unknown> | undefined, now: Date): boolean {
  if (once === undefined || once.used || once.until <= now) return false;
  once.used = true;
  return true;
}
