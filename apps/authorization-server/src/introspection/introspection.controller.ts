import { introspect } from '@holdfast/fapi/as';
import type { Engine, Introspection } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENGINE, endpointRequest } from '../engine.ts';

/** Token introspection. RFC7662. */
@Controller()
export class IntrospectionController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  @Post('/introspect')
  @HttpCode(200)
  async introspect(@Req() request: FastifyRequest): Promise<Introspection> {
    return introspect(this.engine, await endpointRequest(this.engine, 'introspection.read', request));
  }
}
