export { createResourceServer } from './verify-request.ts';
export type {
  ResourceRequest,
  ResourceServer,
  ResourceServerDependencies,
  RevocationView,
  VerifiedCaller,
} from './verify-request.ts';
export { requireDetail } from './details.ts';
export type { KeySource } from '../wire/access-token.ts';
export type { AuthorizationDetail } from '../wire/authorization-details.ts';
