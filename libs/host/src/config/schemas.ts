import { z } from 'zod';
import { leavesConfig } from '../enrolment/leaf-config.ts';

/** Where a listener binds. An address, not a name: `localhost` would bind several sockets. Port 0 asks for a free one. */
export const listenerConfig = z.strictObject({
  host: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(0).max(65535),
});
export type ListenerConfig = z.infer<typeof listenerConfig>;

/** A certificate with its intermediates and its key, PEM files relative to the home directory. */
export const identityConfig = z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) });
export type IdentityConfig = z.infer<typeof identityConfig>;

/** A PEM bundle of certification authorities, relative to the home directory. */
export const trustConfig = z.string().min(1);

/** Whom to trust and whom no longer, and who says so. */
export const authorityConfig = z.strictObject({
  /** The folder with bundle and revocation lists of each purpose: what is trusted until the authority has spoken. */
  trust: z.string().min(1),
  /** Base URL of the certificate authority. Without `url` and `feed` the folder is followed, for whoever distributes files. */
  url: z
    .url({ protocol: /^https$/ })
    .refine((url) => new URL(url).origin === url, 'is an origin, without a path or a final slash')
    .optional(),
  /** Its gRPC listener as `host:port`; for processes with a certificate of a service. */
  feed: z
    .string()
    .regex(/^[\w.-]+:\d+$/, 'is host:port')
    .optional(),
  /** What this process enrols for at `url`; without, its certificates come into their files from elsewhere. */
  leaves: leavesConfig.optional(),
});
export type AuthorityConfig = z.infer<typeof authorityConfig>;

/**
 * Who ends the TLS of clients with certificates: this process, or a proxy that passes their certificates on (RFC 9440). Behind a
 * proxy the listener presents the certificate of its service and lets nobody in but that proxy.
 */
export const edgeConfig = z
  .union([
    z.literal('native'),
    z.strictObject({
      /** Name of the proxy among the services: its certificate says `spiffe://holdfast.test/<proxy>` and nothing else. */
      proxy: z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/),
    }),
  ])
  .default('native');
export type EdgeConfig = z.output<typeof edgeConfig>;

/** How names of peers are found: `loopback` answers *.localhost without asking anyone, `dns` asks the system. */
export const namesConfig = z.enum(['loopback', 'dns']);

/** What `--check-health` asks: the base URL of one of the process's own listeners, and the trust to verify it with. */
export const healthConfig = z.strictObject({
  url: z.url({ protocol: /^https$/ }),
  trust: trustConfig,
  names: namesConfig.default('loopback'),
  /** Presented where the listener asks for a certificate: behind a proxy it answers its own service alone. */
  identity: identityConfig.optional(),
});
export type HealthConfig = z.infer<typeof healthConfig>;
