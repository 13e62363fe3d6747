import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator, Get, SetMetadata } from '@nestjs/common';
import type { VerifiedCaller } from '@holdfast/fapi/rs';
import type { FastifyRequest } from 'fastify';
import type { ReadRequest } from './admission.ts';
import { admissionOf } from './admission.ts';

/** What a route says about itself. */
export interface RouteRule {
  /** The action of its audit events. */
  readonly audit: `bank.${string}`;
  /** The query parameters it knows; any other is refused. */
  readonly query: readonly string[];
}

const RULE = Symbol('route rule');
// What Nest's own route decorators leave on a method.
const ROUTE_METHOD = 'method';

const Caller = createParamDecorator((_: unknown, context: ExecutionContext) => admissionIn(context).caller);
const Read = createParamDecorator((_: unknown, context: ExecutionContext) => admissionIn(context).read);

const admissionIn = (context: ExecutionContext) => admissionOf(context.switchToHttp().getRequest<FastifyRequest>());

/** What makes a handler acceptable: its first parameter is somebody whom the resource engine has verified. */
type TakesCaller<H extends (...parameters: never[]) => unknown> =
  Parameters<H> extends [VerifiedCaller, ...unknown[]] ? unknown : { readonly takeTheVerifiedCallerFirst: never };

/**
 * A GET route behind the gate, the only kind this bank has. The method takes the verified caller as its first parameter and
 * the judged request as its second; a method that takes no caller does not compile.
 */
export function ProtectedGet(path: string, rule: RouteRule) {
  return <H extends (caller: VerifiedCaller, read: ReadRequest) => Promise<object>>(
    controller: object,
    name: string,
    handler: TypedPropertyDescriptor<H> & TakesCaller<H>,
  ): void => {
    Caller()(controller, name, 0);
    Read()(controller, name, 1);
    SetMetadata(RULE, rule)(controller, name, handler);
    Get(path)(controller, name, handler);
  };
}

/** @throws Error for a handler that is not behind {@link ProtectedGet}: closed, not open, when somebody forgets */
export function ruleOf(handler: object): RouteRule {
  const rule = Reflect.getMetadata(RULE, handler) as RouteRule | undefined;
  if (rule) return rule;
  throw new Error('a route has no rule');
}

/**
 * Stops the boot when a controller has a route that does not go through {@link ProtectedGet}.
 * @throws Error naming the method
 */
export function checkAllProtected(controller: { readonly name: string; readonly prototype: object }): void {
  const { prototype } = controller;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof method !== 'function' || !Reflect.hasMetadata(ROUTE_METHOD, method)) continue;
    if (!Reflect.hasMetadata(RULE, method)) throw new Error(`${controller.name}.${name} is a route without protection`);
  }
}
