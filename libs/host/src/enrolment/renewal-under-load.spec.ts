import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { httpClient } from '../client/http-client.ts';
import { peerOf } from '../request/peer.ts';
import { contextForTest, openDoor, pki } from '../testing/door.ts';
import { SmallAuthority } from '../testing/small-authority.ts';
import { openHoldings } from '../trust/holdings.ts';
import { startEnrolment } from './enrolment.ts';
import { leavesConfig } from './leaf-config.ts';
import { filesOf } from './leaf-files.ts';

const SECONDS = 8;

const leaves = leavesConfig.parse([
  {
    name: 'fintech/transport',
    purpose: 'participants',
    subject: 'CN=tidepool,O=Tidepool',
    dns: ['client.fintech.localhost'],
  },
  { name: 'fintech/api', purpose: 'web', subject: 'CN=fintech.localhost,O=Tidepool', dns: ['fintech.localhost'] },
]);

@Controller()
class Peers {
  @Get('/peer')
  peer(@Req() request: FastifyRequest) {
    return { thumbprint: peerOf(request)?.thumbprint };
  }
}

it(`certificates that live four seconds are renewed under load on both sides, and no call of ${SECONDS} seconds fails`, async () => {
  await using cleanUp = new AsyncDisposableStack();
  const authority = await SmallAuthority.start(pki);
  cleanUp.defer(() => authority.close());
  authority.lifetime = { after: 4, before: 0 };
  authority.tokens.add('fintech:once');

  const { ctx, home } = contextForTest();
  cleanUp.defer(() => ctx.release());
  const { token } = filesOf(home, { name: 'fintech/api' });
  mkdirSync(dirname(token), { recursive: true });
  writeFileSync(token, 'once', { mode: 0o600 });
  const holdings = openHoldings(ctx);
  cleanUp.defer(() => holdings.close());
  const enrolment = await startEnrolment({
    ctx,
    names: 'loopback',
    trust: pki.live(),
    holdings,
    authority: { trust: 'pki/trust', url: authority.url, leaves },
    everyMs: 100,
  });
  cleanUp.defer(() => enrolment.close());

  const server = holdings.identity({ certificate: 'pki/fintech/api.crt', key: 'pki/fintech/api.key' });
  const door = await openDoor({ controllers: [Peers], exposure: { 'GET /peer': 'none' }, identity: server });
  const identity = holdings.identity({ certificate: 'pki/fintech/transport.crt', key: 'pki/fintech/transport.key' });
  const client = httpClient({ identity, serverTrust: pki.door('web'), names: 'loopback' });
  cleanUp.defer(() => client.close());

  const seen = { callers: new Set<string>(), servers: new Set<string>() };
  const until = performance.now() + SECONDS * 1_000;
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const answer = await client.fetch(`https://fintech.localhost:${door.port}/peer`);
      expect(answer.status).toBe(200);
      seen.callers.add(((await answer.json()) as { thumbprint: string }).thumbprint);
      seen.servers.add(server.current().leaf.thumbprint);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  expect(calls).toBeGreaterThan(500);
  expect(seen.callers.size).toBeGreaterThanOrEqual(3);
  expect(seen.servers.size).toBeGreaterThanOrEqual(3);
  expect((await ctx.health.readiness()).ready).toBe(true);
});
