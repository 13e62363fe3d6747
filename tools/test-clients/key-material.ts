import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { issueLeaf, issueSelfSigned } from '@holdfast/mtls/authority';
import type { Authority } from '@holdfast/mtls/authority';
import { dnsNameOf, subjectOf } from './registration.ts';
import { needsCertificate } from './registry.ts';
import type { TestClient } from './registry.ts';

/** What a test client keeps to itself. */
export interface KeyMaterial {
  /** Private JWK with `kid`, `alg` and `use`. */
  readonly signingKey: JsonWebKey & { readonly kid: string; readonly alg: string; readonly use: string };
  /** PEM: the certificate, then its intermediates. */
  readonly certificate?: string;
  /** PKCS#8 PEM. */
  readonly key?: string;
}

const DAY = 86_400_000;
const BACKDATED = 60_000;
/** A certificate of one's own making is registered by its bytes, so it stays as long as a suite is set up. */
const SELF_SIGNED_DAYS = 365;

/** Keys and certificate of a test client, made for it alone. @param leafDays life of an issued certificate */
export function makeKeyMaterial(client: TestClient, authority: Authority, leafDays: number, now: Date): KeyMaterial {
  return { signingKey: makeSigningKey(client), ...certified(client, authority, leafDays, now) };
}

/** The same keys with a new certificate. */
export const recertified = (
  material: KeyMaterial,
  client: TestClient,
  authority: Authority,
  leafDays: number,
  now: Date,
): KeyMaterial => ({ signingKey: material.signingKey, ...certified(client, authority, leafDays, now) });

/** Whether the certificate has less than a third of its life left, or was issued by an authority that is no more. */
export function isEnding({ certificate }: KeyMaterial, client: TestClient, authority: Authority, now: Date): boolean {
  if (!needsCertificate(client)) return false;
  if (certificate === undefined) return true;
  const x509 = new X509Certificate(certificate);
  const [begin, end] = [x509.validFromDate.getTime(), x509.validToDate.getTime()];
  if (now.getTime() < begin || end - now.getTime() < (end - begin) / 3) return true;
  return client.method !== 'self_signed_tls_client_auth' && !x509.verify(authority.certificate.publicKey);
}

function makeSigningKey({ algorithm }: TestClient): KeyMaterial['signingKey'] {
  const { privateKey } =
    algorithm === 'PS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify([jwk.x, jwk.y, jwk.n]))
    .digest('base64url')
    .slice(0, 16);
  return { ...jwk, kid, alg: algorithm, use: 'sig' };
}

function certified(
  client: TestClient,
  issuer: Authority,
  leafDays: number,
  now: Date,
): Omit<KeyMaterial, 'signingKey'> {
  if (!needsCertificate(client)) return {};
  const selfSigned = client.method === 'self_signed_tls_client_auth';
  const days = selfSigned ? SELF_SIGNED_DAYS : leafDays;
  const request = {
    subject: subjectOf(client),
    dnsNames: [dnsNameOf(client)],
    purpose: 'client' as const,
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: new Date(now.getTime() + days * DAY),
    random: randomBytes,
  };
  const { certificatePem, keyPem } = selfSigned ? issueSelfSigned(request) : issueLeaf({ ...request, issuer });
  return { certificate: certificatePem, key: keyPem };
}
