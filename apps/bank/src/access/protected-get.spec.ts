import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import type { VerifiedCaller } from '@holdfast/fapi/rs';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { AccountsController } from '../accounts/accounts.controller.ts';
import { admissionOf } from './admission.ts';
import type { ReadRequest } from './admission.ts';
import { checkAllProtected, ProtectedGet, ruleOf } from './protected-get.ts';

const RULE = { audit: 'bank.test', query: [] } as const;

@Controller()
class Careless {
  @Get('/open')
  open(): Promise<object> {
    return Promise.resolve({});
  }
}

class DoesNotCompile {
  // @ts-expect-error a protected handler takes the verified caller first
  @ProtectedGet('/nobody', RULE)
  nobody(): Promise<object> {
    return Promise.resolve({});
  }

  // @ts-expect-error the request is the second parameter, never the first
  @ProtectedGet('/request-only', RULE)
  requestOnly(read: ReadRequest): Promise<object> {
    return Promise.resolve({ read });
  }

  @ProtectedGet('/somebody', RULE)
  somebody(caller: VerifiedCaller): Promise<object> {
    return Promise.resolve({ caller: caller.clientId });
  }
}

describe('a route of the bank', () => {
  it('stops the boot when it is declared past the gate', () => {
    expect(() => checkAllProtected(Careless)).toThrow('Careless.open is a route without protection');
  });

  it('is closed when it has no rule', () => {
    expect(() => ruleOf(Careless.prototype.open)).toThrow('a route has no rule');
  });

  it('hands a handler no caller when the gate admitted none', () => {
    expect(() => admissionOf({} as FastifyRequest)).toThrow('a handler was reached past the gate');
  });

  it('carries its rule', () => {
    expect(ruleOf(DoesNotCompile.prototype.somebody)).toEqual(RULE);
    expect(() => checkAllProtected(AccountsController)).not.toThrow();
  });
});
