import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { z } from 'zod';
import { DIRECTORY_ISSUER, readDirectoryKey } from './ensure-directory.ts';

/** Seconds a statement lives. */
const LIFETIME = 600;

const names = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'].map((kind) => `tls_client_auth_${kind}`);

/** What the directory knows of a piece of software; other client metadata may stand beside it. RFC7591-2.3. */
const software = z
  .looseObject({
    software_id: z.string().min(1),
    /** The profile the authorization server holds it to. */
    profile: z.enum(['fapi2-security', 'fapi2-message-signing', 'fapi1-advanced', 'fapi-ciba']),
    client_name: z.string().min(1).max(80),
    software_redirect_uris: z.array(z.url({ protocol: /^https$/ })),
    iss: z.never().optional(),
    iat: z.never().optional(),
    exp: z.never().optional(),
    jti: z.never().optional(),
  })
  .refine((claims) => names.filter((name) => name in claims).length === 1, {
    error: `has exactly one of ${names.join(', ')}: the name in the certificate of whoever runs it`,
  });

/**
 * A software statement signed by the directory of this home, good for ten minutes and for one registration.
 * @param claims what the directory vouches for
 * @throws ZodError when something is missing, or the directory's own claims are in it
 */
export async function signStatement(home: string, claims: unknown, now: Date): Promise<string> {
  const vouched = software.parse(claims);
  const { kid, ...jwk } = readDirectoryKey(home);
  const iat = Math.floor(now.getTime() / 1000);
  return new SignJWT({ ...(vouched as Record<string, unknown>) })
    .setProtectedHeader({ alg: 'ES256', typ: 'software-statement+jwt', kid })
    .setIssuer(DIRECTORY_ISSUER)
    .setIssuedAt(iat)
    .setExpirationTime(iat + LIFETIME)
    .setJti(randomUUID())
    .sign(await importJWK(jwk, 'ES256'));
}
