import { refuse } from '@holdfast/fapi';
import { userInfo } from '@holdfast/fapi/as';
import type { Engine, UserInfo } from '@holdfast/fapi/as';
import { formOf } from '@holdfast/host';
import { Controller, Get, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NextNonce } from '../dpop/next-nonce.ts';
import { auditedRefusal, ENGINE, resourceRequest } from '../engine.ts';

/** Userinfo. OIDC-CORE-5.3: by GET and by POST. */
@Controller()
@UseGuards(NextNonce)
export class UserInfoController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  @Get('/userinfo')
  read(@Req() request: FastifyRequest): Promise<UserInfo> {
    return userInfo(this.engine, resourceRequest(request));
  }

  @Post('/userinfo')
  @HttpCode(200)
  async readByPost(@Req() request: FastifyRequest): Promise<UserInfo> {
    await auditedRefusal(this.engine.audit, 'userinfo.read', request, () => {
      if (carriesToken(request)) throw refuse('invalid_request', 'token_in_body', { show: 'resource' });
    });
    return userInfo(this.engine, resourceRequest(request));
  }
}

// FAPI2-SP-FINAL-5.3.4-2: the token comes in the header only.
function carriesToken(request: FastifyRequest): boolean {
  const empty = request.headers['content-length'] === '0' || request.headers['content-type'] === undefined;
  return !empty && formOf(request).some(([name]) => name === 'access_token');
}
