import { introspect } from '@holdfast/fapi/as';
import type { Engine, Introspection } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ENGINE, endpointRequest } from '../engine.ts';

// RFC9701-5
const SIGNED = 'application/token-introspection+jwt';

/** Token introspection. RFC7662, RFC9701. */
@Controller()
export class IntrospectionController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  @Post('/introspect')
  @HttpCode(200)
  async introspect(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Introspection | string> {
    const asked = await endpointRequest(this.engine, 'introspection.read', request);
    const answer = await introspect(this.engine, asked);
    if (answer.kind === 'jwt') void reply.header('content-type', SIGNED);
    return answer.body;
  }
}
