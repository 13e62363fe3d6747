import { rmSync } from 'node:fs';
import { Controller, Get } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { edgeConfig } from '../config/schemas.ts';
import { startListener } from '../listener/start-listener.ts';
import { StartUpError } from '../process/start-up-error.ts';
import { contextForTest, listenerOptions, pki } from '../testing/door.ts';
import { openEdge } from './open-edge.ts';

const proxied = { proxy: 'edge-proxy' };
const [identity, publicName] = [pki.identity('bank/service'), pki.identity('bank/api')];
const services = pki.door('services');

let test: ReturnType<typeof contextForTest>;
beforeEach(() => {
  test = contextForTest();
});
afterEach(() => {
  test.ctx.release();
  rmSync(test.home, { recursive: true });
});

@Controller()
class Something {
  @Get('/something')
  something() {
    return {};
  }
}

describe('the setting of who ends TLS', () => {
  it.each([
    ['a proxy without a name', { proxy: '' }],
    ['any proxy', { proxy: '*' }],
    ['a proxy of another trust domain', { proxy: 'spiffe://example.com/edge-proxy' }],
    ['a proxy that is nobody', {}],
    ['a proxy that others than the services vouch for', { ...proxied, trust: 'pki/trust/web.pem' }],
    ['a header to believe in', { ...proxied, header: 'x-ssl-client-cert' }],
    ['another word', 'proxied'],
  ])('cannot be %s [RFC9440-4]', (_title, value) => {
    expect(edgeConfig.safeParse(value).success).toBe(false);
  });

  it('is this process when it is not made', () => {
    expect(edgeConfig.parse(undefined)).toBe('native');
    expect(openEdge('native', { identity: publicName, services })).toBeUndefined();
  });

  it('does not let a listener present its public name to the proxy', () => {
    const open = () => openEdge(proxied, { identity: publicName, services });
    expect(open).toThrow(StartUpError);
    expect(open).toThrow('an identity that is no service');
  });

  it('is one proxy, by its whole name', () => {
    expect(openEdge(proxied, { identity, services })).toEqual({
      proxy: 'spiffe://holdfast.test/edge-proxy',
      self: 'spiffe://holdfast.test/bank',
      services,
    });
  });
});

describe('a listener', () => {
  const edge = openEdge(proxied, { identity, services });
  const start = (wish: Partial<Parameters<typeof startListener>[0]>) => {
    const exposure = { 'GET /something': 'nothing' };
    return startListener(listenerOptions(test.ctx, [Something], { exposure, edge, ...wish }));
  };

  it.each(['browser', 'web'] as const)('for a %s has no use for a proxy that passes certificates on', async (name) => {
    await expect(start({ name })).rejects.toThrow('has no use for what it passes on');
  });

  it('behind a proxy starts, asks itself for its health, and is known by the name of its service', async () => {
    const listener = await start({ name: 'api', identity });
    expect(listener.url).toBe(`https://rpc.bank.localhost:${listener.port}`);
    await listener.close();
  });
});
