import { randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createIntermediate, createRoot, issueLeaf, issueSelfSigned } from '../authority/index.ts';
import type { Authority, Leaf, LeafRequest, Purpose } from '../authority/index.ts';
import { generateKey } from '../authority/key-pair.ts';
import type { Identity } from '../identity.ts';
import { identitySlot } from '../identity-source.ts';
import type { IdentitySource } from '../identity-source.ts';
import { parsePeerCertificate, withRevocation } from '../peer-certificate.ts';
import type { PeerCertificate } from '../peer-certificate.ts';
import { toPem } from '../pem-certificates.ts';
import { liveTrust } from '../live-trust.ts';
import type { LiveTrust } from '../live-trust.ts';
import type { PurposeTrust } from '../live-purpose.ts';
import type { TrustState } from '../trust-state.ts';
import { thumbprint } from '../thumbprint.ts';
import type { Trust } from '../trust.ts';
import { LISTED_LEAVES } from './listed-leaves.ts';
import type { DomainName, LeafName, ListedLeaf } from './listed-leaves.ts';
import { stateOf } from './trust-state-of.ts';
import type { StateChange } from './trust-state-of.ts';
import { writeHome } from './write-home.ts';

/** One root, its intermediate, and the bundle that trusts both. */
export interface TrustDomain {
  readonly root: Authority;
  readonly intermediate: Authority;
  readonly trust: Trust;
}

/** What may be asked of an odd certificate; what is left out is that of an ordinary client leaf of this moment. */
export type OddLeaf = Partial<LeafRequest>;

/** A source that can be swapped by hand, as a renewal does. */
export type SwappableIdentity = IdentitySource & { swap(next: Leaf): void };

export interface ThrowAwayPki {
  readonly web: TrustDomain;
  readonly participants: TrustDomain;
  readonly services: TrustDomain;
  /** One of the listed leaves, made on first use. */
  leaf(name: LeafName): Leaf;
  /** A leaf as an identity that changes only by `swap`. */
  identity(leaf: LeafName | Leaf): SwappableIdentity;
  /** A leaf as the other side parses it. */
  peer(leaf: LeafName | Leaf, handshakeError?: string): PeerCertificate;
  /** What the authority would tell: version 1 and nothing revoked, unless the change says otherwise. */
  state(change?: StateChange): TrustState;
  /** Trust in all three domains that changes only by `apply`, and that nobody has to confirm. */
  live(): LiveTrust;
  /** One domain of such a trust, the same at every call: its authorities, and that nothing was taken back. */
  door(domain: DomainName): PurposeTrust;
  /** Any odd certificate, signed by the participants' intermediate unless `issuer` says otherwise. */
  mint(odd?: OddLeaf): Leaf;
  /** A certificate that nobody vouches for. */
  selfSigned(odd?: Omit<OddLeaf, 'issuer'>): Leaf;
  /** A root and an intermediate of the same names as a domain's (the participants' by default), with keys nobody trusts. */
  rogue(domain?: DomainName): TrustDomain;
  /** A leaf in the role of an authority, which it is not entitled to. */
  asIssuer(leaf: Leaf): Authority;
  /** Writes everything under `home` in the layout the applications read. */
  write(home: string): void;
}

const DAY = 86_400_000;
const PURPOSES: Record<DomainName, Purpose> = { web: 'server', participants: 'client', services: 'both' };

/** The only slow key, made once per process. */
let rsaKey: KeyObject | undefined;
const rsa = (): KeyObject => (rsaKey ??= generateKey('RSA-2048'));

/**
 * A whole PKI in memory: three roots with their intermediates and every leaf of the home layout, made in milliseconds.
 * @param options.now the moment the certificates are in force around; the system's when absent
 */
export function throwAwayPki(options: { now?: Date } = {}): ThrowAwayPki {
  const now = options.now ?? new Date();
  const domains = {
    web: domain('web', now),
    participants: domain('participants', now),
    services: domain('services', now),
  };
  const leaves = new Map<LeafName, Leaf>();
  const mint = (odd: OddLeaf = {}): Leaf => issueLeaf({ ...ordinaryLeaf(domains.participants, now), ...odd });
  const leaf = (name: LeafName): Leaf => {
    const made = leaves.get(name) ?? mint(listedRequest(LISTED_LEAVES[name], domains, now));
    leaves.set(name, made);
    return made;
  };
  const resolve = (wanted: LeafName | Leaf): Leaf => (typeof wanted === 'string' ? leaf(wanted) : wanted);
  const state = (change: StateChange = {}): TrustState => stateOf(domains, now, change);
  const live = (): LiveTrust => liveTrust(state(), 'folder', now);
  let shared: LiveTrust | undefined;
  return {
    ...domains,
    leaf,
    mint,
    selfSigned: (odd = {}) => issueSelfSigned({ ...ordinaryLeaf(domains.participants, now), ...odd }),
    identity: (wanted) => swappable(resolve(wanted)),
    peer: (wanted, handshakeError) =>
      withRevocation(parsePeerCertificate(resolve(wanted).certificate.raw, handshakeError), 'good'),
    state,
    live,
    door: (name) => (shared ??= live()).of(name),
    rogue: (name = 'participants') => domain(name, now),
    asIssuer: ({ certificate, key }) => ({
      certificate,
      key,
      chain: [certificate, ...domains.participants.intermediate.chain],
    }),
    write: (home) => writeHome(home, domains, leaf),
  };
}

function domain(name: DomainName, now: Date): TrustDomain {
  const when = {
    notBefore: new Date(now.getTime() - DAY),
    notAfter: new Date(now.getTime() + 365 * DAY),
    random: randomBytes,
  };
  const root = createRoot({ ...when, subject: `CN=${name} root,O=Holdfast` });
  const subject = `CN=${name} intermediate,O=Holdfast`;
  const intermediate = createIntermediate({ ...when, issuer: root, subject, purpose: PURPOSES[name] });
  const certificates = [root.certificate, intermediate.certificate];
  return { root, intermediate, trust: { pem: toPem(certificates), certificates } };
}

function ordinaryLeaf({ intermediate }: TrustDomain, now: Date): LeafRequest {
  return {
    issuer: intermediate,
    subject: 'CN=odd',
    purpose: 'client',
    notBefore: new Date(now.getTime() - 3_600_000),
    notAfter: new Date(now.getTime() + DAY),
    random: randomBytes,
  };
}

function listedRequest(listed: ListedLeaf, domains: Record<DomainName, TrustDomain>, now: Date): OddLeaf {
  const { domain: name, expired, key, ...rest } = listed;
  return {
    ...rest,
    issuer: domains[name].intermediate,
    ...(key === undefined ? {} : { key: rsa() }),
    ...(expired ? { notBefore: new Date(now.getTime() - 3 * DAY), notAfter: new Date(now.getTime() - DAY) } : {}),
  };
}

function swappable(leaf: Leaf): SwappableIdentity {
  const { source, swap } = identitySlot(identityOf(leaf));
  return { ...source, swap: (next) => swap(identityOf(next)) };
}

/** Unjudged: a test may well want to present an expired certificate, or one that no authority was entitled to issue. */
function identityOf({ certificate, certificatePem, keyPem }: Leaf): Identity {
  const [, above] = certificatePem.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const issuer = above && thumbprint(new X509Certificate(above).raw);
  return { certificatePem, keyPem, leaf: parsePeerCertificate(certificate.raw), issuer };
}
