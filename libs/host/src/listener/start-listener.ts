import type { Server, ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import type { OAuthError } from '@holdfast/fapi';
import type { IdentitySource, Revocations } from '@holdfast/mtls';
import type { ArgumentsHost, DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FormPostPage } from '../answer/authorization-response.ts';
import type { ErrorPage, Rendering } from '../answer/render-refusal.ts';
import { renderRefusal } from '../answer/render-refusal.ts';
import type { ListenerConfig } from '../config/schemas.ts';
import type { ProxiedEdge } from '../edge/proxied-edge.ts';
import type { ProcessContext } from '../process/context.ts';
import { StartUpError } from '../process/start-up-error.ts';
import { INTERACTION_HEADER, interactionOf } from '../request/headers.ts';
import { Drain } from './drain.ts';
import type { Exposure } from './exposure.ts';
import { RouteTable } from './exposure.ts';
import { followIdentity } from './follow-identity.ts';
import { serveHealth } from './health-routes.ts';
import type { Limits } from './limits.ts';
import { LIMITS } from './limits.ts';
import { nestLog } from './nest-log.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { probeListener } from './self-probe.ts';
import { addHooks, createAdapter } from './server.ts';

export interface RateLimit {
  readonly requests: number;
  readonly perSeconds: number;
}

export interface ListenerOptions {
  /** `browser` and `web` never ask for a certificate, `mtls` and `api` always do. */
  readonly name: 'browser' | 'mtls' | 'api' | 'web';
  readonly module: DynamicModule | Type;
  /** From `@holdfast/mtls`: `browserServerTls` or `mtlsServerTls`; behind a proxy `internalServerTls`. */
  readonly tls: ServerOptions;
  /** The proxy in front of this listener; absent where TLS ends here. See `openEdge`. */
  readonly edge?: ProxiedEdge;
  readonly identity: IdentitySource;
  readonly address: ListenerConfig;
  readonly exposure: Exposure;
  readonly ctx: ProcessContext<unknown>;
  /** What became of client certificates since they were issued; where a listener asks for them, it has to know. */
  readonly revocations?: Revocations;
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

/**
 * Starts one TLS listener over one Nest module, and looks at it from the network before handing it out.
 * @throws StartUpError when routes and exposure table differ, or the door is not what it should be
 */
export async function startListener(options: ListenerOptions): Promise<RunningListener> {
  const { address, ctx, identity, name, tls } = options;
  const asksForCertificate = checkPurpose(options);
  const limits: Limits = { ...LIMITS, ...options.limits };
  const routes = new RouteTable(name, options.exposure);
  const rendering = renderingOf(options, routes);
  const adapter = createAdapter(options, limits, rendering);
  const fastify: FastifyInstance = adapter.getInstance<FastifyInstance>();
  const server = adapter.getHttpServer<Server>();
  const drain = new Drain(server, limits);
  lookUpRevocations(fastify, options);
  drain.announceOn(fastify);
  await addHooks(fastify, options, routes, rendering);
  serveHealth(fastify, ctx.health);
  const app = await createApp(options, adapter, rendering);
  try {
    await app.init();
    routes.check();
    await fastify.listen({ host: address.host, port: address.port });
    const expected = { name, identity: identity.current(), asksForCertificate, insists: options.edge !== undefined };
    await probeListener(server, expected);
  } catch (error) {
    await app.close();
    throw error;
  }
  const stopFollowing = followIdentity(server, tls, identity, ctx.log);
  const { port } = server.address() as AddressInfo;
  const [host = address.host] = identity.current().leaf.dnsNames;
  const close = async (): Promise<void> => {
    stopFollowing();
    const cut = await drain.run();
    if (cut > 0) ctx.log.warn({ listener: name, connections: cut }, 'the drain had to cut connections off');
    await app.close();
  };
  return { url: `https://${host}:${port}`, port, server, close };
}

function lookUpRevocations(fastify: FastifyInstance, { name, revocations, tls, ctx }: ListenerOptions): void {
  if (revocations !== undefined)
    fastify.decorate('lookUpRevocation', (peer) => revocations.statusOf(peer, ctx.clock.now()));
  else if (tls.requestCert === true)
    throw new StartUpError(
      `the ${name} listener asks for certificates and would not notice that one was revoked`,
      'Give it the revocation lists of the authority it trusts.',
    );
}

/** The name says which door it is; TLS options of another door are a mistake in the wiring. */
function checkPurpose({ edge, name, tls }: ListenerOptions): boolean {
  const expected = name === 'mtls' || name === 'api';
  if ((tls.requestCert === true) === expected) {
    checkInsistence(name, edge !== undefined, tls.rejectUnauthorized === true);
    return expected;
  }
  throw new StartUpError(
    `the ${name} listener is wired with TLS options that ${expected ? 'ask for no' : 'ask for a'} certificate`,
    'Use mtlsServerTls for mtls and api, browserServerTls for browser and web.',
  );
}

/** Who believes a header must know who sent it; and where the application judges certificates, TLS must let them through. */
function checkInsistence(name: string, proxied: boolean, insists: boolean): void {
  if (proxied === insists) return;
  throw new StartUpError(
    proxied
      ? `the ${name} listener is behind a proxy and would talk to others too`
      : `the ${name} listener would tear connections instead of saying what is wrong with a certificate`,
    'Take the TLS options and the edge from openEdge.',
  );
}

function renderingOf({ ctx, csp, errorPage, formPostPage }: ListenerOptions, routes: RouteTable): Rendering {
  return {
    log: ctx.log,
    audit: ctx.audit,
    errorPage,
    formPostPage,
    prepare: (request, reply) => {
      setSecurityHeaders(reply, csp);
      reply.header(INTERACTION_HEADER, interactionOf(request));
    },
    methodsFor: (path) => routes.methodsFor(path),
  };
}

async function createApp(
  { module, ctx }: ListenerOptions,
  adapter: ReturnType<typeof createAdapter>,
  rendering: Rendering,
): Promise<INestApplication> {
  const app = await NestFactory.create(module, adapter, {
    // Bodies stay bytes until a rule reads them.
    bodyParser: false,
    logger: nestLog(ctx.log),
    abortOnError: false,
  });
  app.useGlobalFilters({
    catch: (error: unknown, host: ArgumentsHost) => {
      const http = host.switchToHttp();
      renderRefusal(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), rendering);
    },
  });
  return app;
}
