import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectPlain } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { Identity } from '@holdfast/mtls';
import { thumbprint } from '@holdfast/mtls';
import { StartUpError } from '../process/start-up-error.ts';

/** What a listener must turn out to be, seen from outside. */
export interface Expected {
  readonly name: string;
  readonly identity: Identity;
  readonly asksForCertificate: boolean;
  /** Whether nobody without a certificate is answered. */
  readonly insists: boolean;
}

const PROBE_MS = 5_000;
const REQUEST = 'GET /livez HTTP/1.1\r\nhost: self\r\nconnection: close\r\n\r\n';

/**
 * Looks at the listener from the network before it is used. A framework that ignores its TLS options serves plain text
 * without a word, and one wrong option decides whether a certificate is asked for at all.
 *
 * @throws StartUpError when the door is not what it should be
 */
export async function probeListener(server: Server, expected: Expected): Promise<void> {
  const address = addressOf(server);
  if ((await answerToPlainText(address)) !== '') throw wrong(expected, 'answers plain text');
  await checkHandshake(address, expected);
  if (await accepts(address, expected, 'TLSv1.2')) throw wrong(expected, 'accepts TLS 1.2');
  if (expected.insists && (await answersNobody(address, expected)))
    throw wrong(expected, 'answers somebody without a certificate');
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A listener on every interface is asked on the loopback one. */
function addressOf(server: Server): Address {
  const { address, port } = server.address() as AddressInfo;
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return { host, port };
}

function answerToPlainText(address: Address): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connectPlain(address, () => socket.write(REQUEST));
    socket.setTimeout(PROBE_MS, () => socket.destroy());
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    // Refused is what this should be.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

async function checkHandshake(address: Address, expected: Expected): Promise<void> {
  const { identity, insists } = expected;
  const own = insists ? { cert: identity.certificatePem, key: identity.keyPem } : {};
  const socket = await handshake(address, identity, 'TLSv1.3', own).catch((cause: unknown) => {
    throw wrong(expected, `completes no TLS 1.3 handshake with its own certificate (${String(cause)})`);
  });
  try {
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined || thumbprint(leaf.raw) !== expected.identity.leaf.thumbprint)
      throw wrong(expected, 'presents another certificate than its own');
    // A client knows the server's signature algorithms only from a CertificateRequest (RFC8446-4.3.2).
    if (socket.getSharedSigalgs().length > 0 !== expected.asksForCertificate)
      throw wrong(expected, expected.asksForCertificate ? 'asks for no certificate' : 'asks for a certificate');
    if (!(await firstLine(socket)).startsWith('HTTP/1.1 200')) throw wrong(expected, 'does not answer over TLS');
  } finally {
    socket.destroy();
  }
}

async function accepts(address: Address, { identity }: Expected, version: 'TLSv1.2'): Promise<boolean> {
  const socket = await handshake(address, identity, version).catch(() => undefined);
  socket?.destroy();
  return socket !== undefined;
}

/** Under TLS 1.3 a client is through before the server has looked for its certificate; only an answer tells. */
async function answersNobody(address: Address, { identity }: Expected): Promise<boolean> {
  const socket = await handshake(address, identity, 'TLSv1.3').catch(() => undefined);
  if (socket === undefined) return false;
  const answer = await firstLine(socket);
  socket.destroy();
  return answer !== '';
}

type KeyPair = { readonly cert?: string; readonly key?: string };

/**
 * Trusts the listener's own certificates and nothing else: the root they come from is no business of the listener.
 * @param shown the certificate to present when asked for one
 */
function handshake(
  address: Address,
  identity: Identity,
  version: 'TLSv1.2' | 'TLSv1.3',
  shown: KeyPair = {},
): Promise<TLSSocket> {
  const [servername = address.host] = identity.leaf.dnsNames;
  const trust = { ca: identity.certificatePem, allowPartialTrustChain: true, servername };
  const options = { ...address, ...trust, ...shown, minVersion: version, maxVersion: version };
  return new Promise((resolve, reject) => {
    const socket = connectTls(options, () => resolve(socket));
    socket.setTimeout(PROBE_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', reject);
  });
}

function firstLine(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    socket.once('close', () => resolve(''));
    socket.write(REQUEST);
  });
}

function wrong({ name }: Expected, what: string): StartUpError {
  return new StartUpError(
    `the ${name} listener ${what}`,
    'Its TLS options do not reach the server; do not use this build.',
  );
}
