import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const https = z.url({ protocol: /^https$/ });

const pair = z.strictObject({
  profile: z.enum(['fapi2-security', 'fapi2-message-signing', 'fapi1-advanced', 'fapi-ciba']),
  method: z.enum(['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt']),
  /** What its tokens are bound to. */
  bound: z.array(z.enum(['mtls', 'dpop'])).min(1),
  /** How a CIBA client learns of the decision. */
  delivery: z.enum(['poll', 'ping']).optional(),
});

const registry = z.strictObject({
  redirectUri: https,
  query: z.string().regex(/^[\w=&]+$/),
  notificationEndpoint: https,
  login: z.strictObject({ name: z.string().min(1), password: z.string().min(1) }),
  pairs: z.record(z.string().regex(/^[a-z0-9-]+$/), pair),
});

/** The clients for suites from outside, as `infra/config/test-clients.yaml` says them. */
export type TestClientRegistry = z.infer<typeof registry>;

/** One client of a pair. */
export interface TestClient extends z.infer<typeof pair> {
  readonly name: string;
  readonly algorithm: 'PS256' | 'ES256';
  readonly redirectUris: readonly string[];
}

/** Reads the registry; a mistake in it is told with its place. */
export function readTestClientRegistry(
  file = new URL('../../infra/config/test-clients.yaml', import.meta.url),
): TestClientRegistry {
  return registry.parse(parse(readFileSync(file, 'utf8')));
}

/** Every client: two of each pair. */
export function testClients({ pairs, redirectUri, query }: TestClientRegistry): readonly TestClient[] {
  return Object.entries(pairs).flatMap(([name, line]) => [
    { ...line, name: `${name}-1`, algorithm: 'PS256' as const, redirectUris: [redirectUri] },
    { ...line, name: `${name}-2`, algorithm: 'ES256' as const, redirectUris: [redirectUri, `${redirectUri}?${query}`] },
  ]);
}

/** Whether this client shows a certificate: to be recognised by it, or to bind its tokens to it. */
export const needsCertificate = ({ method, bound }: TestClient): boolean =>
  method !== 'private_key_jwt' || bound.includes('mtls');
