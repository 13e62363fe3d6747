import type { TokenStatusService } from '../gen/holdfast/authorization/v1/token_status.ts';
import type { RpcClient } from '../rpc-client.ts';
import type { Handlers } from '../service-definition.ts';

export { RevocationKind, TokenStatusService as TokenStatus } from '../gen/holdfast/authorization/v1/token_status.ts';
export type {
  IntrospectRequest,
  IntrospectResponse,
  Revocation,
  RevocationUpdate,
  WatchRevocationsRequest,
} from '../gen/holdfast/authorization/v1/token_status.ts';

/** What the authorization server implements. */
export type TokenStatusHandlers = Handlers<typeof TokenStatusService>;
/** What the bank calls. */
export type TokenStatusClient = RpcClient<typeof TokenStatusService>;
