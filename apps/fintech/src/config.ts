import { authorityConfig, healthConfig, identityConfig, listenerConfig, namesConfig } from '@holdfast/host';
import { storeConfig } from '@holdfast/store';
import { z } from 'zod';

/** Scheme, host and port, nothing behind: what browsers send as `Origin`, and what redirect URIs are built on. */
const origin = z
  .url({ protocol: /^https$/ })
  .refine((url) => new URL(url).origin === url, 'must be an https origin without a path');

/** OIDC-DISCOVERY-3: an issuer is https, without query and fragment; compared to the letter, so kept to the letter. */
const issuer = z
  .url({ protocol: /^https$/ })
  .refine((url) => !/[?#]/.test(url), 'an issuer has neither query nor fragment');

const timeZone = z.string().refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'must be an IANA time zone such as Europe/London');

/** Everything Tidepool can be told. Paths are relative to the home directory; unknown keys stop the boot. */
export const fintechConfig = z.strictObject({
  names: namesConfig,
  authority: authorityConfig.omit({ feed: true }),
  store: storeConfig,
  /** The file that holds the key of the stored tokens; made on the first start. */
  tokenKey: z.string().min(1),
  web: z.strictObject({
    /** Where browsers find Tidepool. Never taken from a request. */
    origin,
    listener: listenerConfig,
    identity: identityConfig,
    /** Decides where one day ends and the next begins on a statement. */
    timeZone,
  }),
  /** Tidepool as a client of the bank. */
  client: z.strictObject({ id: z.string().min(1).max(200), identity: identityConfig }),
  /**
   * The bank and its login service are one entry on purpose: a token of this issuer goes to this API and to no other, and
   * this API sees no token of another issuer.
   */
  bank: z.strictObject({
    name: z.string().min(1).max(60),
    issuer,
    api: origin,
  }),
  health: healthConfig,
});

export type FintechConfig = z.infer<typeof fintechConfig>;

/** RFC6749-3.1.2: where the bank's login service sends the browser back to; registered there to the letter. */
export const redirectUri = (config: FintechConfig): string => `${config.web.origin}/callback`;
