import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwnedContext } from '@holdfast/host';
import { createContext } from '@holdfast/host';
import { thumbprint } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { FintechConfig } from '../config.ts';
import { fintechConfig } from '../config.ts';
import type { AuditEvent } from '../record-decision.ts';
import type { RunningTidepool } from '../tidepool.ts';
import { startTidepool } from '../tidepool.ts';
import { Browser } from './browser.ts';
import { LittleAuthorizationServer } from './little-authorization-server.ts';
import { LittleBank } from './little-bank.ts';

export interface World {
  readonly pki: ThrowAwayPki;
  readonly as: LittleAuthorizationServer;
  readonly bank: LittleBank;
  readonly home: string;
  readonly ctx: OwnedContext<FintechConfig>;
  readonly tidepool: RunningTidepool;
  readonly origin: string;
  /** Moves the clock of Tidepool and of its login service. */
  readonly pass: (milliseconds: number) => void;
  readonly browser: () => Browser;
  /** Audit events so far, optionally of one action. */
  readonly audit: (action?: string) => AuditEvent[];
  readonly close: () => Promise<void>;
}

export interface WorldOptions {
  /** Runs before Tidepool starts: what its login service does from the beginning. */
  readonly prepare?: (as: LittleAuthorizationServer) => void;
  /** Whether to wait until the login service is known. */
  readonly wait?: boolean;
}

/** Tidepool over real TLS between a little bank and its little authorization server, each on a free port. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), 'tidepool-'));
  const pki = throwAwayPki();
  pki.write(home);
  const bank: LittleBank = new LittleBank(pki, () => as.accessTokens);
  let offset = 0;
  const clock = { now: () => new Date(Date.now() + offset) };
  const as = new LittleAuthorizationServer(pki, clock.now);
  await as.open();
  await bank.open();
  options.prepare?.(as);

  const origin = `https://fintech.localhost:${await freePort()}`;
  const config = configOf(origin, as.issuer, bank.api);
  const ctx = createContext({ name: 'fintech', config, home, clock });
  const tidepool = await startTidepool(ctx);
  if (options.wait !== false) await untilReady(ctx);

  const browsers: Browser[] = [];
  return {
    ...{ pki, as, bank, home, ctx, tidepool, origin },
    pass: (milliseconds) => (offset += milliseconds),
    browser: () => {
      const browser = new Browser(pki, origin);
      browsers.push(browser);
      return browser;
    },
    audit: (action) => readAudit(home).filter((event) => action === undefined || event.action === action),
    close: async () => {
      ctx.startDraining();
      await Promise.all(browsers.map((browser) => browser.close()));
      await tidepool.close();
      await Promise.all([as.close(), bank.close()]);
      ctx.release();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Links the bank in this browser, as a person would. */
export async function linkBank(world: World, browser: Browser): Promise<void> {
  await browser.get('/');
  const start = await browser.post('/link');
  const callback = world.as.agree(start.location ?? '');
  const finish = await browser.get(callback);
  if (finish.status !== 303) throw new Error(`linking ended with ${finish.status}`);
}

/**
 * Puts a renewed certificate with a new key where Tidepool looks for it, and waits until it is in force.
 * @returns its `x5t#S256`
 */
export async function renewCertificate(world: World): Promise<string> {
  const leaf = world.pki.mint({ subject: 'CN=tidepool,O=Tidepool', dnsNames: ['client.fintech.localhost'] });
  const expected = thumbprint(leaf.certificate.raw);
  const files = world.ctx.config.client.identity;
  const contents = [
    [files.certificate, leaf.certificatePem],
    [files.key, leaf.keyPem],
  ] as const;
  for (const [file, content] of contents) {
    writeFileSync(`${world.ctx.path(file)}.new`, content, { mode: 0o600 });
    renameSync(`${world.ctx.path(file)}.new`, world.ctx.path(file));
  }
  for (let i = 0; i < 200 && world.tidepool.clientIdentity.current().leaf.thumbprint !== expected; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return expected;
}

function configOf(origin: string, issuer: string, api: string): FintechConfig {
  const port = Number(new URL(origin).port);
  const identity = (name: string) => ({ certificate: `pki/fintech/${name}.crt`, key: `pki/fintech/${name}.key` });
  return fintechConfig.parse({
    names: 'loopback',
    authority: { trust: 'pki/trust' },
    store: { engine: 'sqlite', file: 'data/fintech.sqlite' },
    tokenKey: 'data/fintech.key',
    web: { origin, listener: { host: '127.0.0.1', port }, identity: identity('web'), timeZone: 'Europe/London' },
    client: { id: 'tidepool', identity: identity('transport') },
    bank: { name: 'Harbour Bank', issuer, api },
    health: { url: origin, trust: 'pki/trust/web.pem', names: 'loopback' },
  });
}

async function untilReady(ctx: OwnedContext<FintechConfig>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await ctx.health.readiness()).ready) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('Tidepool did not become ready');
}

const readAudit = (home: string): AuditEvent[] =>
  readFileSync(join(home, 'audit/fintech.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditEvent);

/** The origin is part of the configuration, so the port must be known before the listener has it. */
async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
