import { decideByCall } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import { formOf, queryOf } from '@holdfast/host';
import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENGINE, endpointRequest } from '../engine.ts';
import type { PingDelivery } from './ping-delivery.ts';

/** Injection token. */
export const DEMO_DECISIONS = Symbol('demo decisions');

/** What deciding by call takes. */
export interface DemoDecisions {
  /** Ids of the clients that may. */
  readonly deciders: readonly string[];
  readonly pings: PingDelivery;
}

/**
 * Stands for a person at their device, in demonstrations and for test suites that have nobody there. Part of the mTLS
 * listener only where the configuration's `demo` says so; without it there is no such route.
 */
@Controller()
export class ApprovalByCallController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(DEMO_DECISIONS) private readonly demo: DemoDecisions,
  ) {}

  @Post('/demo/ciba/:authReqId')
  @HttpCode(200)
  async decide(
    @Param('authReqId') authReqId: string,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly decision: 'approved' | 'denied' }> {
    const asked = await endpointRequest(this.engine, 'ciba.decide_by_call', request, formOrQuery);
    const decided = await decideByCall(this.engine, asked, authReqId, this.demo.deciders);
    this.demo.pings.soon();
    return decided;
  }
}

/** The OpenID Foundation's conformance suite calls a URL with an empty body, and writes what it wants into the query. */
const formOrQuery = (request: FastifyRequest) =>
  request.headers['content-type'] === undefined ? queryOf(request) : formOf(request);
