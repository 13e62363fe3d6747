import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { createIntermediate, createRoot, issueLeaf } from './authority/index.ts';
import type { Leaf, LeafRequest } from './authority/index.ts';
import { permittedDnsNames } from './name-constraints.ts';
import { throwAwayPki } from './testing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-constraints-'));
afterAll(() => rmSync(folder, { recursive: true }));

const now = Date.now();
const when = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 86_400_000), random: randomBytes };
const root = createRoot({ ...when, subject: 'CN=constrained root', permittedDnsNames: ['localhost'] });
// A thief of the root's key would make one without constraints: those of the root are to hold by themselves.
const issuer = createIntermediate({ ...when, issuer: root, subject: 'CN=any', purpose: 'server' });
const leafFor = (names: Partial<LeafRequest>): Leaf =>
  issueLeaf({ ...when, issuer, subject: 'CN=server', purpose: 'server', ...names });

const OUTSIDE: [string, Partial<LeafRequest>, string][] = [
  ['another site', { dnsNames: ['example.com'] }, 'example.com'],
  ['another site beside one of ours', { dnsNames: ['auth.localhost', 'example.com'] }, 'auth.localhost'],
  ['a name that only ends alike', { dnsNames: ['notlocalhost'] }, 'notlocalhost'],
  ['a wildcard for everybody', { dnsNames: ['*.com'] }, 'example.com'],
  ['an address of the network', { ips: ['93.184.216.34'] }, '93.184.216.34'],
  ['an IPv6 address of the network', { ips: ['2001:db8::1'] }, '2001:db8::1'],
  ['another site in the common name alone', { subject: 'CN=example.com' }, 'example.com'],
];
const INSIDE: [string, Partial<LeafRequest>, string][] = [
  ['localhost', { dnsNames: ['localhost'] }, 'localhost'],
  ['a name below it', { dnsNames: ['mtls.auth.localhost'] }, 'mtls.auth.localhost'],
  ['an address of this machine', { ips: ['127.0.0.1'] }, '127.0.0.1'],
];

/** OpenSSL's own command. */
function verifiedByOpenssl({ certificatePem }: Leaf): string {
  const files = { root: join(folder, 'root.pem'), leaf: join(folder, 'leaf.pem'), chain: join(folder, 'chain.pem') };
  writeFileSync(files.root, root.certificate.toString());
  writeFileSync(files.chain, issuer.certificate.toString());
  writeFileSync(files.leaf, certificatePem);
  try {
    return execFileSync('openssl', ['verify', '-CAfile', files.root, '-untrusted', files.chain, files.leaf], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
  } catch (error) {
    return (error as { stderr: Buffer }).stderr.toString();
  }
}

/** A Node client that trusts the root alone. */
async function verifiedByNode({ certificatePem, keyPem }: Leaf, host: string): Promise<string> {
  const server = createServer({ cert: certificatePem, key: keyPem }).on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const socket = connect({ port, host: '127.0.0.1', ...name, ca: root.certificate.toString() });
  try {
    await once(socket, 'secureConnect');
    return 'trusted';
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('a root that may vouch for localhost alone [RFC5280-4.2.1.10]', () => {
  it.each(OUTSIDE)('is believed by nobody about %s', async (_, names, host) => {
    const leaf = leafFor(names);
    expect(verifiedByOpenssl(leaf)).toMatch(/permitted subtree violation/);
    expect(await verifiedByNode(leaf, host)).toBe('permitted subtree violation');
  });

  it.each(INSIDE)('is believed about %s', async (_, names, host) => {
    const leaf = leafFor(names);
    expect(verifiedByOpenssl(leaf)).toMatch(/: OK/);
    expect(await verifiedByNode(leaf, host)).toBe('trusted');
  });

  it('says so, critically, and can be asked', () => {
    expect(permittedDnsNames(root.certificate)).toEqual(['localhost']);
    expect(permittedDnsNames(throwAwayPki().web.root.certificate)).toBeUndefined();
    const text = execFileSync('openssl', ['x509', '-noout', '-ext', 'nameConstraints'], {
      input: root.certificate.toString(),
    });
    expect(text.toString()).toMatch(/X509v3 Name Constraints: critical/);
  });
});
