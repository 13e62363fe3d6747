import type { X509Certificate } from 'node:crypto';
import { sameDn } from './distinguished-name.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { readCertificateStructure } from './certificate-structure.ts';
import type { Trust } from './trust.ts';

/** What can be said of a chain that OpenSSL did not accept, beyond "untrusted". */
export type ChainFault = 'certificate_untrusted' | 'chain_incomplete' | 'issued_by_leaf' | 'issued_for_another_door';

/** Whom a door trusts, and whom the other doors of the same platform trust: the latter only to say what went wrong. */
export interface TrustedHere {
  readonly trust: Trust;
  readonly elsewhere: readonly Trust[];
}

/** Our choice, no clause: how much of what a peer sent along is looked at. A signature is verified for each pair. */
const MOST_SENT = 8;

/**
 * Why no way leads from a certificate to an authority that is trusted here, as finely as what was sent allows to say.
 *
 * Explains a refusal and never makes one, nor undoes one: OpenSSL has judged the chain in the handshake. Costs signatures to be
 * verified, so it is asked only after OpenSSL said no, and once per connection.
 *
 * @param sent what came along with the leaf; see `sentAlong`
 * @returns undefined when a way was found, so that the fault lies elsewhere
 */
export function chainFault(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  { trust, elsewhere }: TrustedHere,
): ChainFault | undefined {
  let certificate = leaf;
  for (let step = 0; step <= sent.length; step++) {
    if (signerOf(certificate, trust.certificates) !== undefined) return undefined;
    if (elsewhere.some(({ certificates }) => signerOf(certificate, certificates) !== undefined))
      return 'issued_for_another_door';
    const next = signerOf(certificate, sent);
    if (next === undefined) return isOrphan(certificate, trust) ? 'chain_incomplete' : 'certificate_untrusted';
    // A root that vouches for itself and that nobody here knows.
    if (next === certificate) return 'certificate_untrusted';
    if (!next.ca) return 'issued_by_leaf';
    certificate = next;
  }
  return 'certificate_untrusted';
}

/**
 * The certificates behind the leaf, in the order in which they were sent.
 * @param leaf as the socket gives it (`getPeerX509Certificate`): the others hang on it
 */
export function sentAlong(leaf: X509Certificate): readonly X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (let next = leaf.issuerCertificate; next !== undefined && sent.length < MOST_SENT; next = next.issuerCertificate)
    sent.push(next);
  return sent;
}

/** Its own signer too, where a certificate signed itself: by key, since any issuer name can be written. */
function signerOf(certificate: X509Certificate, candidates: readonly X509Certificate[]): X509Certificate | undefined {
  if (isSignedBy(certificate, certificate)) return candidates.includes(certificate) ? certificate : undefined;
  return candidates.find((candidate) => isSignedBy(certificate, candidate));
}

function isSignedBy(certificate: X509Certificate, signer: X509Certificate): boolean {
  try {
    return certificate.verify(signer.publicKey);
  } catch {
    return false;
  }
}

/** Issued by somebody who is not here: neither itself, nor a namesake of an authority we know, which would be a forgery. */
function isOrphan(certificate: X509Certificate, { certificates }: Trust): boolean {
  try {
    const { issuer, subject } = readCertificateStructure(certificate.raw);
    const known = (name: DistinguishedName): boolean =>
      certificates.some(({ raw }) => sameDn(readCertificateStructure(raw).subject, name));
    return !sameDn(issuer, subject) && !known(issuer);
  } catch {
    return false;
  }
}
