import type { ServerOptions } from 'node:https';
import { HomeMadeAuthority } from '../../certificates/home-made-authority.ts';
import { party } from '../../certificates/subject.ts';
import { Browser, logInAndDecide } from '../../wire/browser.ts';
import type { Caller, HeldCertificate, Route } from '../../wire/caller.ts';
import { thumbprintOf } from '../../wire/caller.ts';
import { httpsCall, jsonOf } from '../../wire/https-call.ts';
import { bearer, Secret } from '../../wire/secret.ts';
import { ALICE } from '../weak-customers.ts';
import type { WeakServer } from '../weak-server.ts';
import { WeakTokens } from '../weak-tokens.ts';
import type { WeakRpcServer } from './any-caller-account-directory.ts';
import { startAnyCallerAccountDirectory } from './any-caller-account-directory.ts';
import { AnyCertificateAuthorizationServer } from './any-certificate-authorization-server.ts';
import { BindingOptionalBank } from './binding-optional-bank.ts';
import { ChainAcceptingAuthorizationServer } from './chain-accepting-authorization-server.ts';
import { HeaderTrustingBank } from './header-trusting-bank.ts';
import { NameComparingAuthorizationServer } from './name-comparing-authorization-server.ts';
import { UnboundBank } from './unbound-bank.ts';

export const FIRST = 'weak-first-fintech';
export const SECOND = 'weak-second-fintech';
export const CALLBACK = 'https://first-fintech.weak.invalid/callback';

/** What the honest first fintech holds after Alice linked her account. */
export interface WeakLink {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
}

/** The second control group: mutual TLS everywhere, and everything about it misunderstood. */
export interface NaiveMtlsStack {
  readonly route: Route;
  readonly authorizationServer: WeakServer;
  readonly chainAcceptingUrl: string;
  readonly nameComparing: WeakServer;
  readonly unboundBank: WeakServer;
  readonly headerTrustingBank: WeakServer;
  readonly bindingOptionalBank: WeakServer;
  /** Account directories: one that asks for no certificate, one that asks and then lets everybody do everything. */
  readonly openDirectory: string;
  readonly friendlyDirectory: string;
  /** Certificates the scheme's authority issued. */
  readonly held: Readonly<
    Record<
      'first' | 'second' | 'lookalike' | 'otherAuthority' | 'expired' | 'wrongPurpose' | 'noPurpose' | 'service',
      HeldCertificate
    >
  >;
  caller(name: string, certificate?: HeldCertificate): Caller;
  /** Writes a certificate on the list of those that are no longer good, where nobody looks. */
  takeBack(certificate: HeldCertificate): void;
  /** Alice approves the first fintech; the code is still on its way to it. */
  aliceApproves(): Promise<Secret>;
  /** The whole link, done by the honest first fintech with its own certificate. */
  aliceLinks(): Promise<WeakLink>;
  close(): Promise<void>;
}

export async function startNaiveMtlsStack(): Promise<NaiveMtlsStack> {
  const authority = new HomeMadeAuthority('control group: naive mTLS');
  const route: Route = { serverTrust: authority.certificatePem };
  const other = new HomeMadeAuthority('control group: another scheme');
  const held = issueCertificates(authority, other);
  const own = authority.issue({
    names: party({ commonName: 'naive', ips: ['127.0.0.1'], dnsNames: ['rpc.weak.invalid'] }),
    purpose: 'server',
  });
  const tls: ServerOptions = { cert: own.certificatePem, key: own.keyPem, ca: authority.certificatePem };

  const codes = new WeakTokens();
  const tokens = new WeakTokens();
  const authorizationServer = new AnyCertificateAuthorizationServer(codes, tokens);
  const clients = new Map([
    [FIRST, thumbprintOf(held.first.certificatePem)],
    [SECOND, thumbprintOf(held.second.certificatePem)],
  ]);
  const chainAccepting = new ChainAcceptingAuthorizationServer(codes, tokens, clients);
  const unboundBank = new UnboundBank(tokens);
  const headerTrustingBank = new HeaderTrustingBank(tokens);
  const bindingOptionalBank = new BindingOptionalBank(tokens);
  for (const server of [authorizationServer, chainAccepting, unboundBank, headerTrustingBank, bindingOptionalBank])
    await server.start(tls);
  const nameComparing = new NameComparingAuthorizationServer(codes, tokens);
  await nameComparing.start({ ...tls, ca: [authority.certificatePem, other.certificatePem] });
  const directories = [
    await startAnyCallerAccountDirectory(own, authority.certificatePem, false),
    await startAnyCallerAccountDirectory(own, authority.certificatePem, true),
  ] as const;

  const caller = (name: string, certificate?: HeldCertificate): Caller =>
    certificate === undefined ? { name, route } : { name, route, certificate };
  const takenBack = new Set<string>();
  const honest = new HonestFintech(caller(FIRST, held.first), authorizationServer.server.url);
  return {
    route,
    held,
    caller,
    // Lost here: a revocation list is only as good as the servers that read it, and none of these asks for one.
    takeBack: ({ certificatePem }) => void takenBack.add(thumbprintOf(certificatePem)),
    authorizationServer: authorizationServer.server,
    chainAcceptingUrl: chainAccepting.url,
    unboundBank: unboundBank.server,
    headerTrustingBank: headerTrustingBank.server,
    bindingOptionalBank: bindingOptionalBank.server,
    nameComparing: nameComparing.server,
    openDirectory: directories[0].address,
    friendlyDirectory: directories[1].address,
    aliceApproves: () => honest.aliceApproves(),
    aliceLinks: () => honest.aliceLinks(),
    close: () =>
      closeAll([
        authorizationServer.server,
        chainAccepting,
        unboundBank.server,
        headerTrustingBank.server,
        bindingOptionalBank.server,
        nameComparing.server,
        ...directories,
      ]),
  };
}

/** The scheme's member that does everything right; it is not its fault. */
class HonestFintech {
  readonly #self: Caller;
  readonly #issuer: string;

  constructor(self: Caller, issuer: string) {
    this.#self = self;
    this.#issuer = issuer;
  }

  async aliceApproves(): Promise<Secret> {
    const form = [
      ['client_id', FIRST],
      ['redirect_uri', CALLBACK],
    ] as const;
    const pushed = await httpsCall(this.#self, { method: 'POST', url: `${this.#issuer}/par`, form });
    const query = new URLSearchParams({ client_id: FIRST, request_uri: String(jsonOf(pushed)['request_uri']) });
    const browser = new Browser('Alice', this.#self.route, [this.#issuer]);
    const back = await logInAndDecide(browser, await browser.open(`${this.#issuer}/authorize?${query}`), ALICE);
    if (back.kind !== 'sent-away') throw new Error('the naive authorization server sent no code');
    return new Secret(back.to.searchParams.get('code') ?? '');
  }

  async aliceLinks(): Promise<WeakLink> {
    const form = [
      ['grant_type', 'authorization_code'],
      ['client_id', FIRST],
      ['code', await this.aliceApproves()],
    ] as const;
    const tokens = jsonOf(await httpsCall(this.#self, { method: 'POST', url: `${this.#issuer}/token`, form }));
    return {
      accessToken: new Secret(String(tokens['access_token'])),
      refreshToken: new Secret(String(tokens['refresh_token'])),
    };
  }
}

function issueCertificates(authority: HomeMadeAuthority, other: HomeMadeAuthority): NaiveMtlsStack['held'] {
  const first = party({ commonName: FIRST, dnsNames: ['first-fintech.weak.invalid'] });
  const second = party({ commonName: SECOND, dnsNames: ['second-fintech.weak.invalid'] });
  const yesterday = new Date(Date.now() - 86_400_000);
  const aMonthAgo = new Date(Date.now() - 30 * 86_400_000);
  return {
    first: authority.issue({ names: first, purpose: 'client' }),
    second: authority.issue({ names: second, purpose: 'client' }),
    lookalike: authority.issue({ names: first, purpose: 'client' }),
    otherAuthority: other.issue({ names: first, purpose: 'client' }),
    expired: authority.issue({ names: first, purpose: 'client', notBefore: aMonthAgo, notAfter: yesterday }),
    wrongPurpose: authority.issue({ names: first, purpose: 'server' }),
    noPurpose: authority.issue({ names: first, purpose: 'any' }),
    service: authority.issue({
      names: party({ commonName: 'page-service', uris: ['spiffe://weak.invalid/page-service'] }),
      purpose: 'client',
    }),
  };
}

async function closeAll(servers: readonly (WeakServer | WeakRpcServer | { close(): Promise<void> })[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

/** A bank request with a bearer token, as every client of the weak banks sends it. */
export function readAccounts(caller: Caller, bankUrl: string, token: Secret) {
  return httpsCall(caller, { method: 'GET', url: `${bankUrl}/accounts`, headers: [bearer(token)] });
}
