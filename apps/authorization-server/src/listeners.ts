import type { Engine } from '@holdfast/fapi/as';
import type { Exposure } from '@holdfast/host';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AuthorizeController } from './authorize/authorize.controller.tsx';
import { ENGINE } from './engine.ts';
import { IntrospectionController } from './introspection/introspection.controller.ts';
import { MetadataController } from './metadata/metadata.controller.ts';
import { AssetsController } from './pages/assets.controller.ts';
import { ParController } from './par/par.controller.ts';
import { PEOPLE } from './people/people.ts';
import type { PeopleDirectory } from './people/people.ts';
import { RevocationController } from './revocation/revocation.controller.ts';
import { BrowserSessions } from './session/browser-sessions.ts';
import { TokenController } from './token/token.controller.ts';
import { UserInfoController } from './userinfo/userinfo.controller.ts';

/** What both listeners serve: the back channel. Without a certificate each of these refuses. */
const BACK_CHANNEL: Exposure = {
  'POST /par': 'client certificate of the claimed client',
  'POST /token': 'client certificate of the claimed client',
  'POST /introspect': 'client certificate of the claimed client',
  'POST /revoke': 'client certificate of the claimed client',
  'GET /userinfo': 'access token bound to the live certificate',
  'POST /userinfo': 'access token bound to the live certificate',
  'GET /.well-known/openid-configuration': 'public by RFC8414-3',
  'GET /.well-known/oauth-authorization-server': 'public by RFC8414-3',
  'GET /jwks': 'public by RFC7517-5',
};
const BACK_CHANNEL_CONTROLLERS = [
  ParController,
  TokenController,
  IntrospectionController,
  RevocationController,
  UserInfoController,
  MetadataController,
];

/** The listener that asks for client certificates. RFC8705-5. */
export const MTLS_EXPOSURE: Exposure = BACK_CHANNEL;

/** The listener for browsers. It never asks for a certificate: a browser would ask its owner to choose one. */
export const BROWSER_EXPOSURE: Exposure = {
  ...BACK_CHANNEL,
  'GET /authorize': 'a pushed request of a registered client',
  'POST /authorize': 'a pushed request of a registered client',
  'GET /interaction/:handle': 'the browser session that took the request up',
  'POST /interaction/:handle/login': 'that session, its CSRF token, then name and password',
  'POST /interaction/:handle/logout': 'that session and its CSRF token',
  'POST /interaction/:handle/consent': 'that session, its CSRF token, a login, and the fingerprint of what was shown',
  'GET /assets/:name': 'public: stylesheet and mark',
};

// Nest names a module by a class; there is nothing in it.
@Module({})
class MtlsListener {}
@Module({})
class BrowserListener {}

export function mtlsModule(engine: Engine): DynamicModule {
  return {
    module: MtlsListener,
    controllers: BACK_CHANNEL_CONTROLLERS,
    providers: [{ provide: ENGINE, useValue: engine }],
  };
}

export function browserModule(engine: Engine, people: PeopleDirectory, sessions: BrowserSessions): DynamicModule {
  return {
    module: BrowserListener,
    controllers: [...BACK_CHANNEL_CONTROLLERS, AuthorizeController, AssetsController],
    providers: [
      { provide: ENGINE, useValue: engine },
      { provide: PEOPLE, useValue: people },
      { provide: BrowserSessions, useValue: sessions },
    ],
  };
}
