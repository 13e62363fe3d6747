import type { PeerCertificate } from '@holdfast/mtls';
import type { Audit, Trail } from '../audit.ts';
import type { Clock, Random } from '../clock.ts';
import type { FormPairs } from '../form.ts';
import type { Profile } from '../profile.ts';
import type { KeySource } from '../wire/access-token.ts';
import type { DetailType } from '../wire/authorization-details.ts';
import type { RevocationView } from '../rs/verify-request.ts';
import type { ClientRegistry } from './clients.ts';
import type { ConsentHolder } from './authorize/consent-holder.ts';
import type { SigningKeys } from './token/signing-keys.ts';
import type { AuthorizationState } from './state.ts';

/** Everything the authorization server's rules work with. All of it is required: nothing has a silent default. */
export interface Engine {
  readonly profile: Profile;
  /** Issuer identifier, exactly as clients know it. RFC8414-2. */
  readonly issuer: string;
  /** Base URL of the listener that asks for client certificates. RFC8705-5. */
  readonly mtlsBase: string;
  readonly detailTypes: readonly DetailType[];
  readonly clients: ClientRegistry;
  readonly state: AuthorizationState;
  readonly keys: SigningKeys;
  readonly consents: ConsentHolder;
  readonly people: People;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
}

/** What may be told of a person. */
export interface People {
  find(subject: string): Promise<{ readonly subject: string; readonly name: string } | undefined>;
}

/** A back-channel request as the shell saw it. */
export interface EndpointRequest {
  readonly form: FormPairs;
  /** Every `Authorization` header, as sent. */
  readonly authorization: readonly string[];
  /** The certificate of the live connection; `undefined` when none was presented. */
  readonly peer: PeerCertificate | undefined;
  readonly interaction?: string;
}

/** What the audit event of a request knows before anything was decided. */
export function trailOf(request: Pick<EndpointRequest, 'peer' | 'interaction'>): Trail {
  return {
    ...(request.interaction === undefined ? {} : { interaction: request.interaction }),
    ...(request.peer === undefined ? {} : { presentedThumbprint: request.peer.thumbprint }),
  };
}

/** Every audience this server issues access tokens for. */
export const ownAudiences = (as: Engine): readonly string[] => [
  as.issuer,
  ...as.detailTypes.flatMap(({ locations }) => locations),
];

/** The server's own keys and revocations, as the token rules shared with resource servers want them. */
export function ownTokenExpectations(as: Engine): {
  issuer: string;
  keys: KeySource;
  clock: Clock;
  revocations: RevocationView;
} {
  return {
    issuer: as.issuer,
    keys: ({ kid, alg }) => Promise.resolve(as.keys.verificationKey(kid, alg)),
    clock: as.clock,
    revocations: {
      check: async (tokenId, grantId) => ((await as.state.isRevoked(tokenId, grantId)) ? 'revoked' : 'active'),
    },
  };
}
