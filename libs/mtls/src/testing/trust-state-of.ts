import { issueCrl } from '../authority/index.ts';
import type { Leaf } from '../authority/index.ts';
import { thumbprint } from '../thumbprint.ts';
import { perPurpose } from '../trust-state.ts';
import type { TrustState } from '../trust-state.ts';
import type { DomainName } from './listed-leaves.ts';
import type { TrustDomain } from './throw-away-pki.ts';

/** How a state differs from the first one. */
export interface StateChange {
  /** 1 when absent; also the number of the revocation lists, unless `number` says otherwise. */
  readonly version?: number;
  readonly number?: number;
  /** Leaves that were taken back, of whichever domain. */
  readonly revoked?: readonly Leaf[];
  /** Other authorities than the domain's own; the first of them issues now. */
  readonly authorities?: Readonly<Partial<Record<DomainName, readonly TrustDomain[]>>>;
  readonly thisUpdate?: Date;
  /** A year ahead when absent. */
  readonly nextUpdate?: Date;
}

const YEAR = 365 * 86_400_000;

/** What an authority with these domains would tell. */
export function stateOf(
  domains: Readonly<Record<DomainName, TrustDomain>>,
  now: Date,
  change: StateChange = {},
): TrustState {
  const { version = 1, number = version, revoked = [], thisUpdate = now } = change;
  const nextUpdate = change.nextUpdate ?? new Date(now.getTime() + YEAR);
  const listOf = ({ intermediate: issuer }: TrustDomain): string => {
    const own = revoked.filter(({ certificate }) => certificate.verify(issuer.certificate.publicKey));
    const entries = own.map(({ certificate: { serialNumber } }) => ({ serialNumber, at: thisUpdate }));
    return issueCrl({ issuer, revoked: entries, number, thisUpdate, nextUpdate });
  };
  const purposes = perPurpose((purpose) => {
    const [first = domains[purpose], ...more] = change.authorities?.[purpose] ?? [];
    const all = [first, ...more];
    return {
      authorities: [...new Set(all.flatMap(({ trust }) => trust.certificates.map(String)))].join(''),
      revocationLists: all.map(listOf).join(''),
      issuer: thumbprint(first.intermediate.certificate.raw),
    };
  });
  return { version, purposes };
}
