import { TRUST_FRESHNESS } from '@holdfast/mtls';
import type { PkiList } from '@holdfast/pki';
import type { AcknowledgementRow, CertificateRow, RotationRow } from '../register/tables.ts';
import type { HeldCertificate } from '../trust/acknowledgements.ts';

/** Milliseconds a process counts that has told something: the lists alone make it speak six times as often. Our choice, no clause. */
const COUNTS_FOR = 60 * 60_000;

/**
 * Milliseconds for those who tell nothing and look at the files by themselves, as a proxy in front does each second. Counted from
 * the decision, which the running process carries out within one. Our choice, no clause.
 */
const FILES_ARE_READ_WITHIN = 4_000;

export interface Standing {
  readonly rotation: RotationRow;
  readonly acknowledgements: readonly AcknowledgementRow[];
  /** Holders that count even when they have told nothing. */
  readonly processes: readonly string[];
  /** What was issued, the newest first. */
  readonly certificates: readonly CertificateRow[];
  readonly list: PkiList;
  readonly now: Date;
}

/**
 * What a rotation waits for, in words; nothing when it may go on. Closed: who has told nothing has not followed.
 *
 * 1 announce: all trust the new ones. 2 issue: nobody holds a certificate of the old one. 3 withdraw: nobody trusts the old ones.
 */
export function missing(standing: Standing): readonly string[] {
  const { rotation, acknowledgements, processes, now } = standing;
  if (rotation.phase >= 4) return [];
  if (rotation.version === null) return ['the certificate authority has not published this phase yet: is it running?'];
  const speaking = acknowledgements.filter(({ at }) => now.getTime() - at < COUNTS_FOR).map(({ holder }) => holder);
  const known = [...new Set([...processes, ...speaking])].sort();
  const behind = known.flatMap((holder) => missingOf(holder, standing));
  if (rotation.phase === 1) return [...behind, ...unread(rotation.phase_at, now)];
  return rotation.phase === 2 ? [...behind, ...heldByHand(standing)] : behind;
}

const unread = (written: number, now: Date): readonly string[] =>
  now.getTime() - written < FILES_ARE_READ_WITHIN ? ['whoever looks at the files by itself has a moment to do so'] : [];

/**
 * Of a holder's processes the one that spoke last always counts. So does every other, until it has been silent for the grace: by then
 * it refuses everybody, and there is nothing to wait for.
 */
function missingOf(holder: string, standing: Standing): readonly string[] {
  const now = standing.now.getTime();
  const own = standing.acknowledgements.filter((one) => one.holder === holder).toSorted((a, b) => b.at - a.at);
  const [last, ...others] = own;
  if (last === undefined) return [`${holder} has told nothing`];
  const beside = others.filter(({ at }) => now - at <= TRUST_FRESHNESS.graceMs);
  const another = `another process of ${holder}, waited for ${TRUST_FRESHNESS.graceMs / 1000} s after its last word,`;
  return [...behindOf(holder, last, standing), ...beside.flatMap((told) => behindOf(another, told, standing))];
}

function behindOf(who: string, told: AcknowledgementRow, { rotation, list }: Standing): readonly string[] {
  const { phase, version, purpose, new_issuer } = rotation;
  if (told.version < (version ?? Infinity))
    return [`${who} works with version ${told.version} and not with ${version}`];
  if (phase !== 2) return [];
  return (JSON.parse(told.certificates) as HeldCertificate[])
    .filter(({ name, issuer }) => list.leaves[name]?.authority === purpose && issuer !== new_issuer)
    .map(({ name }) => `${who} holds ${name} under the old intermediate`);
}

/** What no process renews: the newest of each name has to stand under the new one, unless it has ended anyway. */
function heldByHand({ rotation, certificates, list, now }: Standing): readonly string[] {
  const seen = new Set<string>();
  const newest = certificates.filter(({ name }) => !seen.has(name) && seen.add(name));
  const byHand = newest
    .filter(({ purpose, authenticated }) => purpose === rotation.purpose && authenticated === 'operator')
    .filter(({ name }) => list.leaves[name]?.expired !== true);
  const old = byHand.filter(
    ({ issuer, not_after, revoked_at }) =>
      issuer === rotation.old_issuer && not_after > now.getTime() && revoked_at === null,
  );
  if (old.length > 0) return old.map(({ name }) => `${name} was issued by hand under the old intermediate`);
  return unread(Math.max(0, ...byHand.map(({ issued_at }) => issued_at)), now);
}
