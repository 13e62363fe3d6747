import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDn, parsePeerCertificate, sameDn, thumbprint } from '@holdfast/mtls';
import { issueSelfSigned } from '@holdfast/mtls/authority';
import { PRIVATE, PUBLIC, writeWhole } from './files.ts';
import type { Owner } from './files.ts';
import type { ListedClientKey, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
const BACKDATED = 60_000;

/** What a client key signs with; the one algorithm its public half is published for. */
const KINDS = { ES256: { key: 'P-256', type: 'EC' }, PS256: { key: 'RSA-2048', type: 'RSA' } } as const;

/**
 * Makes the key of a client, with a certificate the client signs for itself, unless a fit pair lies there; and publishes its
 * public half where the authorization server reads it, as a client would send it in with its registration. RFC8705-2.2.2.
 *
 * Never renewed before it ends: nobody but the registration vouches for it, so a new one is a new registration.
 *
 * @returns whether it was made
 */
export function ensureClientKey(
  pki: string,
  name: string,
  { listed, list, now, owner }: { listed: ListedClientKey; list: PkiList; now: Date; owner: Owner | undefined },
): boolean {
  const path = join(pki, name);
  const found = readPair(path, listed, now);
  const certificate = found ?? make(path, listed, list, now, owner);
  const published = join(pki, 'trust', `${name.replace('/', '-')}.jwks.json`);
  const jwks = `${JSON.stringify({ keys: [publicJwk(certificate, listed)] }, null, 2)}\n`;
  if (!existsSync(published) || readFileSync(published, 'utf8') !== jwks) writeWhole(published, jwks, PUBLIC);
  return found === undefined;
}

function make(
  path: string,
  { subject, algorithm }: ListedClientKey,
  list: PkiList,
  now: Date,
  owner: Owner | undefined,
): X509Certificate {
  const issued = issueSelfSigned({
    subject,
    purpose: 'client',
    key: KINDS[algorithm].key,
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: new Date(now.getTime() + list.lifetimes.clientKey * DAY),
    random: randomBytes,
  });
  writeWhole(`${path}.key`, issued.keyPem, PRIVATE, owner);
  writeWhole(`${path}.crt`, issued.certificatePem, PUBLIC, owner);
  return issued.certificate;
}

/** RFC7517-4: the public members, by name, so that no other can come along. */
function publicJwk({ publicKey, raw }: X509Certificate, { algorithm }: ListedClientKey): object {
  const { kty, crv, x, y, n, e } = publicKey.export({ format: 'jwk' });
  return { kty, crv, x, y, n, e, kid: thumbprint(raw), use: 'sig', alg: algorithm, x5c: [raw.toString('base64')] };
}

/** The certificate when it is in force, says what the list says, and the key beside it is its own. */
function readPair(path: string, { subject, algorithm }: ListedClientKey, now: Date): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(readFileSync(`${path}.crt`));
    const parsed = parsePeerCertificate(certificate.raw);
    const asListed = sameDn(parsed.subject, parseDn(subject)) && parsed.key.type === KINDS[algorithm].type;
    const fits = certificate.checkPrivateKey(createPrivateKey(readFileSync(`${path}.key`)));
    return asListed && fits && now >= parsed.notBefore && now <= parsed.notAfter ? certificate : undefined;
  } catch {
    return undefined;
  }
}
