import type { Server } from 'node:https';
import type { OAuthError } from '@holdfast/fapi';
import type { IdentitySource, PeerTrust, TrustSource } from '@holdfast/mtls';
import type { DynamicModule, Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { FormPostPage } from '../answer/authorization-response.ts';
import type { ErrorPage } from '../answer/render-refusal.ts';
import type { ListenerConfig } from '../config/schemas.ts';
import type { ProxiedEdge } from '../edge/proxied-edge.ts';
import type { ProcessContext } from '../process/context.ts';
import type { Exposure } from './exposure.ts';
import type { Limits } from './limits.ts';

export interface RateLimit {
  readonly requests: number;
  readonly perSeconds: number;
}

export interface ListenerOptions {
  /** `browser` and `web` never ask for a certificate, `mtls` and `api` always do. */
  readonly name: 'browser' | 'mtls' | 'api' | 'web';
  readonly module: DynamicModule | Type;
  readonly identity: IdentitySource;
  readonly address: ListenerConfig;
  readonly exposure: Exposure;
  readonly ctx: ProcessContext<unknown>;
  /** Whose client certificates count, live: `mtls` and `api` must have it, the others must not. */
  readonly clients?: PeerTrust;
  /** Authorities of the platform's other doors: whom they know is still refused here, and told where it belongs. */
  readonly otherDoors?: readonly TrustSource[];
  /** The proxy in front of this listener, which passes their certificates on; absent where TLS ends here. See `openEdge`. */
  readonly edge?: ProxiedEdge | undefined;
  /** Renders refusals for people; a listener without it answers in JSON. */
  readonly errorPage?: (error: OAuthError, request: FastifyRequest) => ErrorPage;
  /** Carries answers of the authorization endpoint that are posted; needed where a refusal may be one. */
  readonly formPostPage?: FormPostPage;
  /** Content-Security-Policy of every answer that does not bring its own; nothing allowed when absent. */
  readonly csp?: string;
  /** Per peer address and route table; none when absent. */
  readonly rateLimit?: RateLimit;
  /** Runs on every matched route before the body is read, refuses by throwing. Gets the route as the exposure table writes it. */
  readonly guard?: (request: FastifyRequest, route: string) => Promise<void> | void;
  /** Bounds that differ from {@link LIMITS}. */
  readonly limits?: Partial<Limits>;
}

export interface RunningListener {
  /** `https://<first DNS name of the identity>:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Drains: in-flight requests are answered, then every connection is closed. Bounded. */
  close(): Promise<void>;
}
