import type { TrustFeedService } from '../gen/holdfast/authority/v1/trust_feed.ts';
import type { RpcClient } from '../rpc-client.ts';
import type { Handlers } from '../service-definition.ts';

export { TrustFeedService as TrustFeed } from '../gen/holdfast/authority/v1/trust_feed.ts';
export type {
  AcknowledgeRequest,
  HeldCertificate,
  PurposeTrust,
  TrustState,
  TrustUpdate,
} from '../gen/holdfast/authority/v1/trust_feed.ts';

/** What the certificate authority implements. */
export type TrustFeedHandlers = Handlers<typeof TrustFeedService>;
/** What every other process calls. */
export type TrustFeedClient = RpcClient<typeof TrustFeedService>;

export { followTrustFeed } from './trust-feed.ts';
export type { FollowedFeed, TrustFeedOptions } from './trust-feed.ts';
