import { X509Certificate } from 'node:crypto';
import { chainFault } from './chain-fault.ts';
import type { TrustedHere } from './chain-fault.ts';
import { verifyClientChain } from './client-chain.ts';
import { readClientCert, readClientCertChain } from './client-cert-field.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import type { TrustSource } from './trust-source.ts';

/** The two fields in which a proxy passes on what a client presented. [RFC9440-2] */
export interface ForwardedFields {
  readonly clientCert: string;
  readonly clientCertChain: string | undefined;
}

/** Reads client certificates that a proxy passes on. */
export interface ForwardedCertificates {
  /**
   * The certificate as a handshake with this client would have given it, the verdict on its chain included.
   * @param now the moment of the request
   * @throws ClientCertFieldError for a field that RFC 9440 does not know
   * @throws CertificateError for bytes that are no certificate
   */
  read(fields: ForwardedFields, now: Date): PeerCertificate;
}

/** Clients whose certificates are remembered. Our choice, no clause: beyond it, the one read longest ago is forgotten. */
const MOST_REMEMBERED = 500;

/** Whom a door trusts, live; whom the other doors trust, to say what is wrong with a chain. */
export interface ForwardedDoor {
  readonly trust: Pick<TrustSource, 'current'>;
  readonly elsewhere: readonly Pick<TrustSource, 'current'>[];
}

interface Remembered {
  readonly peer: PeerCertificate;
  readonly trusted: TrustedHere;
  /** Milliseconds of the epoch between which no certificate concerned begins or ends, so that the verdict stays. */
  readonly from: number;
  readonly until: number;
}

/**
 * @param door asked on every reading: another value is another verdict
 */
export function forwardedCertificates({ trust, elsewhere }: ForwardedDoor): ForwardedCertificates {
  const known = new Map<string, Remembered>();
  return {
    read(fields, now) {
      const trusted = { trust: trust.current(), elsewhere: elsewhere.map((other) => other.current()) };
      // With a line break between, which no field has in it: each pair has a name of its own.
      const key = `${fields.clientCert}\n${fields.clientCertChain ?? ''}`;
      const before = known.get(key);
      known.delete(key);
      const remembered = before !== undefined && stillTrue(before, trusted, now) ? before : judge(fields, trusted, now);
      known.set(key, remembered);
      if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value ?? '');
      return remembered.peer;
    },
  };
}

function stillTrue({ trusted, from, until }: Remembered, { trust, elsewhere }: TrustedHere, now: Date): boolean {
  const isSame = trusted.trust === trust && elsewhere.every((other, place) => other === trusted.elsewhere[place]);
  return isSame && now.getTime() >= from && now.getTime() < until;
}

function judge({ clientCert, clientCertChain }: ForwardedFields, trusted: TrustedHere, now: Date): Remembered {
  const leaf = readClientCert(clientCert);
  const chain = clientCertChain === undefined ? [] : readClientCertChain(clientCertChain);
  const verdict = verifyClientChain(leaf, chain, trusted.trust, now);
  const [own, ...sent] = [leaf, ...chain].map((der) => new X509Certificate(der)) as [
    X509Certificate,
    ...X509Certificate[],
  ];
  const fault = verdict === undefined ? undefined : chainFault(own, sent, trusted);
  const peer = parsePeerCertificate(leaf, verdict, fault);
  return { peer, trusted, ...unchangedAround(now, [own, ...sent, ...trusted.trust.certificates]) };
}

/** A moment with the last one before it, and the first after it, at which a certificate begins or ends. */
function unchangedAround(now: Date, certificates: readonly X509Certificate[]): { from: number; until: number } {
  // At its notAfter a certificate is still good.
  const moments = certificates.flatMap(({ validFromDate, validToDate }) => [
    validFromDate.getTime(),
    validToDate.getTime() + 1,
  ]);
  return {
    from: Math.max(...moments.filter((moment) => moment <= now.getTime())),
    until: Math.min(...moments.filter((moment) => moment > now.getTime())),
  };
}
