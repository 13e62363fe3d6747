import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Agent } from 'node:https';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { createContext, createLogger } from '@holdfast/host';
import type { OwnedContext, RunningProcess } from '@holdfast/host';
import { clientTls, loadIdentity, loadLiveTrust, loadTrust } from '@holdfast/mtls';
import type { IdentitySource, LiveTrust } from '@holdfast/mtls';
import { createCertificationRequest, generateKey, keyPemOf, readCertsOnly } from '@holdfast/mtls/enrolment';
import type { KeyKind } from '@holdfast/mtls/enrolment';
import { ensurePki, PRIVATE, PUBLIC, readPkiList, writeWhole } from '@holdfast/pki';
import type { AuthorityName, PkiList } from '@holdfast/pki';
import { connectRpc } from '@holdfast/rpc';
import { TrustFeed } from '@holdfast/rpc/authority';
import type { TrustFeedClient } from '@holdfast/rpc/authority';
import { startCertificateAuthority } from '../certificate-authority.ts';
import { makeEnrolmentTokens } from '../commands/enrolment-token.ts';
import { config as schema } from '../config.ts';
import type { Config } from '../config.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Presented in the handshake; none when absent. */
  readonly identity?: IdentitySource | undefined;
  readonly agent?: Agent;
}

type Clock = { now: Date | undefined };

/** The list as if the other processes enrolled for nothing: they hold what lies there from the beginning. */
function withHolders(list: PkiList): PkiList {
  const leaves = Object.entries(list.leaves).map(
    ([name, leaf]) => [name, { ...leaf, enrols: name.startsWith('certificate-authority/') }] as const,
  );
  return { ...list, leaves: Object.fromEntries(leaves) };
}

/** A whole certificate authority on real sockets, in a home made by hand, and everything it wrote down. */
export class AuthorityUnderTest {
  readonly home = mkdtempSync(join(tmpdir(), 'holdfast-ca-'));
  readonly list = readPkiList();
  /** Stands still when set. */
  readonly clock: Clock = { now: undefined };
  readonly #ports: { readonly https: number; readonly rpc: number };
  readonly #identities: IdentitySource[] = [];
  readonly #trusts: LiveTrust[] = [];
  #running: (RunningProcess & { readonly ctx: OwnedContext<Config> }) | undefined;

  private constructor(ports: { https: number; rpc: number }) {
    this.#ports = ports;
    this.issueByHand();
  }

  /** What the command does: makes what is missing, and renews what ends soon or is of an authority that was. */
  issueByHand(): void {
    ensurePki({ home: this.home, now: new Date(), list: withHolders(this.list) });
  }

  static async open(): Promise<AuthorityUnderTest> {
    const world = new AuthorityUnderTest({ https: await freePort(), rpc: await freePort() });
    await world.start();
    return world;
  }

  get config(): Config {
    const file = new URL('../../../../infra/config/local/certificate-authority.json', import.meta.url);
    const local = JSON.parse(readFileSync(file, 'utf8')) as Record<'https' | 'rpc', { listener: { port: number } }>;
    local.https.listener.port = this.#ports.https;
    local.rpc.listener.port = this.#ports.rpc;
    return schema.parse(local);
  }

  /** A context as the process and its commands get it, their clock so many milliseconds ahead. */
  context(ahead = 0): OwnedContext<Config> {
    const log = createLogger({ name: 'certificate-authority', level: 'silent' });
    const clock = { now: () => this.clock.now ?? new Date(Date.now() + ahead) };
    return createContext({ name: 'certificate-authority', config: this.config, home: this.home, log, clock });
  }

  async start(): Promise<void> {
    const ctx = this.context();
    const running = await startCertificateAuthority(ctx).catch((error: unknown) => {
      ctx.release();
      throw error;
    });
    this.#running = { ...running, ctx };
  }

  async stop(): Promise<void> {
    this.#running?.ctx.startDraining();
    await this.#running?.close();
    this.#running?.ctx.release();
    this.#running = undefined;
  }

  async close(): Promise<void> {
    for (const source of [...this.#identities, ...this.#trusts]) source.close();
    await this.stop();
    rmSync(this.home, { recursive: true });
  }

  /** Runs a command beside the process, so many milliseconds later. */
  async run<T>(command: (ctx: OwnedContext<Config>) => Promise<T>, later = 0): Promise<T> {
    const ctx = this.context(later);
    try {
      return await command(ctx);
    } finally {
      ctx.release();
    }
  }

  /** A one-time token for a holder. */
  async token(holder: string): Promise<string> {
    const said = await this.run((ctx) => makeEnrolmentTokens(ctx, new Map([['enrolment-token', holder]])));
    return said.split(' ')[1] ?? '';
  }

  file(name: string): string {
    return join(this.home, 'pki', name);
  }

  /** What a holder keeps, as it lies there. */
  identity(name: string): IdentitySource {
    const source = loadIdentity({ certificate: this.file(`${name}.crt`), key: this.file(`${name}.key`) });
    this.#identities.push(source);
    return source;
  }

  /** A certificate that was enrolled for, with its key. */
  identityOf(chain: readonly X509Certificate[], key: KeyObject): IdentitySource {
    const name = `test/${chain[0]?.serialNumber}`;
    writeWhole(this.file(`${name}.key`), keyPemOf(key), PRIVATE);
    writeWhole(this.file(`${name}.crt`), chain.map(String).join(''), PUBLIC);
    return this.identity(name);
  }

  /** A request for a leaf of the list. */
  request(name: string, kind?: KeyKind): { readonly key: KeyObject; readonly body: string } {
    const leaf = this.list.leaves[name];
    if (leaf === undefined) throw new Error(`${name} is not listed`);
    const key = generateKey(kind ?? leaf.key);
    const names = { dnsNames: leaf.dns ?? [], uris: leaf.uri ?? [] };
    return { key, body: createCertificationRequest({ key, subject: leaf.subject, names }).toString('base64') };
  }

  /** POST to an EST endpoint. */
  est(
    purpose: AuthorityName,
    verb: 'simpleenroll' | 'simplereenroll',
    body: string,
    who: { readonly identity?: IdentitySource; readonly basic?: readonly [holder: string, token: string] } = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const { identity, basic } = who;
    const authorization =
      basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic.join(':')).toString('base64')}` };
    return this.ask(`/.well-known/est/${purpose}/${verb}`, {
      method: 'POST',
      body,
      identity,
      headers: { 'content-type': 'application/pkcs10', ...authorization, ...headers },
    });
  }

  /** The certificates of an answer. */
  chain({ text }: Answer): X509Certificate[] {
    return readCertsOnly(Buffer.from(text, 'base64'));
  }

  async ask(path: string, question: Question = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body, identity, agent = false } = question;
    const trust = { serverTrust: loadTrust(this.file('trust/web.pem')), names: 'loopback' as const };
    const request = httpsRequest({
      ...clientTls(identity === undefined ? trust : { ...trust, identity }),
      host: 'ca.localhost',
      servername: 'ca.localhost',
      port: this.#ports.https,
      path,
      method,
      headers,
      agent,
    });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    return { status: response.statusCode, headers: response.headers, body: bytes, text: bytes.toString() };
  }

  /** The feed, as a service follows it. */
  feed(name = 'bank/service'): TrustFeedClient {
    const live = loadLiveTrust(this.file('trust'), { follow: 'folder', now: () => new Date() });
    this.#trusts.push(live);
    return connectRpc(TrustFeed, {
      target: `rpc.ca.localhost:${this.#ports.rpc}`,
      expect: 'certificate-authority',
      identity: this.identity(name),
      serverTrust: live.of('services'),
      names: 'loopback',
      deadlineMs: 5_000,
    });
  }

  /** Audit events of the process and its commands, as written. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- events are looked at member by member
  audit(): Record<string, any>[] {
    const lines = readFileSync(join(this.home, 'audit/certificate-authority.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The reason in the last audit event. */
  lastReason(): unknown {
    return this.audit().at(-1)?.['reason'];
  }

  openssl(...args: string[]): string {
    return execFileSync('openssl', args, { cwd: join(this.home, 'pki'), stdio: 'pipe' }).toString();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
