export { serveRpc } from './serve-rpc.ts';
export type { RpcServer, RpcService, ServeRpcOptions } from './serve-rpc.ts';
export { connectRpc } from './connect-rpc.ts';
export type { ConnectRpcOptions } from './connect-rpc.ts';
export type { CallOptions, RpcClient } from './rpc-client.ts';
export type {
  CallContext,
  Handlers,
  RequestOf,
  ResponseOf,
  RpcMethod,
  RpcServiceDefinition,
} from './service-definition.ts';
export { RpcError } from './rpc-error.ts';
export type { RpcCode } from './rpc-error.ts';
export { RpcConfigError } from './config-error.ts';
export { RPC_LIMITS } from './limits.ts';
export type { RpcLimits } from './limits.ts';
export { callersConfig } from './callers-config.ts';
export type { CallerLists } from './caller-policy.ts';
export { factsOfDecision, factsOfServer } from './audit-facts.ts';
export type { RpcDecision } from './caller.ts';
export type { RpcFailure } from './served-call.ts';
export type { ServerRefusal } from './server-identity.ts';
export type { PeerReason } from './service-identity.ts';
