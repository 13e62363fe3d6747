import { subtle } from 'node:crypto';
import { z } from 'zod';

type VerificationKey = Awaited<ReturnType<typeof subtle.importKey>>;

const jwkShape = z.looseObject({ kty: z.string(), kid: z.string().min(1).max(200).optional() });
/** Our choice, no clause: the authorization server can rotate every 75 s and publishes three keys for 760 s at most, so 33. */
const MOST_KEYS = 50;
const jwksShape = z.object({ keys: z.array(jwkShape).min(1).max(MOST_KEYS) });

/** An ES256 verification key; members we do not know are ignored, as RFC7517-4 wants. */
const es256Shape = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string(),
  x: z.string(),
  y: z.string(),
  use: z.literal('sig').optional(),
  alg: z.literal('ES256').optional(),
});

/**
 * Imports the issuer's keys once, by `kid`.
 * @throws Error when the document is malformed, holds a private key, repeats a `kid` or has no key we can use
 */
export async function importSigningKeys(document: unknown): Promise<ReadonlyMap<string, VerificationKey>> {
  const jwks = jwksShape.safeParse(document);
  if (!jwks.success) throw new Error('the key set of the authorization server is malformed');
  const keys = new Map<string, VerificationKey>();
  for (const jwk of jwks.data.keys) {
    // A published private key lets everybody issue tokens: nothing in such a document can be trusted.
    if ('d' in jwk || 'k' in jwk) throw new Error('the key set of the authorization server holds a private key');
    const key = es256Shape.safeParse(jwk);
    // RFC7517-5: keys for other purposes and of other kinds are skipped.
    if (!key.success) continue;
    // RFC7517-4.5: with one kid for two keys nobody can say which of them signed.
    if (keys.has(key.data.kid)) throw new Error('the key set of the authorization server repeats a kid');
    keys.set(key.data.kid, await importKey(key.data));
  }
  if (keys.size === 0) throw new Error('the key set of the authorization server has no ES256 key');
  return keys;
}

function importKey({ kty, crv, x, y }: z.infer<typeof es256Shape>): Promise<VerificationKey> {
  return subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: crv }, false, ['verify']);
}

export type { VerificationKey };
