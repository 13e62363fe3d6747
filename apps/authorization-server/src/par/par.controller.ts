import { pushAuthorizationRequest } from '@holdfast/fapi/as';
import type { Engine, PushedResponse } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NextNonce } from '../dpop/next-nonce.ts';
import { ENGINE, endpointRequest } from '../engine.ts';

/** Pushed authorization requests. RFC9126. */
@Controller()
@UseGuards(NextNonce)
export class ParController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  // RFC9126-2.2 [PAR-01]: success is 201. RFC9126-2.3 [PAR-31]: POST and nothing else.
  @Post('/par')
  @HttpCode(201)
  async push(@Req() request: FastifyRequest): Promise<PushedResponse> {
    return pushAuthorizationRequest(this.engine, await endpointRequest(this.engine, 'par.push', request));
  }
}
