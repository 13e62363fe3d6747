export type { EndpointRequest, Engine, KnownPerson, People } from './engine.ts';
export type { ResourceRequest } from '../rs/verify-request.ts';
export type {
  CibaDelivery,
  ClientAuthentication,
  ClientJwks,
  ClientRegistry,
  RegisteredClient,
  RemoteJwks,
} from './clients.ts';
export type {
  AuthorizationCompletion,
  AuthorizationState,
  Grant,
  IssuedCode,
  NewRefreshToken,
  PushedRequest,
  Revocation,
} from './state.ts';
export type {
  CibaApproval,
  CibaDecision,
  CibaRequest,
  CibaState,
  DuePing,
  KeptCibaRequest,
  PollingPace,
} from './ciba/ciba-state.ts';
export type { ClientNotifier } from './ciba/client-notifier.ts';
export type { ConsentHolder, NewConsent, ShareableAccount } from './authorize/consent-holder.ts';
export { KeyRing } from './keys/key-ring.ts';
export type { KeyGeneration, NamedGeneration } from './keys/key-ring.ts';
export { nextGeneration, phaseOf, removalAfter, rotationDue, sameGeneration } from './keys/key-life.ts';
export type { Generation } from './keys/key-life.ts';
export type { SignedType, SigningKeys } from './keys/signing-keys.ts';
export { DPOP, JWKS_MAX_AGE, POLICIES, PROFILE, PROFILE_NAMES, SIGNING_ALGORITHMS } from '../profile.ts';
export type {
  GrantType,
  ProfileName,
  ResponseMode,
  ResponseType,
  SenderConstraint,
  SigningAlgorithm,
} from '../profile.ts';
export { dpopNonces } from '../wire/dpop-nonce.ts';
export type { DpopNonces } from '../wire/dpop-nonce.ts';
export { isDetailType } from '../wire/authorization-details.ts';
export type { DetailType, AuthorizationDetail } from '../wire/authorization-details.ts';

// The verbs: an endpoint each, nothing smaller. A shell cannot call one check and forget the next.
export { ENDPOINT_PATHS } from './metadata/endpoints.ts';
export { metadata } from './metadata/metadata.ts';
export { pushAuthorizationRequest } from './par/push.ts';
export type { PushedResponse } from './par/push.ts';
export { findPending, takeUpRequest } from './authorize/take-up.ts';
export type { PendingRequest } from './authorize/take-up.ts';
export { nextStep } from './authorize/next-step.ts';
export type { Login } from './authorize/next-step.ts';
export { approveAuthorization, askForConsent, denyAuthorization } from './authorize/consent.ts';
export type { ConsentQuestion } from './authorize/consent.ts';
export type { Approval, Question } from './consent/question.ts';
export { requestAuthentication } from './ciba/request-authentication.ts';
export type { AuthenticationAcknowledgement } from './ciba/request-authentication.ts';
export { approveRequest, askForApproval, denyRequest, findAskedRequest, requestsWaitingFor } from './ciba/approval.ts';
export type { ApprovalQuestion, AskedRequest } from './ciba/approval.ts';
export { sendDuePings } from './ciba/send-pings.ts';
export { decideByCall } from './ciba/decide-by-call.ts';
export { exchange } from './token/exchange.ts';
export type { TokenResponse } from './token/token-response.ts';
export { ownAccessTokens } from './introspection/judged-tokens.ts';
export { introspect } from './introspection/introspect.ts';
export type { Introspection, IntrospectionResponse } from './introspection/introspect.ts';
export { CLIENT_METADATA_MEMBERS, clientFromMetadata } from './registration/client-metadata.ts';
export { checkClientJwks } from './registration/client-jwks.ts';
export type { RegistrationTerms } from './registration/client-metadata.ts';
export type {
  ClientRegistration,
  ClientRegistrations,
  DynamicRegistration,
  RegistrationChange,
  RegistrationOutcome,
} from './registration/registrations.ts';
export { registeredClient } from './registration/vouched-client.ts';
export { registerClient } from './registration/register.ts';
export type { RegistrationRequest } from './registration/register.ts';
export { deleteRegistration, readRegistration, updateRegistration } from './registration/manage.ts';
export type { ClientInformation } from './registration/client-information.ts';
export type { ClientMetadata } from './registration/metadata-members.ts';
export { revoke } from './revocation/revoke.ts';
export { endConsentsOfRevokedGrants } from './revocation/end-consents.ts';
export { revokeGrantsOfDisabledClients } from './revocation/disabled-clients.ts';
export { isTokenAlive } from './introspection/token-status.ts';
export { userInfo } from './userinfo/userinfo.ts';
export type { UserInfo } from './userinfo/userinfo.ts';
export { endAbandonedConsents } from './revocation/end-abandoned-consents.ts';
export { queryGrant, revokeGrantByClient } from './grants/management.ts';
export type { GrantStatus } from './grants/management.ts';
export { findOwnGrant, listGrants } from './grants/overview.ts';
export type { GrantOverview } from './grants/overview.ts';
export { endUnclaimedGrants } from './grants/unclaimed.ts';
export { withdrawGrant } from './grants/withdraw.ts';
