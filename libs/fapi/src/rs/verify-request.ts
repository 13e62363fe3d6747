import type { PeerCertificate } from '@holdfast/mtls';
import type { Audit, Trail } from '../audit.ts';
import { audited } from '../audit.ts';
import type { Clock } from '../clock.ts';
import { refuse } from '../errors.ts';
import { presentCertificate } from '../wire/client-certificate.ts';
import type { AccessTokenExpectations, JudgedAccessToken, KeySource } from '../wire/access-token.ts';
import { judgeAccessToken } from '../wire/access-token.ts';
import type { AuthorizationDetail } from '../wire/authorization-details.ts';
import { bearerToken } from '../wire/bearer-token.ts';
import { checkConfirmation } from '../wire/confirmation.ts';

/**
 * What the resource server knows of revocations. `unknown` means that the source of that knowledge is away for longer
 * than the stated bound; the engine then refuses rather than trusting an old answer.
 */
export interface RevocationView {
  check(tokenId: string, grantId: string, now: Date): Promise<'active' | 'revoked' | 'unknown'>;
}

export interface ResourceServerDependencies {
  /** The authorization server whose tokens count. */
  readonly issuer: string;
  /** This resource server's name in `aud`. */
  readonly audience: string;
  readonly keys: KeySource;
  readonly revocations: RevocationView;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** A resource request, as the shell saw it. */
export interface ResourceRequest {
  /** Every `Authorization` header, as sent. */
  readonly authorization: readonly string[];
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** The certificate of the live connection; `undefined` when none was presented. */
  readonly peer: PeerCertificate | undefined;
  readonly interaction?: string;
}

class Caller {
  // Keeps the type nominal: only this module can make one, so a handler that has one has been through every check.
  readonly #verified = true;
  readonly clientId: string;
  readonly subject: string;
  readonly grantId: string;
  readonly tokenId: string;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  /** `x5t#S256` of the live connection, equal to the token's. */
  readonly thumbprint: string;

  constructor(token: JudgedAccessToken, thumbprint: string) {
    this.clientId = token.clientId;
    this.subject = token.subject;
    this.grantId = token.grantId;
    this.tokenId = token.tokenId;
    this.expiresAt = token.expiresAt;
    this.scopes = token.scopes;
    this.authorizationDetails = token.authorizationDetails;
    this.thumbprint = thumbprint;
  }

  get verified(): true {
    return this.#verified;
  }
}

/** Somebody whose token, certificate and their binding were verified on this very request. */
export type VerifiedCaller = Caller;

export interface ResourceServer {
  /**
   * Verifies a resource request from the socket up. FAPI2-SP-FINAL-5.3.4.
   * @throws OAuthError with `show: 'resource'`, and 503 when the status of the token cannot be known
   */
  verifyRequest(request: ResourceRequest): Promise<VerifiedCaller>;
}

/** Builds the resource engine. Every dependency is required: a missing one must not mean a missing check. */
export function createResourceServer(dependencies: ResourceServerDependencies): ResourceServer {
  return {
    verifyRequest: (request) =>
      audited(dependencies.audit, 'resource.verify', trailOf(request), (trail) => verify(dependencies, request, trail)),
  };
}

async function verify(rs: ResourceServerDependencies, request: ResourceRequest, trail: Trail): Promise<VerifiedCaller> {
  const token = bearerToken(request.authorization, request.url);
  const peer = presentCertificate(request.peer, rs.clock.now(), 'invalid_token');
  return verifyToken(rs, token, peer, trail);
}

/** The part behind the header and the socket, shared with userinfo: token, binding, revocation, in that order. */
export async function verifyToken(
  rs: AccessTokenExpectations & Pick<ResourceServerDependencies, 'revocations'>,
  token: string,
  peer: PeerCertificate,
  trail: Trail,
): Promise<VerifiedCaller> {
  const judged = await judgeAccessToken(token, rs);
  Object.assign(trail, { client: judged.clientId, subject: judged.subject, grant: judged.grantId });
  checkConfirmation(judged.cnf, peer);
  await checkNotRevoked(rs.revocations, judged, rs.clock.now());
  return new Caller(judged, peer.thumbprint);
}

// FAPI2-SP-FINAL-5.3.4-3: a token that is revoked is refused; so is one whose status nobody can tell.
async function checkNotRevoked(revocations: RevocationView, token: JudgedAccessToken, now: Date): Promise<void> {
  switch (await revocations.check(token.tokenId, token.grantId, now)) {
    case 'active':
      return;
    case 'revoked':
      throw refuse('invalid_token', 'token_revoked');
    default:
      throw refuse('temporarily_unavailable', 'token_status_unknown');
  }
}

function trailOf(request: ResourceRequest): Trail {
  return {
    ...(request.interaction === undefined ? {} : { interaction: request.interaction }),
    ...(request.peer === undefined ? {} : { presentedThumbprint: request.peer.thumbprint }),
    evidence: { method: request.method },
  };
}
