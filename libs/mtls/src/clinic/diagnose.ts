import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CertificateError } from '../certificate-error.ts';
import type { FindingCode } from '../certificate-findings.ts';
import { chainFault } from '../chain-fault.ts';
import type { TrustedHere } from '../chain-fault.ts';
import { faultsOf } from '../client-certificate.ts';
import { parsePeerCertificate } from '../peer-certificate.ts';
import type { Revocations } from '../revocations.ts';

/** One thing found in a pair of files. */
export interface Diagnosis {
  readonly code: FindingCode;
  /** False for what works here and not with every peer. */
  readonly fatal: boolean;
}

/** A client certificate as files, and what is known here. */
export interface Examination {
  /** PEM, the leaf first. */
  readonly certificate: string;
  /** PEM; the pair is not compared without it. */
  readonly key?: string;
  readonly trusted: TrustedHere;
  readonly revocations: Revocations;
  readonly now: Date;
}

/**
 * Everything that is wrong with the files of a client certificate, without a handshake: what the listener would answer, and what
 * only the holder of the files can see. All of it, and not the first, for here somebody wants to mend it.
 */
export function diagnose(files: Examination): readonly Diagnosis[] {
  const chain = readChain(files.certificate);
  if (chain === undefined) return fatal('certificate_unreadable');
  const [first, ...others] = chain;
  if (first === undefined) return fatal('certificate_missing');
  const key = files.key === undefined ? undefined : readKey(files.key);
  const found = [
    ...(files.key !== undefined && key === undefined ? fatal('key_unreadable') : []),
    ...(key === undefined ? [] : pairFaults(first, others, key)),
    ...leafFaults(first, others, files),
    ...orderFaults(chain),
  ];
  return found.filter(({ code }, place) => found.findIndex((other) => other.code === code) === place);
}

const fatal = (...codes: readonly FindingCode[]): Diagnosis[] => codes.map((code) => ({ code, fatal: true }));
const harmlessHere = (code: FindingCode): Diagnosis[] => [{ code, fatal: false }];

function readChain(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 && pem.trim() !== '') return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** TLS signs with the key of the first certificate. When the key fits another one of the file, the order is what is wrong. */
function pairFaults(first: X509Certificate, others: readonly X509Certificate[], key: KeyObject): Diagnosis[] {
  if (first.checkPrivateKey(key)) return [];
  return fatal(others.some((other) => other.checkPrivateKey(key)) ? 'chain_out_of_order' : 'key_mismatch');
}

function leafFaults(leaf: X509Certificate, sent: readonly X509Certificate[], files: Examination): Diagnosis[] {
  const { trusted, revocations, now } = files;
  try {
    const certificate = parsePeerCertificate(leaf.raw);
    const untrusted = chainFault(leaf, sent, trusted);
    const revoked = revocations.statusOf(certificate, now) === 'revoked' ? fatal('certificate_revoked') : [];
    return [
      ...(untrusted === undefined ? completeness(leaf, sent, trusted) : fatal(untrusted)),
      ...fatal(...faultsOf(certificate, now)),
      ...revoked,
    ];
  } catch (error) {
    if (error instanceof CertificateError) return fatal(`certificate_${error.code}`);
    throw error;
  }
}

/** An issuer that is known here and was not sent along is missing with every peer that knows the root alone. */
function completeness(leaf: X509Certificate, sent: readonly X509Certificate[], { trust }: TrustedHere): Diagnosis[] {
  const signed = (issuer: X509Certificate): boolean => leaf.verify(issuer.publicKey);
  const issuer = trust.certificates.find(signed);
  const isRoot = issuer?.verify(issuer.publicKey) ?? false;
  return issuer === undefined || isRoot || sent.some(signed) ? [] : harmlessHere('chain_incomplete');
}

/** [RFC8446-4.4.2]: each certificate behind the leaf certifies the one before; a server puts up with another order. */
function orderFaults(chain: readonly X509Certificate[]): Diagnosis[] {
  const inOrder = chain.slice(1).every((issuer, place) => chain[place]?.verify(issuer.publicKey) ?? false);
  return inOrder ? [] : harmlessHere('chain_out_of_order');
}
