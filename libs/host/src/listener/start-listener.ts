import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import type { PeerTrust } from '@holdfast/mtls';
import { chainFault, sentAlong, withStanding } from '@holdfast/mtls';
import type { ArgumentsHost, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Rendering } from '../answer/render-refusal.ts';
import { renderRefusal } from '../answer/render-refusal.ts';
import { auditRefusedHandshakes } from '../edge/proxied-edge.ts';
import { StartUpError } from '../process/start-up-error.ts';
import { INTERACTION_HEADER, interactionOf } from '../request/headers.ts';
import { Connections } from './connections.ts';
import { drain } from './drain.ts';
import { RouteTable } from './exposure.ts';
import { followMaterial } from './follow-material.ts';
import { serveHealth } from './health-routes.ts';
import type { Limits } from './limits.ts';
import { LIMITS } from './limits.ts';
import type { ListenerOptions, RunningListener } from './listener-options.ts';
import { nestLog } from './nest-log.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { probeListener } from './self-probe.ts';
import { addHooks, createAdapter } from './server.ts';

/**
 * Starts one TLS listener over one Nest module, and looks at it from the network before handing it out.
 * @throws StartUpError when routes and exposure table differ, or the door is not what it should be
 */
export async function startListener(options: ListenerOptions): Promise<RunningListener> {
  const { address, clients, ctx, edge, identity, name } = options;
  const asksForCertificate = checkPurpose(options);
  const limits: Limits = { ...LIMITS, ...options.limits };
  const routes = new RouteTable(name, options.exposure);
  const rendering = renderingOf(options, routes);
  const material = { identity, clients, edge };
  const adapter = createAdapter(material, limits, rendering);
  const fastify: FastifyInstance = adapter.getInstance<FastifyInstance>();
  const server = adapter.getHttpServer<Server>();
  const connections = new Connections(server);
  if (clients !== undefined) judgeLive(fastify, clients, options);
  connections.announceOn(fastify);
  await addHooks(fastify, options, routes, rendering);
  serveHealth(fastify, ctx);
  const app = await createApp(options, adapter, rendering);
  try {
    await app.init();
    routes.check();
    await fastify.listen({ host: address.host, port: address.port });
    const expected = { name, identity: identity.current(), asksForCertificate, insists: edge !== undefined };
    await probeListener(server, expected);
    if (edge !== undefined) auditRefusedHandshakes(server, ctx.audit);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { audit, clock, log } = ctx;
  const { lameDuck } = limits;
  const stopFollowing = followMaterial({ server, material, connections, lameDuck, audit, clock, log });
  const { port } = server.address() as AddressInfo;
  const [host = address.host] = identity.current().leaf.dnsNames;
  const close = async (): Promise<void> => {
    stopFollowing();
    const cut = await drain(server, connections, limits);
    if (cut > 0) ctx.log.warn({ listener: name, connections: cut }, 'the drain had to cut connections off');
    await app.close();
  };
  return { url: `https://${host}:${port}`, port, server, close };
}

/** What `peerOf` asks of the certificate on a connection: how it stands now, and why its chain was not accepted. */
function judgeLive(fastify: FastifyInstance, clients: PeerTrust, { ctx, otherDoors = [] }: ListenerOptions): void {
  fastify.decorate('standingOf', (peer) => withStanding(peer, clients, ctx.clock.now()));
  fastify.decorate('explainChain', (certificate) => {
    const elsewhere = otherDoors.map((door) => door.current());
    return chainFault(certificate, sentAlong(certificate), { trust: clients.trust.current(), elsewhere });
  });
}

/** The name says which door it is; another kind of material is a mistake in the wiring. */
function checkPurpose({ name, clients, edge }: ListenerOptions): boolean {
  const expected = name === 'mtls' || name === 'api';
  if ((clients !== undefined) !== expected)
    throw new StartUpError(
      `the ${name} listener is wired to ask for ${expected ? 'no' : 'a'} certificate`,
      'Give mtls and api the trust in clients, browser and web none.',
    );
  if (edge === undefined || expected) return expected;
  throw new StartUpError(
    `the ${name} listener is behind a proxy and has no use for what it passes on`,
    'Give edge to mtls and api alone.',
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
