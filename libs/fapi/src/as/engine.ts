import type { PeerCertificate } from '@holdfast/mtls';
import type { Audit, Trail } from '../audit.ts';
import type { Clock, Random } from '../clock.ts';
import type { FormPairs } from '../form.ts';
import type { Profile, ProfileName } from '../profile.ts';
import type { KeySource } from '../wire/access-token.ts';
import type { DetailType } from '../wire/authorization-details.ts';
import type { ProofJudging, RevocationView } from '../rs/verify-request.ts';
import type { DpopNonces } from '../wire/dpop-nonce.ts';
import type { ClientRegistry, RemoteJwks } from './clients.ts';
import type { ConsentHolder } from './authorize/consent-holder.ts';
import type { ClientNotifier } from './ciba/client-notifier.ts';
import type { JudgedTokens } from './introspection/judged-tokens.ts';
import type { SigningKeys } from './keys/signing-keys.ts';
import type { DynamicRegistration } from './registration/registrations.ts';
import type { AuthorizationState } from './state.ts';

/** Everything the authorization server's rules work with. All of it is required: nothing has a silent default. */
export interface Engine {
  readonly profile: Profile;
  /** The profiles clients may be registered under; discovery advertises what these enforce. */
  readonly profiles: readonly ProfileName[];
  /** Issuer identifier, exactly as clients know it. RFC8414-2 [META-01]. */
  readonly issuer: string;
  /** Base URL of the listener that asks for client certificates. RFC8705-5. */
  readonly mtlsBase: string;
  readonly detailTypes: readonly DetailType[];
  readonly clients: ClientRegistry;
  readonly remoteJwks: RemoteJwks;
  /** Clients may register themselves, on these terms; absent: nobody may. RFC7591. */
  readonly registration?: DynamicRegistration;
  readonly state: AuthorizationState;
  readonly keys: SigningKeys;
  /** Judges what this server issued, where somebody asks about it. */
  readonly accessTokens: JudgedTokens;
  readonly consents: ConsentHolder;
  readonly people: People;
  readonly notifier: ClientNotifier;
  /** Nonces for DPoP proofs, with a key of this server's own. RFC9449-8. */
  readonly dpopNonces: DpopNonces;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
}

/** What may be told of a person. */
export interface People {
  find(subject: string): Promise<KnownPerson | undefined>;
  /** Who a client means by this `login_hint`; undefined when it is nobody. CIBA-CORE-7.1. */
  findByHint(loginHint: string): Promise<KnownPerson | undefined>;
}

export interface KnownPerson {
  readonly subject: string;
  readonly name: string;
}

/** A back-channel request as the shell saw it. */
export interface EndpointRequest {
  readonly form: FormPairs;
  /** Every `Authorization` header, as sent. */
  readonly authorization: readonly string[];
  /** Every `DPoP` header, as sent. */
  readonly dpop: readonly string[];
  /** The certificate of the live connection; `undefined` when none was presented. */
  readonly peer: PeerCertificate | undefined;
  /** The `Accept` header. */
  readonly accept?: string;
  readonly interaction?: string;
}

/** What the audit event of a request knows before anything was decided. */
export function trailOf(request: Pick<EndpointRequest, 'peer' | 'interaction'>): Trail {
  return {
    ...(request.interaction === undefined ? {} : { interaction: request.interaction }),
    ...(request.peer === undefined ? {} : { presentedThumbprint: request.peer.thumbprint }),
  };
}

/** How this server judges DPoP proofs: each of its endpoints is known under both of its listeners' names. RFC8705-5. */
export const proofJudging = (as: Engine): ProofJudging => ({
  origins: [as.issuer, as.mtlsBase],
  nonces: as.dpopNonces,
  replays: as.state,
});

/** The server's own keys and revocations, as the token rules shared with resource servers want them. */
export function ownTokenExpectations(as: Engine): {
  issuer: string;
  keys: KeySource;
  clock: Clock;
  revocations: RevocationView;
  dpop: ProofJudging;
} {
  return {
    issuer: as.issuer,
    keys: ({ kid, alg }) => Promise.resolve(as.keys.verificationKey(kid, alg)),
    clock: as.clock,
    revocations: {
      check: async (tokenId, grantId) => ((await as.state.isRevoked(tokenId, grantId)) ? 'revoked' : 'active'),
    },
    dpop: proofJudging(as),
  };
}
