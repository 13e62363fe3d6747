import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import { Inject, Injectable, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Exposure } from '@holdfast/host';
import type { FastifyInstance } from 'fastify';
import { EST_PARTS, EstController } from './enrolment/est.controller.ts';
import type { EstParts } from './enrolment/est.controller.ts';
import { OcspController } from './ocsp/ocsp.controller.ts';
import { OcspResponder } from './ocsp/responder.ts';
import { TRUST_PARTS, TrustController } from './trust/trust.controller.ts';
import type { TrustParts } from './trust/trust.controller.ts';

/** Everything the listener serves. A route that is missing here, or a row without a route, stops the boot. */
export const EXPOSURE: Exposure = {
  'GET /.well-known/est/:purpose/cacerts': 'public: authorities',
  'GET /.well-known/est/:purpose/csrattrs': 'public: what a request is to be like',
  'POST /.well-known/est/:purpose/simpleenroll':
    'certificate in force or one-time token; the list; proof of possession',
  'POST /.well-known/est/:purpose/simplereenroll':
    'certificate in force; the same names; the list; proof of possession',
  'GET /trust': 'public: authorities and revocation lists',
  'POST /trust/acknowledgements': 'certificate in force; names of its holder only',
  'GET /crl/:purpose': 'public: a signed list',
  'POST /ocsp/:purpose': 'public: a signed answer',
  'GET /ocsp/:purpose/*': 'public: a signed answer',
};

/** The shell reads forms and JSON; these are the types of RFC 7030 and RFC 6960, read as bytes too. */
const BODY_TYPES = ['application/pkcs10', 'application/ocsp-request'];

@Injectable()
class ReadsBodies implements OnModuleInit {
  readonly #host: HttpAdapterHost;

  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.#host = host;
  }

  onModuleInit(): void {
    const fastify = this.#host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addContentTypeParser(BODY_TYPES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  }
}

@Module({})
export class AuthorityModule {
  static with(est: EstParts, trust: TrustParts, ocsp: OcspResponder): DynamicModule {
    return {
      module: AuthorityModule,
      controllers: [EstController, TrustController, OcspController],
      providers: [
        ReadsBodies,
        { provide: EST_PARTS, useValue: est },
        { provide: TRUST_PARTS, useValue: trust },
        { provide: OcspResponder, useValue: ocsp },
      ],
    };
  }
}
