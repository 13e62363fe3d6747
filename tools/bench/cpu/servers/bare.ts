import 'reflect-metadata';
import { browserServerTls, mtlsServerTls } from '@holdfast/mtls';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BareController } from './bare/controller.ts';
import { metadata } from './bare/metadata.ts';
import { makeSigningKey } from './bare/signing-key.ts';
import { BareState } from './bare/state.ts';
import { KEEP_ALIVE, announce, doorsOf, homeOfArguments } from './serve.ts';

/**
 * The floor: Nest on Fastify doing what an authorization server cannot avoid, and nothing else. No rules, no audit, no log, no
 * second client. Not an authorization server anybody may use.
 */
class BareModule {
  readonly purpose = 'something for Nest to hang the controller on';
}

const home = homeOfArguments();
const doors = doorsOf(home);
const key = await makeSigningKey();
const state = new BareState(join(home, 'data/bench-bare.sqlite'));
const endpoints = { issuer: '', mtls: '' };
Module({
  controllers: [BareController],
  providers: [
    { provide: BareController.PARTS, useValue: { state, key, endpoints, metadata: () => metadata(endpoints) } },
  ],
})(BareModule);

async function open(tls: ServerOptions): Promise<number> {
  const adapter = new FastifyAdapter({ https: { ...tls, keepAliveTimeout: KEEP_ALIVE }, keepAliveTimeout: KEEP_ALIVE });
  const app = await NestFactory.create<NestFastifyApplication>(BareModule, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return (app.getHttpServer().address() as AddressInfo).port;
}

endpoints.mtls = `https://mtls.auth.localhost:${await open(mtlsServerTls(doors.mtls, doors.clients))}`;
endpoints.issuer = `https://auth.localhost:${await open(browserServerTls(doors.browser))}`;
announce(endpoints.issuer);
