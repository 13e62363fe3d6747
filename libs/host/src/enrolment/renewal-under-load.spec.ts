import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { mtlsServerTls, thumbprint, trustSource } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { expect, it } from 'vitest';
import { httpClient } from '../client/http-client.ts';
import { followIdentity } from '../listener/follow-identity.ts';
import { createContext } from '../process/context.ts';
import { SmallAuthority } from '../testing/small-authority.ts';
import { startEnrolment } from './enrolment.ts';
import { leavesConfig } from './leaf-config.ts';
import { filesOf } from './leaf-files.ts';

const pki = throwAwayPki();
const SECONDS = 8;

const leaves = leavesConfig.parse([
  {
    name: 'fintech/transport',
    purpose: 'participants',
    subject: 'CN=tidepool,O=Tidepool',
    dns: ['client.fintech.localhost'],
  },
  { name: 'fintech/web', purpose: 'web', subject: 'CN=fintech.localhost,O=Tidepool', dns: ['fintech.localhost'] },
]);

it(`certificates that live four seconds are renewed under load on both sides, and no call of ${SECONDS} seconds fails`, async () => {
  await using cleanUp = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'holdfast-load-'));
  cleanUp.defer(() => rmSync(home, { recursive: true }));
  const authority = await SmallAuthority.start(pki);
  cleanUp.defer(() => authority.close());
  authority.lifetime = { after: 4, before: 0 };
  authority.tokens.add('fintech:once');
  const files = Object.fromEntries(leaves.map((leaf) => [leaf.name, filesOf(home, leaf)]));
  mkdirSync(dirname(files['fintech/web']!.token), { recursive: true });
  writeFileSync(files['fintech/web']!.token, 'once', { mode: 0o600 });

  const ctx = createContext({ name: 'fintech', config: {}, home });
  cleanUp.defer(() => ctx.release());
  const trust = {
    of: (purpose: 'web' | 'participants' | 'services') => ({
      trust: trustSource(pki[purpose].trust),
      issuer: undefined,
    }),
  };
  const enrolment = await startEnrolment({ ctx, url: authority.url, names: 'loopback', trust, leaves, everyMs: 100 });
  cleanUp.defer(() => enrolment.close());

  const web = enrolment.identity(files['fintech/web']!);
  const tls = mtlsServerTls(web, pki.participants.trust);
  const callers = new Set<string>();
  const server = createServer(tls, ({ socket }, response) => {
    const peer = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (peer !== undefined) callers.add(thumbprint(peer.raw));
    response.end('ok');
  });
  cleanUp.defer(followIdentity(server, tls, web, ctx.log));
  cleanUp.defer(() => {
    server.close().closeAllConnections();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://fintech.localhost:${(server.address() as AddressInfo).port}/`;

  const identity = enrolment.identity(files['fintech/transport']!);
  const client = httpClient({ identity, serverTrust: pki.web.trust, names: 'loopback' });
  cleanUp.defer(() => client.close());
  const servers = new Set<string>();
  const until = performance.now() + SECONDS * 1_000;
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const answer = await client.fetch(url);
      expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
      servers.add(web.current().leaf.thumbprint);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  expect(calls).toBeGreaterThan(500);
  expect(callers.size).toBeGreaterThanOrEqual(3);
  expect(servers.size).toBeGreaterThanOrEqual(3);
  expect((await ctx.health.readiness()).ready).toBe(true);
});
