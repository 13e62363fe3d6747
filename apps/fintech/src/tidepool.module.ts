import type { Exposure } from '@holdfast/host';
import type { IdentitySource } from '@holdfast/mtls';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { AccountReader } from './accounts/account-reader.ts';
import { AccountsController } from './accounts/accounts.controller.ts';
import { AssetStore } from './assets/asset-store.ts';
import { AssetsController } from './assets/assets.controller.ts';
import { Discovery } from './authorization-server/discovery.ts';
import { CLIENT_IDENTITY, ConnectionController } from './link/connection.controller.ts';
import type { LinkParts } from './link/link.controller.ts';
import { LINK_PARTS, LinkController } from './link/link.controller.ts';
import { Links } from './link/links.ts';
import { Withdrawal } from './link/withdrawal.ts';
import { PageSender } from './pages/page-sender.ts';
import { ProblemFilter } from './pages/problem.filter.ts';
import { SessionController } from './session/session.controller.ts';
import { Visits } from './session/visits.ts';

/** Everything the web listener serves. A route that is missing here, or a row without a route, stops the boot. */
export const WEB_EXPOSURE: Exposure = {
  'GET /': 'anybody; begins a visit',
  'GET /accounts': 'the visit of a linked bank; the bank decides what it may read',
  'GET /accounts/:id': 'the visit of a linked bank; the bank decides what it may read',
  'GET /connection': 'the visit of a linked bank',
  'GET /callback': 'the browser that began this attempt, once; issuer, state, nonce, PKCE and ID token checked',
  'GET /assets/:name': 'anybody; public files known by name and hash',
  'POST /link': 'a form of this visit: cookie, origin and CSRF token',
  'POST /unlink': 'a form of this visit: cookie, origin and CSRF token',
  'POST /forget': 'a form of this visit: cookie, origin and CSRF token',
  'POST /language': 'a form of this visit: cookie, origin and CSRF token',
};

export interface TidepoolParts {
  readonly visits: Visits;
  readonly pages: PageSender;
  readonly discovery: Discovery;
  readonly reader: AccountReader;
  readonly assets: AssetStore;
  readonly withdrawal: Withdrawal;
  readonly link: LinkParts;
  readonly clientIdentity: IdentitySource;
}

@Module({})
export class TidepoolModule {
  static with(parts: TidepoolParts): DynamicModule {
    return {
      module: TidepoolModule,
      controllers: [SessionController, AccountsController, LinkController, ConnectionController, AssetsController],
      providers: [
        { provide: Visits, useValue: parts.visits },
        { provide: PageSender, useValue: parts.pages },
        { provide: Discovery, useValue: parts.discovery },
        { provide: AccountReader, useValue: parts.reader },
        { provide: AssetStore, useValue: parts.assets },
        { provide: Links, useValue: parts.link.links },
        { provide: Withdrawal, useValue: parts.withdrawal },
        { provide: LINK_PARTS, useValue: parts.link },
        { provide: CLIENT_IDENTITY, useValue: parts.clientIdentity },
        ProblemFilter,
      ],
    };
  }
}
