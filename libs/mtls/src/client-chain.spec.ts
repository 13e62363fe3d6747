import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { createIntermediate, createRoot } from './authority/index.ts';
import type { Leaf } from './authority/index.ts';
import { CertificateError } from './certificate-error.ts';
import { verifyClientChain } from './client-chain.ts';
import { toPem } from './pem-certificates.ts';
import { mtlsServerTls } from './server-tls.ts';
import { throwAwayPki } from './testing/index.ts';
import type { Trust } from './trust.ts';

const DAY = 86_400_000;
const now = new Date();
const at = (days: number): Date => new Date(now.getTime() + days * DAY);
const year = { notBefore: at(-1), notAfter: at(365), random: randomBytes };
const pki = throwAwayPki();
const { root, intermediate, trust } = pki.participants;
const onlyRoot: Trust = { pem: toPem([root.certificate]), certificates: [root.certificate] };
const key = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;

const servers = new Set<Server>();
afterAll(async () => {
  for (const server of servers) await new Promise((done) => server.close(done));
});

/** What OpenSSL says in a handshake in which the client presents this. */
async function handshakeVerdict({ certificate, keyPem }: Leaf, chain: readonly X509Certificate[], trusted: Trust) {
  const server = createServer(mtlsServerTls(pki.identity('bank/api'), trusted));
  servers.add(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  // The client's own OpenSSL would refuse to use a weak key; what is asked here is what the server thinks of it.
  const ciphers = 'ALL:@SECLEVEL=0';
  const client = connect({
    port,
    host: '127.0.0.1',
    servername: 'api.bank.localhost',
    ca: pki.web.trust.pem,
    cert: toPem([certificate, ...chain]),
    key: keyPem,
    ciphers,
  });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'secureConnection')) as [TLSSocket];
  const verdict = socket.authorizationError as unknown as string | null;
  client.destroy();
  socket.destroy();
  return verdict ?? undefined;
}

interface Case {
  readonly leaf: Leaf;
  readonly chain?: readonly X509Certificate[];
  readonly trusted?: Trust;
}

const limited = (purpose: 'server' | 'client', more: Partial<Parameters<typeof createIntermediate>[0]> = {}) =>
  createIntermediate({ ...year, issuer: root, subject: 'CN=another intermediate', purpose, ...more });
const under = (issuer: ReturnType<typeof limited>): Case => ({ leaf: pki.mint({ issuer }), chain: issuer.chain });
const deep = () => createIntermediate({ ...year, issuer: intermediate, subject: 'CN=too deep', purpose: 'client' });
const rogue = pki.rogue();
const thief = pki.mint();
const asAuthority = pki.asIssuer(thief);
const renewed = createIntermediate({
  ...year,
  issuer: root,
  subject: 'CN=participants intermediate,O=Holdfast',
  purpose: 'client',
  key: intermediate.key,
  notBefore: at(-30),
  notAfter: at(-2),
});
const strangersRoot = createRoot({ ...year, subject: 'CN=a stranger' });

/** Of every case: what a handshake says is what is said here, whatever it is. The first column is what it must be. */
const cases: readonly (readonly [verdict: string | undefined, title: string, make: () => Case])[] = [
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'an unknown authority of the same name',
    () => ({ leaf: pki.mint({ issuer: rogue.intermediate }) }),
  ],
  [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'an unknown authority that comes along with its root',
    () => ({
      leaf: pki.mint({ issuer: rogue.intermediate }),
      chain: [rogue.intermediate.certificate, rogue.root.certificate],
    }),
  ],
  [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'an unknown authority that comes along without its root',
    () => ({ leaf: pki.mint({ issuer: rogue.intermediate }), chain: rogue.intermediate.chain }),
  ],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'an authority of another door',
    () => ({ leaf: pki.mint({ issuer: pki.services.intermediate }) }),
  ],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'an intermediate that is missing',
    () => ({ leaf: pki.mint(), trusted: onlyRoot }),
  ],
  [
    undefined,
    'an intermediate that comes along',
    () => ({ leaf: pki.mint(), chain: [intermediate.certificate], trusted: onlyRoot }),
  ],
  [
    undefined,
    'certificates of strangers in front of and behind its intermediate',
    () => ({
      leaf: pki.mint(),
      chain: [strangersRoot.certificate, intermediate.certificate, rogue.root.certificate],
      trusted: onlyRoot,
    }),
  ],
  [
    undefined,
    'its chain with the root',
    () => ({ leaf: pki.mint(), chain: [intermediate.certificate, root.certificate] }),
  ],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'another certificate in the place of the intermediate',
    () => ({ leaf: pki.mint(), chain: [rogue.intermediate.certificate], trusted: onlyRoot }),
  ],
  [
    'UNSPECIFIED',
    'a leaf that signs for others',
    () => ({ leaf: pki.mint({ issuer: asAuthority }), chain: asAuthority.chain }),
  ],
  ['CERT_HAS_EXPIRED', 'a leaf that has expired', () => ({ leaf: pki.mint({ notBefore: at(-3), notAfter: at(-1) }) })],
  ['CERT_NOT_YET_VALID', 'a leaf of tomorrow', () => ({ leaf: pki.mint({ notBefore: at(1), notAfter: at(2) }) })],
  [
    'CERT_HAS_EXPIRED',
    'an expired leaf of an unknown authority',
    () => ({ leaf: pki.mint({ issuer: rogue.intermediate, notBefore: at(-3), notAfter: at(-1) }) }),
  ],
  [
    'CERT_HAS_EXPIRED',
    'an intermediate that has expired',
    () => under(limited('client', { notBefore: at(-3), notAfter: at(-1) })),
  ],
  [
    undefined,
    'an intermediate that was renewed, beside the old one',
    () => ({ leaf: pki.mint(), chain: [renewed.certificate, intermediate.certificate], trusted: onlyRoot }),
  ],
  [
    'CERT_HAS_EXPIRED',
    'an intermediate that was renewed, and the old one comes along',
    () => ({ leaf: pki.mint(), chain: [renewed.certificate], trusted: onlyRoot }),
  ],
  ['INVALID_PURPOSE', 'a leaf for servers', () => ({ leaf: pki.mint({ purpose: 'server' }) })],
  ['INVALID_PURPOSE', 'a leaf for clients under an authority for servers', () => under(limited('server'))],
  [
    'CERT_HAS_EXPIRED',
    'an expired leaf for servers',
    () => ({ leaf: pki.mint({ purpose: 'server', notBefore: at(-3), notAfter: at(-1) }) }),
  ],
  [undefined, 'a leaf without a purpose', () => ({ leaf: pki.mint({ purpose: 'none' }) })],
  ['PATH_LENGTH_EXCEEDED', 'an authority where no further one may be', () => under(deep())],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'a certificate that nobody vouches for', () => ({ leaf: pki.selfSigned() })],
  [
    'INVALID_PURPOSE',
    'a certificate for servers that nobody vouches for',
    () => ({ leaf: pki.selfSigned({ purpose: 'server' }) }),
  ],
  [
    'CERT_HAS_EXPIRED',
    'an expired certificate that nobody vouches for',
    () => ({ leaf: pki.selfSigned({ notBefore: at(-3), notAfter: at(-1) }) }),
  ],
  ['UNSPECIFIED', 'a leaf with an RSA key of 1024 bits', () => ({ leaf: pki.mint({ key: key(1024) }) })],
  ['UNSPECIFIED', 'a weak certificate that nobody vouches for', () => ({ leaf: pki.selfSigned({ key: key(1024) }) })],
  ['UNSPECIFIED', 'an authority with an RSA key of 1024 bits', () => under(limited('client', { key: key(1024) }))],
  [
    undefined,
    'a leaf with an RSA key of 4096 bits under one',
    () => ({ ...under(limited('client', { key: key(4096) })) }),
  ],
  [
    undefined,
    'a leaf with an Ed25519 key',
    () => ({ leaf: pki.mint({ key: generateKeyPairSync('ed25519').privateKey }) }),
  ],
  [
    undefined,
    'a leaf on P-384',
    () => ({ leaf: pki.mint({ key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey }) }),
  ],
];

describe('the chain of a client certificate that a proxy passes on [RFC9440-4]', () => {
  it.each(cases)('is %s for %s, as in a handshake [RFC5280-6.1] [EDGE-04]', async (verdict, _title, make) => {
    const { leaf, chain = [], trusted = trust } = make();
    const ders = chain.map(({ raw }) => raw);
    expect(verifyClientChain(leaf.certificate.raw, ders, trusted, new Date())).toBe(verdict);
    expect(await handshakeVerdict(leaf, chain, trusted)).toBe(verdict);
  });

  it('is bad when one bit of the leaf was changed', () => {
    const { raw } = pki.mint().certificate;
    const changed = Buffer.from(raw);
    // In the middle of the signature, which is the last of a certificate.
    changed.writeUInt8(changed.readUInt8(raw.length - 12) ^ 1, raw.length - 12);
    expect(verifyClientChain(changed, [], trust, now)).toBe('CERT_SIGNATURE_FAILURE');
  });

  it('is judged at the moment it is asked for', () => {
    const { raw } = pki.mint({ notBefore: at(-1), notAfter: at(1) }).certificate;
    const verdicts = [-2, 0, 2].map((days) => verifyClientChain(raw, [], trust, at(days)));
    expect(verdicts).toEqual(['CERT_NOT_YET_VALID', undefined, 'CERT_HAS_EXPIRED']);
  });

  it.each([
    ['a leaf', Buffer.from('no certificate'), []],
    ['a chain', pki.mint().certificate.raw, [Buffer.from('no certificate')]],
  ])('is no chain with %s that is no certificate', (_title, leaf, chain) => {
    expect(() => verifyClientChain(leaf, chain, trust, now)).toThrow(CertificateError);
  });
});
