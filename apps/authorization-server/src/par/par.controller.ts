import { pushAuthorizationRequest } from '@holdfast/fapi/as';
import type { Engine, PushedResponse } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENGINE, endpointRequest } from '../engine.ts';

/** Pushed authorization requests. RFC9126. */
@Controller()
export class ParController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  // RFC9126-2.2: success is 201.
  @Post('/par')
  @HttpCode(201)
  async push(@Req() request: FastifyRequest): Promise<PushedResponse> {
    return pushAuthorizationRequest(this.engine, await endpointRequest(this.engine, 'par.push', request));
  }
}
