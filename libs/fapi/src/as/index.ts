export type { EndpointRequest, Engine, People } from './engine.ts';
export type { ResourceRequest } from '../rs/verify-request.ts';
export type { ClientRegistry, RegisteredClient } from './clients.ts';
export type {
  AuthorizationCompletion,
  AuthorizationState,
  Grant,
  IssuedCode,
  NewRefreshToken,
  PushedRequest,
  Revocation,
} from './state.ts';
export type { ConsentHolder, NewConsent, ShareableAccount } from './authorize/consent-holder.ts';
export { importSigningKeys } from './token/signing-keys.ts';
export type { SigningKeys } from './token/signing-keys.ts';
export { FAPI2_SECURITY } from '../profile.ts';
export type { DetailType, AuthorizationDetail } from '../wire/authorization-details.ts';

// The verbs: an endpoint each, nothing smaller. A shell cannot call one check and forget the next.
export { ENDPOINT_PATHS, metadata } from './metadata/metadata.ts';
export { pushAuthorizationRequest } from './par/push.ts';
export type { PushedResponse } from './par/push.ts';
export { findPending, takeUpRequest } from './authorize/take-up.ts';
export type { PendingRequest } from './authorize/take-up.ts';
export { nextStep } from './authorize/next-step.ts';
export type { Login } from './authorize/next-step.ts';
export { approveAuthorization, askForConsent, denyAuthorization } from './authorize/consent.ts';
export type { Approval, ConsentQuestion } from './authorize/consent.ts';
export { exchange } from './token/exchange.ts';
export type { TokenResponse } from './token/token-response.ts';
export { introspect } from './introspection/introspect.ts';
export type { Introspection } from './introspection/introspect.ts';
export { revoke } from './revocation/revoke.ts';
export { endConsentsOfRevokedGrants } from './revocation/end-consents.ts';
export { userInfo } from './userinfo/userinfo.ts';
export type { UserInfo } from './userinfo/userinfo.ts';
