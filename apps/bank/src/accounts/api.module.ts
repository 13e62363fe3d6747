import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { Exposure } from '@holdfast/host';
import { checkAllProtected } from '../access/protected-get.ts';
import type { ResourceGateParts } from '../access/resource-gate.ts';
import { GATE_PARTS, ResourceGate } from '../access/resource-gate.ts';
import type { AccountApiParts } from './accounts.controller.ts';
import { ACCOUNT_API_PARTS, AccountsController } from './accounts.controller.ts';

/** Everything the API listener serves. A route that is missing here, or a row without a route, stops the boot. */
export const API_EXPOSURE: Exposure = {
  'GET /accounts': 'bound token; consent with list_accounts; only the accounts of token and consent',
  'GET /accounts/:id': 'bound token; consent with list_accounts; account in token and consent',
  'GET /accounts/:id/balances': 'bound token; consent with read_balances; account in token and consent',
  'GET /accounts/:id/transactions': 'bound token; consent with read_transactions; account in token and consent',
};

@Module({})
export class ApiModule {
  /** @throws Error when a route of a controller is not behind the gate */
  static with(gate: ResourceGateParts, api: AccountApiParts): DynamicModule {
    const controllers = [AccountsController];
    controllers.forEach(checkAllProtected);
    return {
      module: ApiModule,
      controllers,
      providers: [
        { provide: GATE_PARTS, useValue: gate },
        { provide: ACCOUNT_API_PARTS, useValue: api },
        { provide: APP_INTERCEPTOR, useClass: ResourceGate },
      ],
    };
  }
}
