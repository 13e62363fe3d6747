import type { Server, ServerOptions } from 'node:https';
import type { OAuthError } from '@holdfast/fapi';
import type { IdentitySource } from '@holdfast/mtls';
import type { DynamicModule, Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ListenerConfig } from '../config/schemas.ts';
import type { ProcessContext } from '../process/context.ts';
import type { Exposure } from './exposure.ts';

/** A page for a person, made by the application. */
export interface ErrorPage {
  readonly status: number;
  readonly html: string;
}

export interface RateLimit {
  readonly requests: number;
  readonly perSeconds: number;
}

export interface ListenerOptions {
  readonly name: 'browser' | 'mtls' | 'api' | 'web';
  readonly module: DynamicModule | Type;
  /** From `@holdfast/mtls`: `browserServerTls` or `mtlsServerTls`. */
  readonly tls: ServerOptions;
  readonly identity: IdentitySource;
  readonly address: ListenerConfig;
  readonly exposure: Exposure;
  readonly ctx: ProcessContext<unknown>;
  /** Renders refusals for people; a listener without it answers in JSON. */
  readonly errorPage?: (error: OAuthError, request: FastifyRequest) => ErrorPage;
  /** Content-Security-Policy of every answer that does not bring its own. */
  readonly csp?: string;
  /** Per peer address and listener; none by default. */
  readonly rateLimit?: RateLimit;
  /** Runs on every matched route before the body is read, closed by throwing. Gets the route as the exposure table writes it. */
  readonly guard?: (request: FastifyRequest, route: string) => Promise<void> | void;
}

export interface RunningListener {
  /** `https://<first DNS name of the identity>:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Drains: in-flight requests are answered, then every connection is closed. Bounded. */
  close(): Promise<void>;
}

export async function startListener(options: ListenerOptions): Promise<RunningListener> {
  throw new Error(`${options.name}: not built yet`);
}
