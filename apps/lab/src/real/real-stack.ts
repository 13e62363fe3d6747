import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { localhostLookup } from '@holdfast/mtls';
import { party } from '../certificates/subject.ts';
import type { LabConfig } from '../config.ts';
import { LabSetupError } from '../config.ts';
import { Browser } from '../wire/browser.ts';
import type { Person } from '../wire/browser.ts';
import type { Caller, HeldCertificate, Route } from '../wire/caller.ts';
import { keyOf } from '../wire/jws.ts';
import { Secret } from '../wire/secret.ts';
import type { AuditTrail } from './audit-trail.ts';
import { auditTrail } from './audit-trail.ts';
import type { Discovery } from './discovery.ts';
import { discover } from './discovery.ts';
import { enrol } from './enrolment.ts';
import { LabClient } from './lab-client.ts';
import type { Operator } from './operator.ts';
import { operatorBy } from './operator.ts';
import { SigningClient } from './signing-client.ts';

/** A gRPC server of the platform. */
export interface RpcServer {
  readonly address: string;
  readonly serverName: string;
}

/** A client, and what it shows: a copy of it is all that a thief needs. */
export interface CertifiedClient {
  readonly client: LabClient;
  readonly certificate: HeldCertificate;
}

/** The real platform as an outsider sees it, and what the lab's people and attackers hold. */
export interface RealStack {
  readonly discovery: Discovery;
  readonly bankUrl: string;
  readonly fintechUrl: string;
  readonly rpc: Readonly<Record<'accountDirectory' | 'tokenStatus', RpcServer>>;
  /** Honest clients with certificates of their own. The second one is the licensed fintech that turns malicious. */
  readonly first: LabClient;
  readonly second: LabClient;
  /** Proves with assertions who it is and with DPoP whose token it shows. */
  readonly assertion: SigningClient;
  /** Signs what it asks for, and has the answer signed. */
  readonly signing: SigningClient;
  /** The same under FAPI 1.0. */
  readonly fapi1: SigningClient;
  /** Has made its certificate itself. */
  readonly selfSigned: LabClient;
  /** Ask a person on another device. */
  readonly ciba: SigningClient;
  readonly otherCiba: SigningClient;
  /** Gives the client that loses its key another one, with a certificate in force. */
  certifyCareless(): Promise<CertifiedClient>;
  /** The name of its certificates on the list of the authority. */
  readonly carelessName: string;
  /** Absent where the lab does not stand beside the certificate authority. */
  readonly operator: Operator | undefined;
  readonly alice: Person;
  readonly mallory: Person;
  readonly held: Readonly<Record<keyof LabConfig['clients'] | keyof LabConfig['attackers'] | 'web', HeldCertificate>>;
  readonly audit: AuditTrail;
  /** Everything secret that passed through the lab's hands. */
  readonly secrets: readonly Secret[];
  /** Somebody on the wire; without certificate: anybody. */
  caller(name: string, certificate?: HeldCertificate): Caller;
  /** Somebody on the internal network. */
  internalCaller(name: string, certificate?: HeldCertificate): Caller;
  /** Gives back what the honest clients were granted. */
  tidyUp(): Promise<void>;
  /** A browser that may visit the authorization server and the fintech. */
  browser(owner: string): Browser;
}

/**
 * Gets to know the deployment.
 *
 * @param home directory with the PKI and the audit files
 * @throws LabSetupError when files are missing; Error when the authorization server does not answer
 */
export async function openRealStack(config: LabConfig, home: string): Promise<RealStack> {
  const held = readCertificates(config, home);
  const lookup = localhostLookup(config.names);
  const routeTo = (purpose: 'web' | 'services'): Route => ({
    serverTrust: readHomeFile(home, join(config.authority.trust, `${purpose}.pem`)),
    ...(lookup === undefined ? {} : { lookup }),
  });
  const outside = routeTo('web');
  const inside = routeTo('services');
  const discovery = await discover({ name: 'the lab', route: outside }, config.issuer);

  const people = {
    alice: { name: 'Alice', ...config.people.alice },
    mallory: { name: 'Mallory', ...config.people.mallory },
  };
  const secrets = Object.values(people).map(({ password }) => new Secret(password));
  const optionsOf = (which: keyof LabConfig['clients']) => ({
    clientId: config.clients[which].clientId,
    redirectUri: config.clients[which].redirectUri,
    caller: { name: config.clients[which].clientId, route: outside, certificate: held[which] },
    discovery,
    bankUrl: config.bank,
    secrets,
  });
  const signing = (which: 'assertion' | 'signing' | 'fapi1' | 'ciba' | 'otherCiba') =>
    new SigningClient({
      ...optionsOf(which),
      key: keyOf(held[which]),
      signsRequests: which !== 'assertion',
      usesDpop: which === 'assertion',
    });
  const clients = {
    first: new LabClient(optionsOf('first')),
    second: new LabClient(optionsOf('second')),
    assertion: signing('assertion'),
    signing: signing('signing'),
    fapi1: signing('fapi1'),
    selfSigned: new LabClient(optionsOf('selfSigned')),
    ciba: signing('ciba'),
    otherCiba: signing('otherCiba'),
  };
  const { careless } = config;
  const certifyCareless = async (): Promise<CertifiedClient> => {
    // Known to the authority by another certificate of the same holder.
    const holder = callerOn(outside, config.clients.first.clientId, held.first);
    const names = party({ commonName: careless.commonName, dnsNames: [careless.dnsName] });
    if (config.authority.url === undefined) throw new Error('no certificate authority is named to enrol at');
    const label = `${config.authority.url}/.well-known/est/participants`;
    const certificate = await enrol(holder, label, names);
    const caller = callerOn(outside, careless.clientId, certificate);
    const { clientId, redirectUri } = careless;
    return {
      certificate,
      client: new LabClient({ clientId, redirectUri, caller, discovery, bankUrl: config.bank, secrets }),
    };
  };
  return {
    ...people,
    certifyCareless,
    carelessName: careless.leaf,
    operator: config.operator && operatorBy(config.operator, home),
    discovery,
    held,
    secrets,
    bankUrl: config.bank,
    fintechUrl: config.fintech,
    rpc: config.rpc,
    ...clients,
    async tidyUp() {
      await Promise.all(Object.values(clients).map((client) => client.endLinks()));
    },
    audit: auditTrail(resolve(home, config.audit)),
    caller: (name, certificate) => callerOn(outside, name, certificate),
    internalCaller: (name, certificate) => callerOn(inside, name, certificate),
    browser: (owner) =>
      new Browser(
        owner,
        outside,
        [config.issuer, config.fintech].map((url) => new URL(url).origin),
      ),
  };
}

function callerOn(route: Route, name: string, certificate?: HeldCertificate): Caller {
  return certificate === undefined ? { name, route } : { name, route, certificate };
}

function readCertificates(config: LabConfig, home: string): RealStack['held'] {
  const read = (files: { certificate: string; key: string }): HeldCertificate => ({
    certificatePem: readHomeFile(home, files.certificate),
    keyPem: readHomeFile(home, files.key),
  });
  const { attackers, clients } = config;
  return {
    first: read(clients.first.identity),
    second: read(clients.second.identity),
    assertion: read(clients.assertion.identity),
    signing: read(clients.signing.identity),
    fapi1: read(clients.fapi1.identity),
    selfSigned: read(clients.selfSigned.identity),
    ciba: read(clients.ciba.identity),
    otherCiba: read(clients.otherCiba.identity),
    web: read(config.identity),
    lookalike: read(attackers.lookalike),
    otherAuthority: read(attackers.otherAuthority),
    expired: read(attackers.expired),
    wrongPurpose: read(attackers.wrongPurpose),
    noPurpose: read(attackers.noPurpose),
    service: read(attackers.service),
  };
}

function readHomeFile(home: string, file: string): string {
  try {
    return readFileSync(join(home, file), 'utf8');
  } catch (cause) {
    throw new LabSetupError(
      `there is no ${join(home, file)}`,
      'Run `npm start` once: it makes the certificates and starts what is to be attacked.',
      { cause },
    );
  }
}
