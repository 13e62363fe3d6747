import type { Server } from 'node:http';
import type { OAuthError } from '@holdfast/fapi';
import rateLimit from '@fastify/rate-limit';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import type { Rendering } from '../answer/render-refusal.ts';
import { renderRefusal } from '../answer/render-refusal.ts';
import { refuseHere } from '../answer/refuse-here.ts';
import { ForwardedPeers } from '../edge/forwarded-peer.ts';
import type { ProxiedEdge } from '../edge/proxied-edge.ts';
import { EdgePeers } from '../edge/proxied-edge.ts';
import { readBodiesAsBytes } from '../request/body.ts';
import { interactionOf } from '../request/headers.ts';
import { answerClientError } from './client-error.ts';
import { tlsOf } from './follow-material.ts';
import type { Material } from './follow-material.ts';
import { isHealthPath } from './exposure.ts';
import type { RouteTable } from './exposure.ts';
import type { Limits } from './limits.ts';
import type { ListenerOptions } from './listener-options.ts';

/**
 * The HTTP server with its bounds, before any route. FAPI2-SP-FINAL-5.2.1-1 [TLS-14]: TLS goes into the adapter: Nest's
 * own `httpsOptions` are ignored by this adapter, which then serves plain text without a word.
 */
export function createAdapter(material: Material, limits: Limits, rendering: Rendering): FastifyAdapter {
  const bounds = {
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    maxHeaderSize: limits.headerBytes + (material.edge === undefined ? 0 : limits.forwardedBytes),
  };
  const adapter = new FastifyAdapter<RawServerDefault>({
    https: { ...tlsOf(material), ...bounds },
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    bodyLimit: limits.bodyLimit,
    trustProxy: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // No middleware layer: it would match paths a second time, by other rules than the router.
    skipMiddie: true,
    multipart: false,
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      maxParamLength: limits.pathParameter,
      // `queryOf` is the only reader of queries; this one would merge repeated names.
      querystringParser: () => ({}),
    },
    // A path that cannot be decoded, or with a parameter beyond the bound, names nothing.
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      renderRefusal(refuseHere(request, 'not_found', 'route_unknown'), request, reply, rendering),
    clientErrorHandler: answerClientError,
  });
  const server: Server = adapter.getHttpServer();
  // Node drops headers beyond its count without a word, and a dropped header is one no check sees. Bytes are bounded anyway.
  server.maxHeadersCount = 0;
  return adapter;
}

/** What happens to every request around its handler. */
export async function addHooks(
  fastify: FastifyInstance,
  options: ListenerOptions,
  routes: RouteTable,
  rendering: Rendering,
): Promise<void> {
  readBodiesAsBytes(fastify);
  fastify.addHook('onRoute', ({ method, url }) => routes.register(method, url));
  if (options.edge !== undefined) admitProxyOnly(fastify, options.edge, options, routes);
  fastify.addHook('onRequest', (request, reply, done) => {
    rendering.prepare(request, reply);
    done(request.is404 ? undefined : refusalOf(request, routes));
  });
  const { guard } = options;
  if (guard !== undefined)
    fastify.addHook('onRequest', async (request) => {
      const route = routeOf(request);
      if (!request.is404 && !routes.isHealth(route)) await guard(request, route);
    });
  fastify.addHook('onResponse', (request, reply, done) => {
    report(request, reply, options);
    done();
  });
  if (options.rateLimit !== undefined) await limitRate(fastify, options.rateLimit);
}

/**
 * Behind a proxy nobody else is answered. First of all hooks, so that nothing is said to a stranger, and so that what the proxy
 * passes on is read before anything looks at the request.
 */
function admitProxyOnly(
  fastify: FastifyInstance,
  edge: ProxiedEdge,
  { clients, otherDoors = [], ctx }: ListenerOptions,
  routes: RouteTable,
): void {
  if (clients === undefined) throw new Error('a proxy passes on certificates that nobody here can judge');
  const peers = new EdgePeers(edge, ctx);
  const forwarded = new ForwardedPeers({ trust: clients.trust, elsewhere: otherDoors }, ctx);
  peers.guard(fastify.server);
  fastify.decorate('forwardedPeers', forwarded);
  fastify.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    if (peers.admits(socket, !request.is404 && routes.isHealth(routeOf(request)))) {
      forwarded.read(request);
      done();
      return;
    }
    reply.hijack();
    socket.destroy();
  });
}

/** The route the router matched, never the raw URL: `/%61ccounts` is `/accounts` to the router. */
const routeOf = (request: FastifyRequest): string => `${request.method} ${request.routeOptions.url}`;

function refusalOf(request: FastifyRequest, routes: RouteTable): OAuthError | undefined {
  return routes.isExposed(routeOf(request)) ? undefined : refuseHere(request, 'not_found', 'route_unknown');
}

async function limitRate(fastify: FastifyInstance, limit: NonNullable<ListenerOptions['rateLimit']>): Promise<void> {
  await fastify.register(rateLimit, {
    max: limit.requests,
    timeWindow: limit.perSeconds * 1000,
    errorResponseBuilder: (request) => refuseHere(request, 'too_many_requests', 'too_many_requests'),
  });
}

/** One line per answer, with the route as registered: a URL as sent can hold a token. */
function report(request: FastifyRequest, reply: FastifyReply, { name, ctx }: ListenerOptions): void {
  // A stranger at a proxied listener was cut off; the audit trail says why.
  if (reply.sent && !reply.raw.headersSent) return;
  const route = request.is404 ? 'none' : request.routeOptions.url;
  const line = { listener: name, method: request.method, route, status: reply.statusCode };
  const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
  const level = isHealthPath(route) ? 'debug' : 'info';
  ctx.log[level]({ ...line, milliseconds, interaction: interactionOf(request) }, 'answered');
}
