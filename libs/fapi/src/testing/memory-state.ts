import type { AuthorizationState, Grant, IssuedCode, NewRefreshToken, PushedRequest, Revocation } from '../as/state.ts';
import { MemoryCibaState } from './memory-ciba-state.ts';

interface Once<T> {
  readonly value: T;
  readonly until: Date;
  used: boolean;
}

/**
 * The state in memory, for tests of rules. It passes the same contract as the stores; no process uses it, because what it
 * knows is gone with the process and unknown to its replicas.
 */
export class MemoryState extends MemoryCibaState implements AuthorizationState {
  readonly pushedRequests = new Map<string, Once<PushedRequest>>();
  readonly codes = new Map<string, Once<IssuedCode>>();
  readonly revocations = new Map<string, Revocation>();
  readonly endedConsents = new Set<string>();
  readonly assertions = new Set<string>();
  readonly proofs = new Set<string>();

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
    const { requestUri, now, consentRequest, grant, code, issued, codeUntil } = completion;
    if (!this.canComplete(consentRequest) || !take(this.pushedRequests.get(requestUri), now))
      return Promise.resolve(false);
    this.complete(consentRequest);
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

  async revokeGrantsOfClient(
    clientId: string,
    ownGrant: string,
    cause: string,
    now: Date,
    until: Date,
  ): Promise<readonly string[]> {
    const theirs = [...this.grants.values()].filter(
      (grant) => grant.clientId === clientId && grant.revokedAt === undefined && grant.expiresAt > now,
    );
    for (const { id } of theirs) await this.revokeGrant(id, cause, now, until);
    this.revocations.set(`grant ${ownGrant}`, { kind: 'grant', id: ownGrant, revokedAt: now, until });
    return theirs.map(({ id }) => id);
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

  recordAssertion(clientId: string, jti: string): Promise<boolean> {
    const assertion = JSON.stringify([clientId, jti]);
    if (this.assertions.has(assertion)) return Promise.resolve(false);
    this.assertions.add(assertion);
    return Promise.resolve(true);
  }

  recordProof(jkt: string, jti: string): Promise<boolean> {
    const proof = JSON.stringify([jkt, jti]);
    if (this.proofs.has(proof)) return Promise.resolve(false);
    this.proofs.add(proof);
    return Promise.resolve(true);
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

  listGrants(subject: string, now: Date): Promise<readonly Grant[]> {
    const active = [...this.grants.values()].filter(
      (grant) => grant.subject === subject && grant.revokedAt === undefined && grant.expiresAt > now,
    );
    return Promise.resolve(active.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime()));
  }

  unclaimedGrants(before: Date, limit: number): Promise<readonly string[]> {
    const codes = [...this.codes.values()].filter(({ until, used }) => !used && until <= before);
    const unclaimed = [...codes.map(({ value }) => value.grantId), ...this.unclaimedCibaGrants(before)];
    const inForce = unclaimed.filter((grantId) => this.grants.get(grantId)?.revokedAt === undefined);
    return Promise.resolve(inForce.slice(0, limit));
  }

  noteConsentRequest(consentRequest: string, handle: string, now: Date): Promise<void> {
    const { completed } = this.consentRequests.get(consentRequest) ?? { completed: false };
    this.consentRequests.set(consentRequest, { handle, notedAt: now, completed });
    return Promise.resolve();
  }

  abandonedConsentRequests(before: Date, now: Date, limit: number): Promise<readonly string[]> {
    const abandoned = [...this.consentRequests].filter(([, { handle, notedAt, completed }]) => {
      const request = this.pushedRequests.get(handle);
      const over = (request === undefined || request.used || request.until <= now) && !this.cibaWaits(handle, now);
      return !completed && notedAt <= before && over;
    });
    return Promise.resolve(abandoned.slice(0, limit).map(([consentRequest]) => consentRequest));
  }

  forgetConsentRequest(consentRequest: string): Promise<void> {
    this.consentRequests.delete(consentRequest);
    return Promise.resolve();
  }
}

function take(once: Once<unknown> | undefined, now: Date): boolean {
  if (once === undefined || once.used || once.until <= now) return false;
  once.used = true;
  return true;
}
