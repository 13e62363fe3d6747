import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { LeafName } from '@holdfast/mtls/testing';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { LabConfig } from '../config.ts';
import { labConfig } from '../config.ts';

const LOCAL = new URL('../../../../infra/config/local/lab.json', import.meta.url);
const SERVERS: Readonly<Record<string, LeafName>> = {
  'auth.localhost': 'authorization-server/browser',
  'mtls.auth.localhost': 'authorization-server/mtls',
  'api.bank.localhost': 'bank/api',
  'fintech.localhost': 'fintech/web',
  'rpc.auth.localhost': 'authorization-server/service',
  'rpc.bank.localhost': 'bank/service',
};
/** Whatever this library still speaks. */
const ANY_TLS = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

/** What a server of stone does with whatever it is asked. */
export interface Stone {
  /** What stands at the well-known places. */
  readonly metadata: (base: (host: string) => string) => Readonly<Record<string, unknown>>;
  answer(request: IncomingMessage, response: ServerResponse): void;
}

export interface StonePlatform {
  readonly config: LabConfig;
  readonly home: string;
  close(): Promise<void>;
}

/** A whole platform in one server that has one answer to everything, under every name, in every version of TLS. */
export async function stonePlatform(stone: Stone): Promise<StonePlatform> {
  const pki = throwAwayPki();
  const home = mkdtempSync(join(tmpdir(), 'holdfast-stone-'));
  pki.write(home);
  const contexts = new Map(
    Object.entries(SERVERS).map(([name, leaf]): [string, SecureContext] => {
      const { certificatePem: cert, keyPem: key } = pki.leaf(leaf);
      return [name, createSecureContext({ ...ANY_TLS, cert, key })];
    }),
  );
  const { certificatePem: cert, keyPem: key } = pki.leaf('lab/web');
  const server = createServer({
    ...{ ...ANY_TLS, cert, key },
    SNICallback: (name, done) => done(null, contexts.get(name)),
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const base = (host: string): string => `https://${host}:${port}`;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.sendDate = false;
    if (request.url?.startsWith('/.well-known/') !== true) stone.answer(request, response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(stone.metadata(base)));
  });
  const config = configFor(base, port);
  // What the lab's people hold beside the listed leaves; here nobody looks at who signed it.
  for (const { certificate, key: keyFile } of identitiesOf(config).filter((each) => !isThere(home, each))) {
    const { certificatePem, keyPem } = pki.selfSigned({ subject: 'CN=somebody' });
    writeFileSync(join(home, certificate), certificatePem);
    writeFileSync(join(home, keyFile), keyPem, { mode: 0o600 });
  }
  return {
    home,
    config,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

interface Files {
  readonly certificate: string;
  readonly key: string;
}

const identitiesOf = ({ clients, attackers }: LabConfig): readonly Files[] => [
  ...Object.values(clients).map(({ identity }) => identity),
  ...Object.values(attackers),
];

const isThere = (home: string, { certificate }: Files): boolean => existsSync(join(home, certificate));

function configFor(base: (host: string) => string, port: number): LabConfig {
  const rpc = (serverName: string) => ({ address: `127.0.0.1:${port}`, serverName });
  return labConfig.parse({
    ...(JSON.parse(readFileSync(LOCAL, 'utf8')) as object),
    issuer: base('auth.localhost'),
    bank: base('api.bank.localhost'),
    fintech: base('fintech.localhost'),
    rpc: { accountDirectory: rpc('rpc.bank.localhost'), tokenStatus: rpc('rpc.auth.localhost') },
  });
}

/** The least that a client needs to know. */
export const leastMetadata: Stone['metadata'] = (base) => ({
  issuer: base('auth.localhost'),
  authorization_endpoint: `${base('auth.localhost')}/authorize`,
  jwks_uri: `${base('auth.localhost')}/jwks`,
  pushed_authorization_request_endpoint: `${base('mtls.auth.localhost')}/par`,
  token_endpoint: `${base('mtls.auth.localhost')}/token`,
  userinfo_endpoint: `${base('mtls.auth.localhost')}/userinfo`,
  introspection_endpoint: `${base('mtls.auth.localhost')}/introspect`,
  revocation_endpoint: `${base('mtls.auth.localhost')}/revoke`,
});
