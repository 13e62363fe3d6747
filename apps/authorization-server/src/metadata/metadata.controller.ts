import { JWKS_MAX_AGE, metadata } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ENGINE } from '../engine.ts';

// A new key is published for longer than that before it signs.
const CACHE = `public, max-age=${JWKS_MAX_AGE}`;

/** What anybody may know of this server. RFC8414-3 [META-04], OIDC-DISCOVERY-4 [META-03], RFC7517-5. */
@Controller()
export class MetadataController {
  readonly #document: Readonly<Record<string, unknown>>;
  readonly #engine: Engine;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.#engine = engine;
    this.#document = metadata(engine);
  }

  @Get(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])
  @Header('cache-control', CACHE)
  document() {
    return this.#document;
  }

  @Get('/jwks')
  @Header('cache-control', CACHE)
  jwks() {
    return this.#engine.keys.publicJwks();
  }
}
