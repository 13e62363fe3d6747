import { OAuthError, refuse } from '../../errors.ts';
import type { ShareableAccount } from '../authorize/consent-holder.ts';
import type { Engine } from '../engine.ts';
import type { Grant } from '../state.ts';
import { isActive } from '../token/grants.ts';

/** A grant, as the person who gave it understands it. */
export interface GrantOverview {
  readonly id: string;
  readonly client: { readonly id: string; readonly name: string };
  readonly grantedAt: Date;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
  readonly actions: readonly string[];
  /** The accounts it opens, by the names the bank has for them now. */
  readonly accounts: readonly ShareableAccount[];
  /** How many more it opens whose names cannot be told: the bank is away, or has closed them. */
  readonly namelessAccounts: number;
}

/**
 * Everything a person has granted that is still in force, newest first. It can be seen while the bank is away; only the
 * names of the accounts are missing then, because whoever wants to withdraw must not have to wait.
 */
export async function listGrants(as: Engine, subject: string): Promise<readonly GrantOverview[]> {
  const grants = await as.state.listGrants(subject, as.clock.now());
  const names = grants.some(opensAccounts) ? await accountNames(as, subject) : [];
  return Promise.all(grants.map((grant) => overviewOf(as, grant, names)));
}

/**
 * One of them, to be looked at once more before it is withdrawn.
 * @throws OAuthError `not_found` as a page when it is not this person's, or no longer in force: the two look alike
 */
export async function findOwnGrant(as: Engine, subject: string, grantId: string): Promise<GrantOverview> {
  const grant = await as.state.findGrant(grantId);
  if (grant === undefined || grant.subject !== subject || !isActive(as, grant))
    throw refuse('not_found', 'object_not_found', { show: 'page' });
  return overviewOf(as, grant, opensAccounts(grant) ? await accountNames(as, subject) : []);
}

async function overviewOf(as: Engine, grant: Grant, names: readonly ShareableAccount[]): Promise<GrantOverview> {
  const { id, clientId, createdAt, expiresAt, scopes, authorizationDetails: details } = grant;
  const opened = new Set(details.flatMap(({ accounts = [] }) => accounts));
  const accounts = names.filter((account) => opened.has(account.id));
  const client = await as.clients.find(clientId);
  return {
    id,
    client: { id: clientId, name: client?.name ?? clientId },
    grantedAt: createdAt,
    expiresAt,
    scopes,
    actions: [...new Set(details.flatMap((detail) => detail.actions))],
    accounts,
    namelessAccounts: opened.size - accounts.length,
  };
}

async function accountNames(as: Engine, subject: string): Promise<readonly ShareableAccount[]> {
  try {
    return await as.consents.shareableAccounts(subject);
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'temporarily_unavailable') return [];
    throw error;
  }
}

const opensAccounts = ({ authorizationDetails: details }: Grant): boolean =>
  details.some(({ accounts = [] }) => accounts.length > 0);
