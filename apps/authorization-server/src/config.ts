import { healthConfig, identityConfig, listenerConfig, namesConfig, trustConfig } from '@holdfast/host';
import { storeConfig } from '@holdfast/store';
import { z } from 'zod';
import { PASSWORD_HASH } from './people/password.ts';

const httpsUrl = z.url({ protocol: /^https$/ }).refine((url) => !/[?#]/.test(url), 'has no query and no fragment');
const httpsOrigin = httpsUrl.refine(
  (url) => new URL(url).origin === url,
  'is an origin, without a path or a final slash',
);

const selector = z.strictObject({
  kind: z.enum(['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email']),
  value: z.string().min(1),
  /** Common name of the authority this client's certificates come from. */
  issuer: z.string().min(1),
});

const client = z.strictObject({
  id: z.string().regex(/^[\w-]{1,64}$/),
  /** Shown on the consent page. */
  name: z.string().min(1).max(80),
  tlsClientAuth: selector,
  redirectUris: z.array(z.url({ protocol: /^https$/ }).refine((uri) => !uri.includes('#'), 'has no fragment')).min(1),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)),
  authorizationDetailsTypes: z.array(z.string().min(1)),
  grantTypes: z.array(z.enum(['authorization_code', 'refresh_token'])).min(1),
  /** After an incident at this client: its refresh tokens issued before this instant are replaced at their next use. */
  replaceRefreshTokensIssuedBefore: z.iso.datetime().optional(),
});
export type ClientConfig = z.infer<typeof client>;

const person = z.strictObject({
  subject: z.string().regex(/^[\w-]{1,64}$/),
  login: z.string().regex(/^[a-z0-9.-]{1,64}$/),
  name: z.string().min(1).max(80),
  /** Made with `hashPassword`; never the password itself. */
  password: z.string().regex(PASSWORD_HASH, 'is a scrypt hash'),
});

/** Everything this process can be told. Paths are relative to the home directory. */
export const config = z.strictObject({
  /** Issuer identifier, and the base URL of the browser listener. RFC8414-2. */
  issuer: httpsOrigin,
  /** Base URL of the mTLS listener. RFC8705-5. */
  mtlsBase: httpsOrigin,
  names: namesConfig,
  browser: z.strictObject({ listener: listenerConfig, identity: identityConfig }),
  mtls: z.strictObject({ listener: listenerConfig, identity: identityConfig, clientTrust: trustConfig }),
  rpc: z.strictObject({
    listener: listenerConfig,
    identity: identityConfig,
    /** Authority of the services, for both directions. */
    peers: trustConfig,
    /** Method to the services that may call it. */
    callers: z.record(z.string(), z.array(z.string())),
  }),
  /** The bank's gRPC listener: where it is and which service must answer there. */
  bank: z.strictObject({ target: z.string().regex(/^[\w.-]+:\d+$/), service: z.string().min(1) }),
  authorizationDetails: z
    .array(
      z.strictObject({
        type: z.string().min(1),
        actions: z.array(z.string().min(1)).min(1),
        locations: z.array(httpsUrl).min(1),
      }),
    )
    .min(1),
  /** Private JWKS; the first key signs. */
  signingKeys: z.string().min(1),
  store: storeConfig,
  clients: z.array(client).min(1),
  people: z.array(person).min(1),
  health: healthConfig,
});
export type Config = z.infer<typeof config>;
