export { defineProcess } from './process/define-process.ts';
export type { ProcessDefinition } from './process/define-process.ts';
export { createContext } from './process/context.ts';
export type { ContextOptions, OwnedContext, ProcessContext, RunningProcess } from './process/context.ts';
export type { Health, Readiness, Vitals } from './process/health.ts';
export type { Random } from './process/random.ts';
export { housekeeping } from './process/housekeeping.ts';
export { StartUpError } from './process/start-up-error.ts';
export { createLogger } from './log/log.ts';
export type { LogFields, Logger, LogLine, LogOptions } from './log/log.ts';

export {
  authorityConfig,
  edgeConfig,
  healthConfig,
  identityConfig,
  listenerConfig,
  namesConfig,
  trustConfig,
} from './config/schemas.ts';
export { loadSecretKey } from './config/secret-key.ts';
export type { AuthorityConfig, EdgeConfig, HealthConfig, IdentityConfig, ListenerConfig } from './config/schemas.ts';

export { openEdge } from './edge/open-edge.ts';
export type { ProxiedEdge } from './edge/proxied-edge.ts';
export { startListener } from './listener/open-listener.ts';
export type { ListenerOptions, RateLimit, RunningListener } from './listener/listener-options.ts';
export { LIMITS } from './listener/limits.ts';
export type { Limits } from './listener/limits.ts';
export type { ErrorPage } from './answer/render-refusal.ts';
export type { Exposure, Method, RouteKey } from './listener/exposure.ts';

export { openHoldings } from './trust/holdings.ts';
export type { Holdings } from './trust/holdings.ts';
export { openTrust } from './trust/open-trust.ts';
export type { FeedReports, FollowOptions, ProcessTrust } from './trust/open-trust.ts';

export { peerOf } from './request/peer.ts';
export { formOf, queryOf } from './request/form.ts';
export { jsonOf } from './request/json.ts';
export { authorizationOf, DPOP_NONCE_HEADER, dpopOf, interactionOf } from './request/headers.ts';

export { clearCookie, cookieOf, setCookie } from './answer/cookie.ts';
export type { CookieOptions } from './answer/cookie.ts';
export { sendAuthorizationResponse } from './answer/authorization-response.ts';
export type { FormPostPage } from './answer/authorization-response.ts';
export { seeOther, sendPage } from './answer/page.ts';
export type { Page } from './answer/page.ts';

export { httpClient } from './client/http-client.ts';
export type { HttpClient, HttpClientOptions } from './client/http-client.ts';
export { ServerRefused } from './client/server-connections.ts';

export type { LeafConfig } from './enrolment/leaf-config.ts';
export { startEnrolment } from './enrolment/enrolment.ts';
export type { Enrolment, EnrolmentOptions } from './enrolment/enrolment.ts';
