import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { thumbprint } from '@holdfast/mtls';
import type { LiveTrust, PurposeTrust, TrustPurpose } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startEnrolment } from '../enrolment/enrolment.ts';
import type { Enrolment, EnrolmentOptions } from '../enrolment/enrolment.ts';
import { leavesConfig } from '../enrolment/leaf-config.ts';
import type { LeafConfig } from '../enrolment/leaf-config.ts';
import { filesOf } from '../enrolment/leaf-files.ts';
import { createContext } from '../process/context.ts';
import type { OwnedContext } from '../process/context.ts';
import { openHoldings } from '../trust/holdings.ts';
import type { Holdings } from '../trust/holdings.ts';
import { SmallAuthority } from './small-authority.ts';

export const pki = throwAwayPki();
/** Another authority altogether. */
export const other = throwAwayPki();

export const LEAVES = leavesConfig.parse([
  {
    name: 'bank/service',
    purpose: 'services',
    subject: 'CN=bank,O=Holdfast services',
    uri: ['spiffe://holdfast.test/bank'],
    dns: ['rpc.bank.localhost'],
  },
  { name: 'bank/api', purpose: 'web', subject: 'CN=api.bank.localhost,O=Harbour Bank', dns: ['api.bank.localhost'] },
]);

/** Trust as the authority has told it, changed by a test. */
export class ToldTrust implements Pick<LiveTrust, 'of'> {
  issuers: Partial<Record<TrustPurpose, string>> = {};
  domains: Pick<ThrowAwayPki, TrustPurpose> = pki;

  of(purpose: TrustPurpose): PurposeTrust {
    const { revocations } = pki.door(purpose);
    const { trust } = this.domains[purpose];
    return {
      trust: { current: () => trust, onChange: () => () => {} },
      revocations,
      lastKnown: revocations,
      issuer: this.issuers[purpose],
      nextUpdate: new Date(Date.now() + 3_600_000),
    };
  }

  issuerNow(purpose: TrustPurpose): string {
    return thumbprint(this.domains[purpose].intermediate.certificate.raw);
  }
}

type Wish = Partial<EnrolmentOptions> & { readonly url?: string; readonly leaves?: readonly LeafConfig[] };

/** A bank that enrols at an authority, for one test: a home of its own, and a clock that a test moves. */
export class EnrollingBank {
  readonly authority: SmallAuthority;
  readonly trust = new ToldTrust();
  readonly home = mkdtempSync(join(tmpdir(), 'holdfast-enrol-'));
  /** How far the clock of bank and authority is ahead, in milliseconds. */
  moved = 0;
  ctx: OwnedContext<unknown> = this.newContext();
  readonly #running = new Set<{ enrolment: Enrolment; holdings: Holdings }>();

  constructor(authority: SmallAuthority) {
    this.authority = authority;
    authority.reset(() => new Date(Date.now() + this.moved));
  }

  newContext(): OwnedContext<unknown> {
    const clock = { now: () => new Date(Date.now() + this.moved) };
    return createContext({ name: 'bank', config: {}, home: this.home, clock });
  }

  async start(wish: Wish = {}): Promise<Holdings> {
    const { ctx, trust, authority } = this;
    const holdings = openHoldings(ctx);
    const { url = authority.url, leaves = LEAVES, ...rest } = wish;
    const options = { ctx, names: 'loopback', trust, holdings, everyMs: 20, patienceMs: 100, ...rest } as const;
    const enrolment = await startEnrolment({ ...options, authority: { trust: 'pki/trust', url, leaves: [...leaves] } });
    this.#running.add({ enrolment, holdings });
    return holdings;
  }

  /** Ends everything, and leaves the files for a process that starts later. */
  async end(): Promise<void> {
    await Promise.all([...this.#running].map(({ enrolment }) => enrolment.close()));
    for (const { holdings } of this.#running) holdings.close();
    this.#running.clear();
    this.ctx.release();
    this.ctx = this.newContext();
    this.authority.asked.length = 0;
  }

  async remove(): Promise<void> {
    await this.end();
    this.ctx.release();
    rmSync(this.home, { recursive: true });
  }

  /** Problem and remedy of a start that fails; "started" when it does not. */
  async refusal(wish: Wish = {}): Promise<string> {
    try {
      await this.start(wish);
      return 'started';
    } catch (error) {
      const { message, remedy } = error as Error & { remedy: string };
      return `${message}. ${remedy}`;
    }
  }

  fileOf(name: string, end: 'crt' | 'key'): string {
    return join(this.home, 'pki', `${name}.${end}`);
  }

  certificateOf(name: string): X509Certificate {
    return new X509Certificate(readFileSync(this.fileOf(name, 'crt')));
  }

  get tokenFile(): string {
    return filesOf(this.home, { name: 'bank/service' }).token;
  }

  /** Puts a token where the bank looks for it. @param known whether the authority knows it too */
  giveToken(token = randomBytes(16).toString('base64url'), known = true): string {
    if (known) this.authority.tokens.add(`bank:${token}`);
    mkdirSync(dirname(this.tokenFile), { recursive: true });
    writeFileSync(this.tokenFile, `${token}\n`, { mode: 0o600 });
    return token;
  }

  /** What lies in the bank's folder. */
  written(): string[] {
    const folder = dirname(this.tokenFile);
    return existsSync(folder) ? readdirSync(folder).toSorted() : [];
  }

  events(): Record<string, unknown>[] {
    const lines = readFileSync(join(this.home, 'audit/bank.jsonl'), 'utf8').split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The private reasons of what was refused. */
  reasons(): unknown[] {
    return this.events().flatMap(({ outcome, reason }) => (outcome === 'refused' ? [reason] : []));
  }
}

/** A bank for each test of a file, and one authority for all of them. */
export function enrollingBanks(): () => EnrollingBank {
  let authority: SmallAuthority;
  let bank: EnrollingBank;
  beforeAll(async () => {
    authority = await SmallAuthority.start(pki);
  });
  afterAll(() => authority.close());
  beforeEach(() => {
    bank = new EnrollingBank(authority);
  });
  afterEach(() => bank.remove());
  return () => bank;
}

export type Lie = NonNullable<SmallAuthority['lies']>;

/** An answer with nothing but a status. */
export const status =
  (code: number): Lie =>
  (_asked, _honest, response: ServerResponse) => {
    response.writeHead(code).end('no');
    return undefined;
  };
