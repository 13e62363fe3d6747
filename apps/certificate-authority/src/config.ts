import { healthConfig, identityConfig, listenerConfig, namesConfig } from '@holdfast/host';
import { callersConfig } from '@holdfast/rpc';
import { storeConfig } from '@holdfast/store';
import { z } from 'zod';

/** Everything the certificate authority can be told. Paths are relative to the home directory; unknown keys stop the boot. */
export const config = z.strictObject({
  names: namesConfig,
  store: storeConfig,
  /** What may be issued; `infra/pki/pki.yaml` of this version when absent. */
  list: z.string().min(1).optional(),
  /** EST, the trust state, revocation lists and OCSP. */
  https: z.strictObject({ listener: listenerConfig, identity: identityConfig }),
  rpc: z.strictObject({ listener: listenerConfig, identity: identityConfig, callers: callersConfig }),
  /** Holders whose processes must have followed before a rotation goes on, also when they have told nothing yet. */
  processes: z.array(z.string().min(1)),
  health: healthConfig,
});

export type Config = z.infer<typeof config>;
