import {
  authorityConfig,
  edgeConfig,
  healthConfig,
  identityConfig,
  listenerConfig,
  namesConfig,
  trustConfig,
} from '@holdfast/host';
import { storeConfig } from '@holdfast/store';
import { z } from 'zod';
import { isDetailType, PROFILE_NAMES } from '@holdfast/fapi/as';
import { isHostEntry } from './outbound/permitted-url.ts';
import { PASSWORD_HASH } from './people/password.ts';

const httpsUrl = z.url({ protocol: /^https$/ }).refine((url) => !/[?#]/.test(url), 'has no query and no fragment');
const httpsOrigin = httpsUrl.refine(
  (url) => new URL(url).origin === url,
  'is an origin, without a path or a final slash',
);

const client = z.strictObject({
  client_id: z.string().regex(/^[\w-]{1,64}$/),
  /** What this client is held to: a row of the engine's policies. */
  profile: z.enum(PROFILE_NAMES),
  /** Common name of the authority its certificates come from; for `tls_client_auth`. RFC8705-7.4. */
  authority: z.string().min(1).optional(),
  /** Switched off: refused everywhere, and its tokens with it. */
  disabled: z.boolean().default(false),
  /** After an incident at this client: its refresh tokens issued before this instant are replaced at their next use. */
  replaceRefreshTokensIssuedBefore: z.iso.datetime().optional(),
  /** File with the client's public keys, relative to the home directory: read as the member `jwks` of its metadata. */
  jwksFile: z.string().min(1).optional(),
  /** Client metadata in the words of RFC7591-2, judged by the same reader as a registration over the wire. */
  metadata: z.record(z.string(), z.unknown()),
});
export type ClientConfig = z.infer<typeof client>;

/** A file of clients beside the configuration. */
export const clientFile = z.strictObject({ clients: z.array(client) });

const person = z.strictObject({
  subject: z.string().regex(/^[\w-]{1,64}$/),
  login: z.string().regex(/^[a-z0-9.-]{1,64}$/),
  name: z.string().min(1).max(80),
  /** Made with `hashPassword`; never the password itself. */
  password: z.string().regex(PASSWORD_HASH, 'is a scrypt hash'),
});

/** Everything this process can be told. Paths are relative to the home directory. */
export const config = z.strictObject({
  /** Issuer identifier, and the base URL of the browser listener. RFC8414-2 [META-01]. */
  issuer: httpsOrigin,
  /** Base URL of the mTLS listener. RFC8705-5. */
  mtlsBase: httpsOrigin,
  names: namesConfig,
  authority: authorityConfig,
  browser: z.strictObject({ listener: listenerConfig, identity: identityConfig }),
  mtls: z.strictObject({
    listener: listenerConfig,
    identity: identityConfig,
    /** Who ends the TLS of clients with certificates. */
    edge: edgeConfig,
  }),
  rpc: z.strictObject({
    listener: listenerConfig,
    identity: identityConfig,
    /** Method to the services that may call it. */
    callers: z.record(z.string(), z.array(z.string())),
  }),
  /** The bank's gRPC listener: where it is and which service must answer there. */
  bank: z.strictObject({ target: z.string().regex(/^[\w.-]+:\d+$/), service: z.string().min(1) }),
  authorizationDetails: z
    .array(
      z.strictObject({
        type: z.string().refine(isDetailType, 'is a type whose shape nobody here knows'),
        actions: z.array(z.string().min(1)).min(1),
        locations: z.array(httpsUrl).min(1),
      }),
    )
    .min(1),
  signingKeys: z.strictObject({
    /** The file with the key that seals the signing keys in the store. */
    sealingKey: z.string().min(1),
    /** How long one generation of keys signs. Minutes are for demonstrations. */
    rotateEvery: z.union([
      z.strictObject({ days: z.int().min(1).max(365) }),
      z.strictObject({ minutes: z.int().min(5).max(1440) }),
    ]),
  }),
  /** Secret shared by the replicas of this server, for the nonces of DPoP proofs. */
  dpopNonceKey: z.string().min(1),
  /** Addresses where clients publish keys, and that this server calls. Absent: it calls none. */
  outbound: z
    .strictObject({
      /** Exact names, each with its port when that is not 443. */
      hosts: z.array(z.string().refine(isHostEntry, 'is a host name, in lower case, with a port unless it is 443')),
      /** Authorities of the servers there, where they are not those of our own web listeners. */
      trust: trustConfig.optional(),
    })
    .optional(),
  store: storeConfig,
  /** Profiles in force; discovery advertises what these offer, and no client is registered under another. */
  profiles: z.array(z.enum(PROFILE_NAMES)).min(1),
  clients: z.array(client).min(1),
  /** Clients may register themselves, at the listener that asks for certificates. Absent: nobody may. RFC7591. */
  registration: z
    .strictObject({
      /** Who signs software statements: its name as `iss`, and the file with its public keys as a JWK set. */
      directory: z.strictObject({ issuer: httpsUrl, jwks: z.string().min(1) }),
      /** Common name of the authority of the participants' certificates. */
      authority: z.string().min(1),
      /** Ids of clients that registered themselves and are switched off: refused everywhere, and their tokens with them. */
      disabled: z.array(z.string().min(1)).default([]),
    })
    .optional(),
  /** Files with more clients, relative to the home directory; a file that is not there holds none. */
  clientFiles: z.array(z.string().min(1)).default([]),
  people: z.array(person).min(1),
  /** Reaching clients that want to be pinged. CIBA-CORE-10.2. */
  notifications: z.strictObject({
    /** Authorities of their endpoints' certificates, where they are not those of our own web listeners. */
    trust: trustConfig.optional(),
    /** Names that may be called, without ports; whatever else a client has registered is not called. */
    hosts: z.array(z.hostname()),
    /** Those of them that stand in this server's own private network, as in containers; the others must be public. */
    inside: z.array(z.hostname()).default([]),
  }),
  /** For demonstrations and test suites alone. Without it none of this exists. */
  demo: z
    .strictObject({
      /** Clients that may decide requests in the place of a person, by one call with their certificate. */
      cibaApproval: z.strictObject({ clients: z.array(z.string().min(1)).min(1) }),
    })
    .optional(),
  health: healthConfig,
});
export type Config = z.infer<typeof config>;
