import { epochSeconds } from '../clock.ts';

/** `typ` of a signed authorization response. JARM-2.1 names none; one of its own keeps it from passing for anything else. */
export const AUTHORIZATION_RESPONSE_TYPE = 'oauth-authz-resp+jwt';

/**
 * The claims of a signed authorization response: who answers whom, until when, and the parameters. JARM-2.1 [AUTH-20],
 * FAPI2-MS-FINAL-5.4.1.
 * @param lifetime seconds
 */
export const authorizationResponseClaims = (
  response: {
    readonly issuer: string;
    readonly clientId: string;
    readonly parameters: Readonly<Record<string, string>>;
  },
  now: Date,
  lifetime: number,
): Record<string, string | number> => ({
  iss: response.issuer,
  aud: response.clientId,
  exp: epochSeconds(now) + lifetime,
  ...response.parameters,
});
