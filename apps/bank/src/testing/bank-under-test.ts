import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Agent } from 'node:https';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningProcess } from '@holdfast/host';
import { createContext, createLogger } from '@holdfast/host';
import { clientTls } from '@holdfast/mtls';
import type { LeafName, ThrowAwayPki } from '@holdfast/mtls/testing';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { connectRpc } from '@holdfast/rpc';
import type { AccountDirectoryClient } from '@holdfast/rpc/bank';
import { AccountDirectory } from '@holdfast/rpc/bank';
import { startBank } from '../bank.ts';
import type { BankConfig } from '../config.ts';
import { bankConfig } from '../config.ts';
import { freePorts, StandInAuthorizationServer } from './authorization-server.ts';

/** The bank's name in tokens; its port is another matter. */
export const AUDIENCE = 'https://api.bank.localhost:9543';

export const HOLDERS = { alice: 'cus-alice-7302', bob: 'cus-bob-4418', mallory: 'cus-mallory-9155' } as const;

const ACTIONS = ['list_accounts', 'read_balances', 'read_transactions'];

type Leaf = ReturnType<ThrowAwayPki['leaf']>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the shape of an answer is what tests look at
}

export interface Question {
  readonly token?: string;
  /** Presented in the handshake; Tidepool's own when absent, none when `null`. */
  readonly certificate?: LeafName | Leaf | null;
  readonly headers?: Record<string, string | string[]>;
  readonly method?: string;
  readonly body?: string;
  readonly agent?: Agent;
}

export interface Consented {
  readonly consentId: string;
  readonly accountIds: readonly string[];
  /** The `authorization_details` the token will carry. */
  readonly details: readonly Record<string, unknown>[];
}

/** A whole bank on real sockets with a throw-away PKI, the authorization server beside it, and everything it wrote down. */
export class BankUnderTest {
  readonly pki = throwAwayPki();
  readonly home = mkdtempSync(join(tmpdir(), 'holdfast-bank-'));
  readonly log: string[] = [];
  readonly #ports: Record<'api' | 'rpc', number>;
  readonly authorizationServer: StandInAuthorizationServer;
  #requests = 0;
  #running: (RunningProcess & { release(): void; startDraining(): void }) | undefined;

  private constructor(ports: Record<'api' | 'rpc' | 'authWeb' | 'authRpc', number>) {
    this.#ports = ports;
    this.pki.write(this.home);
    const { authWeb: web, authRpc: rpc } = ports;
    this.authorizationServer = new StandInAuthorizationServer(this.pki, AUDIENCE, { web, rpc });
  }

  /** Nothing runs yet. */
  static async prepare(): Promise<BankUnderTest> {
    return new BankUnderTest(await freePorts('api', 'rpc', 'authWeb', 'authRpc'));
  }

  /** Bank and authorization server run, and the bank is ready. */
  static async open(): Promise<BankUnderTest> {
    const world = await BankUnderTest.prepare();
    await world.authorizationServer.start();
    await world.start();
    await world.untilReady();
    return world;
  }

  /** What clients know the API as. */
  get origin(): string {
    return `https://api.bank.localhost:${this.#ports.api}`;
  }

  get config(): BankConfig {
    const local = JSON.parse(
      readFileSync(new URL('../../../../infra/config/local/bank.json', import.meta.url), 'utf8'),
    );
    // No certificate authority runs: the folder is what is followed.
    local.authority = { trust: local.authority.trust };
    local.api.listener.port = this.#ports.api;
    local.dpop.origins = [this.origin];
    local.rpc.listener.port = this.#ports.rpc;
    local.authorizationServer.issuer = this.authorizationServer.forge.issuer;
    local.authorizationServer.rpc.target = `rpc.auth.localhost:${this.authorizationServer.rpcPort}`;
    return bankConfig.parse(local);
  }

  async start(config = this.config): Promise<void> {
    const log = createLogger({ name: 'bank', level: 'debug', write: (line) => void this.log.push(line) });
    const ctx = createContext({ name: 'bank', config, home: this.home, log });
    const { close } = await startBank(ctx).catch((error: unknown) => {
      ctx.release();
      throw error;
    });
    this.#running = { close, release: () => ctx.release(), startDraining: () => ctx.startDraining() };
  }

  /** What a signal does. */
  async stop(): Promise<void> {
    this.#running?.startDraining();
    await this.#running?.close();
    this.#running?.release();
    this.#running = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.authorizationServer.stop();
    rmSync(this.home, { recursive: true });
  }

  async untilReady(): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await this.ask('/readyz')).status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the bank does not become ready: ${this.log.slice(-5).join('')}`);
  }

  /** One request on a connection of its own, unless an agent keeps one. */
  async ask(path: string, question: Question = {}): Promise<Answer> {
    const { token, headers = {}, method = 'GET', body, agent = false } = question;
    const request = httpsRequest({
      ...this.tls(question.certificate),
      host: 'api.bank.localhost',
      // Node would verify the name in a `Host` header instead, which is the sender's to write.
      servername: 'api.bank.localhost',
      port: this.#ports.api,
      path,
      method,
      agent,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        // Node announces no body for a GET by itself; what it then sends would be read as another request.
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
      },
    });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      json: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** TLS options of a participant, or of somebody without a certificate. */
  tls(certificate: LeafName | Leaf | null = 'fintech/transport') {
    const trust = { serverTrust: this.pki.web.trust, names: 'loopback' as const };
    return clientTls(certificate === null ? trust : { ...trust, identity: this.pki.identity(certificate) });
  }

  /** The account directory, as another service calls it. */
  directory(service: LeafName = 'authorization-server/service'): AccountDirectoryClient {
    return connectRpc(AccountDirectory, {
      target: `rpc.bank.localhost:${this.#ports.rpc}`,
      expect: 'bank',
      identity: this.pki.identity(service),
      serverTrust: this.pki.door('services'),
      names: 'loopback',
      deadlineMs: 5_000,
    });
  }

  /** A customer's consent, through the door the authorization server uses. */
  async consent(
    wish: {
      customer?: keyof typeof HOLDERS;
      client?: string;
      accounts?: number[];
      actions?: string[];
      seconds?: number;
    } = {},
  ): Promise<Consented> {
    const { customer = 'alice', client = 'tidepool', accounts: chosen, actions = ACTIONS, seconds = 3600 } = wish;
    const directory = this.directory();
    const customerId = HOLDERS[customer];
    const { accounts } = await directory.listShareableAccounts({ customerId });
    const accountIds = accounts.filter((_, index) => chosen?.includes(index) ?? true).map(({ id }) => id);
    const { consent } = await directory.authorizeConsent({
      requestId: `request-${(this.#requests += 1)}`,
      customerId,
      clientId: client,
      clientName: 'A client',
      accountIds,
      actions,
      expiresAt: Math.floor(Date.now() / 1000) + seconds,
    });
    await directory.close();
    const consentId = consent?.consentId ?? '';
    const detail = {
      type: 'account_information',
      actions,
      locations: [AUDIENCE],
      consent_id: consentId,
      accounts: accountIds,
    };
    return { consentId, accountIds, details: [detail] };
  }

  /** An honest token of Tidepool's, with members of its claims replaced. */
  token(claims: Record<string, unknown> = {}, certificate: LeafName | Leaf = 'fintech/transport'): string {
    const { forge } = this.authorizationServer;
    return forge.sign(forge.claims(this.pki.peer(certificate).thumbprint, claims));
  }

  /** Audit events as written. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- events are looked at member by member
  audit(): Record<string, any>[] {
    const lines = readFileSync(join(this.home, 'audit/bank.jsonl'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }
}
