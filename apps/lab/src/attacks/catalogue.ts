import type { Attack } from '../run/attack.ts';
import { frontChannelOverride } from './a02-front-channel-override.ts';
import { pkceAttacks } from './a07-pkce.ts';
import { mixUp } from './a11-mix-up.ts';
import { codeInjection } from './a13-code-injection.ts';
import { detailsTampered } from './a17-rar-tamper.ts';
import { noClientAuthentication } from './c01-no-client-authentication.ts';
import { anyCertificateAnyClient } from './c03-any-certificate-any-client.ts';
import { chainAppend } from './c04-chain-append.ts';
import { authorityScoping } from './c05-ca-scoping.ts';
import { audienceInjection } from './c12-audience-injection.ts';
import { algorithmConfusion } from './c14-jws-algorithm-confusion.ts';
import { grpcWithoutCertificate } from './g01-grpc-without-certificate.ts';
import { grpcAuthenticatedNotAuthorized } from './g04-grpc-authenticated-not-authorized.ts';
import { noCertificate } from './p01-no-certificate.ts';
import { rogueAuthority } from './p02-rogue-authority.ts';
import { expiredCertificate } from './p03-expired-certificate.ts';
import { wrongPurpose } from './p05-wrong-purpose.ts';
import { tokenWithoutCertificate } from './t01-token-without-certificate.ts';
import { tokenWithOwnCertificate } from './t02-token-with-own-certificate.ts';
import { tokenWithLookalike } from './t03-token-with-lookalike.ts';
import { certificateInHeader } from './t05-certificate-in-header.ts';
import { refreshTokenTheft } from './t06-refresh-token-theft.ts';
import { codeTheft } from './t07-code-theft.ts';
import { codeReplay } from './t08-code-replay.ts';
import { noConfirmation } from './t12-no-confirmation.ts';
import { revokedToken } from './t17-revoked-token.ts';
import { keyAndTokenTheft } from './t23-key-and-token-theft.ts';

/** Every attack of the lab, in the order in which it is told: tokens, clients, requests, certificates, services. */
export const CATALOGUE: readonly Attack[] = [
  tokenWithoutCertificate,
  tokenWithOwnCertificate,
  tokenWithLookalike,
  certificateInHeader,
  refreshTokenTheft,
  codeTheft,
  codeReplay,
  noConfirmation,
  revokedToken,
  keyAndTokenTheft,
  noClientAuthentication,
  anyCertificateAnyClient,
  chainAppend,
  authorityScoping,
  audienceInjection,
  algorithmConfusion,
  frontChannelOverride,
  pkceAttacks,
  mixUp,
  codeInjection,
  detailsTampered,
  noCertificate,
  rogueAuthority,
  expiredCertificate,
  wrongPurpose,
  grpcWithoutCertificate,
  grpcAuthenticatedNotAuthorized,
];

/** What can be played by a lab with or without an operator beside it. */
export const playable = (hasOperator: boolean): readonly Attack[] =>
  CATALOGUE.filter(({ needsOperator }) => hasOperator || needsOperator !== true);

/**
 * Finds attacks by id, whatever its case; all that can be played when none is named.
 * @throws Error with the known ids when one is unknown
 */
export function attacksNamed(ids: readonly string[], hasOperator: boolean): readonly Attack[] {
  if (ids.length === 0) return playable(hasOperator);
  return ids.map((id) => {
    const found = CATALOGUE.find((attack) => attack.id === id.toUpperCase());
    if (found === undefined)
      throw new Error(`there is no attack ${id}; known are ${CATALOGUE.map((a) => a.id).join(' ')}`);
    return found;
  });
}
