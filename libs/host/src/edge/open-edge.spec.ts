import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { internalServerTls, mtlsServerTls, MtlsConfigError } from '@holdfast/mtls';
import { Controller, Get } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { edgeConfig } from '../config/schemas.ts';
import { startListener } from '../listener/start-listener.ts';
import { StartUpError } from '../process/start-up-error.ts';
import { contextForTest, listenerOptions, pki } from '../testing/door.ts';
import type { Edge } from './open-edge.ts';
import { openEdge } from './open-edge.ts';

const proxied = { proxy: 'edge-proxy', trust: 'pki/trust/services.pem', revocations: 'pki/trust/services.crl' };
const [identity, publicName] = [pki.identity('bank/service'), pki.identity('bank/api')];
const clientTrust = pki.participants.trust;

let test: ReturnType<typeof contextForTest>;
let edge: Edge | undefined;
beforeEach(() => {
  test = contextForTest();
  pki.write(test.home);
});
afterEach(() => {
  edge?.close();
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
    ['a proxy without a name', { ...proxied, proxy: '' }],
    ['any proxy', { ...proxied, proxy: '*' }],
    ['a proxy of another trust domain', { ...proxied, proxy: 'spiffe://example.com/edge-proxy' }],
    ['a proxy that is nobody', { trust: proxied.trust, revocations: proxied.revocations }],
    ['a proxy that cannot be revoked', { proxy: proxied.proxy, trust: proxied.trust }],
    ['a proxy that nobody vouches for', { proxy: proxied.proxy, revocations: proxied.revocations }],
    ['a header to believe in', { ...proxied, header: 'x-ssl-client-cert' }],
    ['another word', 'proxied'],
  ])('cannot be %s [RFC9440-4]', (_title, value) => {
    expect(edgeConfig.safeParse(value).success).toBe(false);
  });

  it('is this process when it is not made', () => {
    expect(edgeConfig.parse(undefined)).toBe('native');
    edge = openEdge('native', { ctx: test.ctx, identity: publicName, clientTrust });
    expect(edge.listener).toEqual({ tls: mtlsServerTls(publicName, clientTrust) });
  });

  it('does not let a listener present its public name to the proxy', () => {
    const open = () => openEdge(proxied, { ctx: test.ctx, identity: publicName, clientTrust });
    expect(open).toThrow(StartUpError);
    expect(open).toThrow('an identity that is no service');
  });

  it.each(['services.pem', 'services.crl'])('does not start without %s', (file) => {
    rmSync(join(test.home, 'pki/trust', file));
    expect(() => openEdge(proxied, { ctx: test.ctx, identity, clientTrust })).toThrow(MtlsConfigError);
  });

  it('is one proxy, by its whole name', () => {
    edge = openEdge(proxied, { ctx: test.ctx, identity, clientTrust });
    expect(edge.listener.edge).toMatchObject({
      proxy: 'spiffe://holdfast.test/edge-proxy',
      self: 'spiffe://holdfast.test/bank',
    });
    expect(edge.listener.edge?.revocations.statusOf(pki.peer('edge-proxy/service'), new Date())).toBe('good');
    expect(edge.listener.tls).toEqual(internalServerTls(identity, pki.services.trust));
  });
});

describe('a listener', () => {
  const start = (wish: Partial<Parameters<typeof startListener>[0]>) => {
    const exposure = { 'GET /something': 'nothing' };
    const options = listenerOptions(test.ctx, [Something], { name: 'api', identity, exposure, ...wish });
    return startListener(options);
  };

  it('behind a proxy does not start with the door of clients', async () => {
    edge = openEdge(proxied, { ctx: test.ctx, identity, clientTrust });
    const wrong = { edge: edge.listener.edge!, tls: mtlsServerTls(identity, clientTrust) };
    await expect(start(wrong)).rejects.toThrow('is behind a proxy and would talk to others too');
  });

  it('without a proxy does not start with the door of services', async () => {
    const wrong = { tls: internalServerTls(identity, pki.services.trust) };
    await expect(start(wrong)).rejects.toThrow('would tear connections');
  });

  it('behind a proxy starts, asks itself for its health, and is known by the name of its service', async () => {
    edge = openEdge(proxied, { ctx: test.ctx, identity, clientTrust });
    const listener = await start(edge.listener);
    expect(listener.url).toBe(`https://rpc.bank.localhost:${listener.port}`);
    await listener.close();
  });
});
