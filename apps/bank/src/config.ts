import { authorityConfig, edgeConfig, healthConfig, identityConfig, listenerConfig, namesConfig } from '@holdfast/host';
import { storeConfig } from '@holdfast/store';
import { z } from 'zod';
import { INTROSPECTION_DEADLINE, MOST_SILENCE } from './token-trust/revocation-watch.ts';

const httpsUrl = z.url({ protocol: /^https$/ });
const httpsOrigin = httpsUrl.refine((url) => new URL(url).origin === url, 'is an origin, without a path');
const milliseconds = z.int().min(1);

/** Everything the bank can be told. Paths are relative to the home directory; unknown keys stop the boot. */
export const bankConfig = z.strictObject({
  names: namesConfig,
  authority: authorityConfig,
  store: storeConfig,
  api: z.strictObject({
    /** This bank's name in the `aud` of tokens. */
    audience: httpsUrl,
    listener: listenerConfig,
    identity: identityConfig,
    /** Who ends the TLS of clients with certificates. */
    edge: edgeConfig,
  }),
  /** How proofs of possession are judged. RFC9449. */
  dpop: z.strictObject({
    /** Every name the API is known under: what a proof must have been made for. Never taken from a request. */
    origins: z.array(httpsOrigin).min(1),
    /** Secret shared by the replicas of the bank, for the nonces it demands. */
    nonceKey: z.string().min(1),
  }),
  rpc: z.strictObject({
    listener: listenerConfig,
    identity: identityConfig,
    /** Which services may call which method. */
    callers: z.record(z.string().min(1), z.array(z.string().min(1)).min(1)),
  }),
  authorizationServer: z.strictObject({
    issuer: httpsUrl,
    rpc: z.strictObject({ target: z.string().min(1), service: z.string().min(1) }),
  }),
  revocations: z.strictObject({
    /** Milliseconds without word after which the bank asks instead of trusting its list. */
    silence: milliseconds.max(MOST_SILENCE),
    /** Milliseconds an answer may take. */
    introspectionDeadline: milliseconds.max(INTROSPECTION_DEADLINE),
  }),
  health: healthConfig,
});

export type BankConfig = z.infer<typeof bankConfig>;
