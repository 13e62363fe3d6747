import type { PeerCertificate } from '@holdfast/mtls';
import type { Audit, Trail } from '../audit.ts';
import { audited } from '../audit.ts';
import type { Clock } from '../clock.ts';
import { refuse } from '../errors.ts';
import type { AccessTokenExpectations, JudgedAccessToken, KeySource } from '../wire/access-token.ts';
import { judgeAccessToken } from '../wire/access-token.ts';
import type { AuthorizationDetail } from '../wire/authorization-details.ts';
import { presentBoundCertificate } from '../wire/client-certificate.ts';
import type { Confirmation, PresentedKeys } from '../wire/confirmation.ts';
import { checkConfirmation, parseConfirmation } from '../wire/confirmation.ts';
import type { DpopNonces } from '../wire/dpop-nonce.ts';
import type { ProofReplays, VerifiedProof } from '../wire/dpop-proof.ts';
import { checkProofUnused, verifyDpopProof } from '../wire/dpop-proof.ts';
import { checkScheme, presentedToken } from '../wire/token-presentation.ts';

/**
 * What the resource server knows of revocations. `unknown` means that the source of that knowledge is away for longer
 * than the stated bound; the engine then refuses rather than trusting an old answer.
 */
export interface RevocationView {
  check(tokenId: string, grantId: string, now: Date): Promise<'active' | 'revoked' | 'unknown'>;
}

/** What a server needs to judge DPoP proofs. */
export interface ProofJudging {
  /** Every absolute URL this server is known under, without a path: what a proof must have been made for. */
  readonly origins: readonly string[];
  readonly nonces: DpopNonces;
  readonly replays: ProofReplays;
}

export interface ResourceServerDependencies {
  /** The authorization server whose tokens count. */
  readonly issuer: string;
  /** This resource server's name in `aud`. */
  readonly audience: string;
  readonly keys: KeySource;
  readonly revocations: RevocationView;
  readonly dpop: ProofJudging;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** A resource request, as the shell saw it. */
export interface ResourceRequest {
  /** Every `Authorization` header, as sent. */
  readonly authorization: readonly string[];
  /** Every `DPoP` header, as sent. */
  readonly dpop: readonly string[];
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
  /** What the token is bound to, and was proven on this request. */
  readonly confirmation: Confirmation;

  constructor(token: JudgedAccessToken, confirmation: Confirmation) {
    this.clientId = token.clientId;
    this.subject = token.subject;
    this.grantId = token.grantId;
    this.tokenId = token.tokenId;
    this.expiresAt = token.expiresAt;
    this.scopes = token.scopes;
    this.authorizationDetails = token.authorizationDetails;
    this.confirmation = confirmation;
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

/** What userinfo shares with every other protected resource. */
type Judging = AccessTokenExpectations & Pick<ResourceServerDependencies, 'revocations' | 'dpop'>;

/** The rule behind every protected resource: token, scheme, keys, replay, revocation, in that order. */
export async function verify(rs: Judging, request: ResourceRequest, trail: Trail): Promise<VerifiedCaller> {
  const { scheme, token } = presentedToken(request.authorization, request.url);
  const judged = await judgeAccessToken(token, rs);
  Object.assign(trail, { client: judged.clientId, subject: judged.subject, grant: judged.grantId });
  const cnf = parseConfirmation(judged.cnf);
  checkScheme(scheme, cnf, request.dpop);
  const proof = cnf.jkt === undefined ? undefined : await provenKey(rs, request, token, trail);
  checkConfirmation(cnf, { peer: presentedPeer(rs, request, cnf), jkt: proof?.jkt });
  if (proof !== undefined) await checkProofUnused(rs.dpop.replays, proof, 'resource');
  await checkNotRevoked(rs.revocations, judged, rs.clock.now());
  return new Caller(judged, cnf);
}

async function provenKey(rs: Judging, request: ResourceRequest, token: string, trail: Trail): Promise<VerifiedProof> {
  const [path = '/'] = request.url.split('?');
  const proof = await verifyDpopProof(request.dpop, {
    method: request.method,
    url: rs.dpop.origins.map((origin) => origin + path),
    accessToken: token,
    nonces: rs.dpop.nonces,
    now: rs.clock.now(),
  });
  trail.evidence = { ...trail.evidence, presentedKeyThumbprint: proof.jkt };
  return proof;
}

// A listener that takes tokens of both kinds asks for a certificate and insists on none: whether this request needs one,
// its token says. A certificate beside a token that is bound to no certificate proves nothing, and is not judged.
function presentedPeer(rs: Judging, request: ResourceRequest, cnf: Confirmation): PresentedKeys['peer'] {
  if (cnf['x5t#S256'] === undefined) return undefined;
  return presentBoundCertificate(request.peer, rs.clock.now(), 'invalid_token');
}

// FAPI2-SP-FINAL-5.3.4-3 [RS-16]: a token that is revoked is refused; so is one whose status nobody can tell.
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
