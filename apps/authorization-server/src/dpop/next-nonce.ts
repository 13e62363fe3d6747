import type { Engine } from '@holdfast/fapi/as';
import { DPOP_NONCE_HEADER, dpopOf } from '@holdfast/host';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ENGINE } from '../engine.ts';

/**
 * For the endpoints that take a proof: whoever sends one is told the nonce of the next, whatever the answer.
 * RFC9449-8.2: a client that keeps up is never refused for its nonce.
 *
 * A guard that keeps nobody out, because Nest carries an answer through a stream where there is an interceptor, and that costs
 * every request more than this rule does.
 */
@Injectable()
export class NextNonce implements CanActivate {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  canActivate(context: ExecutionContext): true {
    const http = context.switchToHttp();
    if (dpopOf(http.getRequest<FastifyRequest>()).length > 0) {
      const { dpopNonces, clock } = this.engine;
      http.getResponse<FastifyReply>().header(DPOP_NONCE_HEADER, dpopNonces.issue(clock.now()));
    }
    return true;
  }
}
