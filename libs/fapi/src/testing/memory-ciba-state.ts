import type {
  CibaApproval,
  CibaDecision,
  CibaRequest,
  CibaState,
  DuePing,
  KeptCibaRequest,
  PollingPace,
} from '../as/ciba/ciba-state.ts';
import type { Grant, NewRefreshToken } from '../as/state.ts';

interface Kept {
  readonly request: CibaRequest;
  decision: CibaDecision | undefined;
  used: boolean;
  interval: number;
  nextPollAt: number;
  ping: { dueAt: number; attempts: number } | undefined;
}

/** The half of the state in memory that is about people on other devices. */
export class MemoryCibaState implements CibaState {
  readonly grants = new Map<string, Grant>();
  readonly refreshTokens = new Map<string, NewRefreshToken & { replaced: boolean }>();
  readonly consentRequests = new Map<string, { handle: string; notedAt: Date; completed: boolean }>();
  readonly cibaRequests = new Map<string, Kept>();
  readonly signedRequests = new Set<string>();

  recordSignedRequest(clientId: string, jti: string): Promise<boolean> {
    const key = JSON.stringify([clientId, jti]);
    if (this.signedRequests.has(key)) return Promise.resolve(false);
    this.signedRequests.add(key);
    return Promise.resolve(true);
  }

  createCibaRequest(request: CibaRequest): Promise<void> {
    const { id, interval } = request;
    const fresh = { request, decision: undefined, used: false, interval, nextPollAt: 0, ping: undefined };
    this.cibaRequests.set(id, fresh);
    return Promise.resolve();
  }

  findCibaRequest(id: string): Promise<KeptCibaRequest | undefined> {
    const kept = this.cibaRequests.get(id);
    return Promise.resolve(kept && { request: kept.request, decision: kept.decision, used: kept.used });
  }

  cibaRequestsWaitingFor(subject: string, now: Date): Promise<readonly CibaRequest[]> {
    const waiting = [...this.cibaRequests.values()].filter((kept) => isWaiting(kept, now));
    const theirs = waiting.map(({ request }) => request).filter((request) => request.subject === subject);
    return Promise.resolve(theirs.sort((a, b) => a.askedAt.getTime() - b.askedAt.getTime()));
  }

  approveCibaRequest({ id, now, consentRequest, grant, idTokenClaims }: CibaApproval): Promise<boolean> {
    const decision = { kind: 'approved', grantId: grant.id, idTokenClaims } as const;
    if (!this.canComplete(consentRequest) || !this.#decide(id, now, decision)) return Promise.resolve(false);
    this.complete(consentRequest);
    this.grants.set(grant.id, grant);
    return Promise.resolve(true);
  }

  denyCibaRequest(id: string, now: Date): Promise<boolean> {
    return Promise.resolve(this.#decide(id, now, { kind: 'denied' }));
  }

  pollCibaRequest(id: string, now: Date, { tolerance, slowDownBy, max }: PollingPace): Promise<boolean> {
    const kept = this.cibaRequests.get(id);
    if (kept === undefined) return Promise.resolve(false);
    const inTime = kept.nextPollAt - tolerance * 1000 <= now.getTime();
    if (!inTime) kept.interval = Math.min(kept.interval + slowDownBy, max);
    kept.nextPollAt = now.getTime() + kept.interval * 1000;
    return Promise.resolve(inTime);
  }

  redeemCibaRequest(id: string, now: Date, refreshToken: NewRefreshToken | undefined): Promise<boolean> {
    const kept = this.cibaRequests.get(id);
    if (kept?.decision?.kind !== 'approved' || kept.used || kept.request.expiresAt <= now)
      return Promise.resolve(false);
    kept.used = true;
    if (refreshToken !== undefined) this.refreshTokens.set(refreshToken.token, { ...refreshToken, replaced: false });
    return Promise.resolve(true);
  }

  takeDuePings(now: Date, leaseUntil: Date, limit: number): Promise<readonly DuePing[]> {
    const taken: DuePing[] = [];
    for (const { request, ping } of this.cibaRequests.values()) {
      if (ping === undefined || request.ping === undefined || ping.dueAt > now.getTime() || taken.length >= limit)
        continue;
      ping.dueAt = leaseUntil.getTime();
      ping.attempts += 1;
      const { id, clientId, subject } = request;
      taken.push({ id, clientId, subject, ...request.ping, attempt: ping.attempts });
    }
    return Promise.resolve(taken);
  }

  putOffPing(id: string, until: Date): Promise<void> {
    const ping = this.cibaRequests.get(id)?.ping;
    if (ping !== undefined) ping.dueAt = until.getTime();
    return Promise.resolve();
  }

  endPing(id: string): Promise<void> {
    const kept = this.cibaRequests.get(id);
    if (kept !== undefined) {
      const { ping: _, ...request } = kept.request;
      this.cibaRequests.set(id, { ...kept, request, ping: undefined });
    }
    return Promise.resolve();
  }

  /** Whether a grant may rest on this consent, as far as its note tells. */
  protected canComplete(consentRequest: string | undefined): boolean {
    return consentRequest === undefined || this.consentRequests.get(consentRequest)?.completed === false;
  }

  protected complete(consentRequest: string | undefined): void {
    const note = this.consentRequests.get(consentRequest ?? '');
    if (note !== undefined) note.completed = true;
  }

  protected cibaWaits(id: string, now: Date): boolean {
    const kept = this.cibaRequests.get(id);
    return kept !== undefined && isWaiting(kept, now);
  }

  protected unclaimedCibaGrants(before: Date): string[] {
    return [...this.cibaRequests.values()].flatMap(({ request, decision, used }) =>
      decision?.kind === 'approved' && !used && request.expiresAt <= before ? [decision.grantId] : [],
    );
  }

  #decide(id: string, now: Date, decision: CibaDecision): boolean {
    const kept = this.cibaRequests.get(id);
    if (kept === undefined || !isWaiting(kept, now)) return false;
    kept.decision = decision;
    if (kept.request.ping !== undefined) kept.ping = { dueAt: now.getTime(), attempts: 0 };
    return true;
  }
}

const isWaiting = ({ decision, request }: Kept, now: Date): boolean =>
  decision === undefined && request.expiresAt > now;
