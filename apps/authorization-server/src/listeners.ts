import type { Engine } from '@holdfast/fapi/as';
import type { Exposure } from '@holdfast/host';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ApprovalsController } from './approvals/approvals.controller.tsx';
import { AuthorizeController } from './authorize/authorize.controller.tsx';
import { ApprovalByCallController, DEMO_DECISIONS } from './ciba/approval-by-call.controller.ts';
import type { DemoDecisions } from './ciba/approval-by-call.controller.ts';
import { BackchannelAuthenticationController } from './ciba/backchannel-authentication.controller.ts';
import { PING_DELIVERY } from './ciba/ping-delivery.ts';
import type { PingDelivery } from './ciba/ping-delivery.ts';
import { ENGINE } from './engine.ts';
import { GrantManagementController } from './grant-management/grant-management.controller.ts';
import { GrantsController } from './grants/grants.controller.tsx';
import { IntrospectionController } from './introspection/introspection.controller.ts';
import { LogIn } from './login/log-in.ts';
import { PersonalPages } from './login/personal-pages.ts';
import { MetadataController } from './metadata/metadata.controller.ts';
import { AssetsController } from './pages/assets.controller.ts';
import { ParController } from './par/par.controller.ts';
import { PEOPLE } from './people/people.ts';
import type { PeopleDirectory } from './people/people.ts';
import { RegistrationController } from './registration/registration.controller.ts';
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
  'POST /bc-authorize': 'client certificate of the claimed client, and its signature',
  'GET /userinfo': 'access token bound to the live certificate or a proven key',
  'POST /userinfo': 'access token bound to the live certificate or a proven key',
  'GET /grant-management/:grantId': 'access token bound to a key, its scope, and the grant of its client',
  'DELETE /grant-management/:grantId': 'access token bound to a key, its scope, and the grant of its client',
  'GET /.well-known/openid-configuration': 'public by RFC8414-3',
  'GET /.well-known/oauth-authorization-server': 'public by RFC8414-3',
  'GET /jwks': 'public by RFC7517-5',
};
const BACK_CHANNEL_CONTROLLERS = [
  ParController,
  TokenController,
  IntrospectionController,
  RevocationController,
  BackchannelAuthenticationController,
  UserInfoController,
  GrantManagementController,
  MetadataController,
];

/** The listener that asks for client certificates. RFC8705-5. */
export const MTLS_EXPOSURE: Exposure = BACK_CHANNEL;

/** The same, where the configuration's `demo` names clients that may decide in the place of a person. */
export const MTLS_DEMO_EXPOSURE: Exposure = {
  ...MTLS_EXPOSURE,
  'POST /demo/ciba/:authReqId': 'client certificate of a client that the demo setting names',
};

/** The listener for browsers. It never asks for a certificate: a browser would ask its owner to choose one. */
export const BROWSER_EXPOSURE: Exposure = {
  ...BACK_CHANNEL,
  'GET /authorize': 'a pushed request of a registered client',
  'POST /authorize': 'a pushed request of a registered client',
  'GET /interaction/:handle': 'the browser session that took the request up',
  'POST /interaction/:handle/login': 'that session, its CSRF token, then name and password',
  'POST /interaction/:handle/logout': 'that session and its CSRF token',
  'POST /interaction/:handle/consent': 'that session, its CSRF token, a login, and the fingerprint of what was shown',
  'GET /approvals': 'a login; without one it shows the login form',
  'POST /approvals/login': 'a session, its CSRF token, then name and password',
  'POST /approvals/logout': 'a session and its CSRF token',
  'GET /approvals/:id': 'a login of the person who is asked',
  'POST /approvals/:id/decision':
    'a login of the person who is asked, its CSRF token, and the fingerprint of what was shown',
  'GET /grants': 'a login, or the form for one',
  'POST /grants/login': 'a browser session, its CSRF token, then name and password',
  'POST /grants/logout': 'a browser session and its CSRF token',
  'GET /grants/:grantId/withdraw': 'a login, and a grant of that person',
  'POST /grants/:grantId/withdraw': 'a login, its CSRF token, and a grant of that person',
  'GET /assets/:name': 'public: stylesheet and mark',
};

/** Registration, where the configuration opens it. */
const REGISTRATION: Exposure = {
  'POST /register': 'a participant’s certificate and a software statement about it',
  'GET /register/:clientId': 'the registration access token of that client, and its certificate',
  'PUT /register/:clientId': 'the registration access token of that client, and its certificate',
  'DELETE /register/:clientId': 'the registration access token of that client, and its certificate',
};

/** What the listener for clients with certificates serves under this configuration. */
export const mtlsExposure = ({ registration }: Engine, demo?: DemoDecisions): Exposure => ({
  ...(demo === undefined ? MTLS_EXPOSURE : MTLS_DEMO_EXPOSURE),
  ...(registration === undefined ? {} : REGISTRATION),
});

// Nest names a module by a class; there is nothing in it.
@Module({})
class MtlsListener {}
@Module({})
class BrowserListener {}

/** @param demo what only a demonstration has; without it the route does not exist */
export function mtlsModule(engine: Engine, demo?: DemoDecisions): DynamicModule {
  const providers = [{ provide: ENGINE, useValue: engine }];
  const registration = engine.registration === undefined ? [] : [RegistrationController];
  const controllers = [...BACK_CHANNEL_CONTROLLERS, ...registration];
  if (demo === undefined) return { module: MtlsListener, controllers, providers };
  return {
    module: MtlsListener,
    controllers: [...controllers, ApprovalByCallController],
    providers: [...providers, { provide: DEMO_DECISIONS, useValue: demo }],
  };
}

export function browserModule(
  engine: Engine,
  people: PeopleDirectory,
  sessions: BrowserSessions,
  login: LogIn,
  pings: PingDelivery,
): DynamicModule {
  return {
    module: BrowserListener,
    controllers: [
      ...BACK_CHANNEL_CONTROLLERS,
      AuthorizeController,
      ApprovalsController,
      GrantsController,
      AssetsController,
    ],
    providers: [
      { provide: ENGINE, useValue: engine },
      { provide: PEOPLE, useValue: people },
      { provide: BrowserSessions, useValue: sessions },
      { provide: PING_DELIVERY, useValue: pings },
      { provide: LogIn, useValue: login },
      PersonalPages,
    ],
  };
}
