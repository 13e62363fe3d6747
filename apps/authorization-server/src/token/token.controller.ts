import { exchange } from '@holdfast/fapi/as';
import type { Engine, TokenResponse } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NextNonce } from '../dpop/next-nonce.ts';
import { ENGINE, endpointRequest } from '../engine.ts';

/** The token endpoint. RFC6749-3.2. */
@Controller()
@UseGuards(NextNonce)
export class TokenController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  @Post('/token')
  @HttpCode(200)
  async exchange(@Req() request: FastifyRequest): Promise<TokenResponse> {
    return exchange(this.engine, await endpointRequest(this.engine, 'token.other', request));
  }
}
