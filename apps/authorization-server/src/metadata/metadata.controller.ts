import { metadata } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ENGINE } from '../engine.ts';

// Our choice, no clause: a new key is published well before it signs, so a client may keep the set for a minute.
const CACHE = 'public, max-age=60';

/** What anybody may know of this server. RFC8414-3, OIDC-DISCOVERY-4, RFC7517-5. */
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
    return this.#engine.keys.publicJwks;
  }
}
