import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createRoot, issueLeaf } from './authority/index.ts';
import { judgeClientCertificate } from './client-certificate.ts';
import { childrenOf, readDer } from './der.ts';
import { issuedBy, parsePeerCertificate, withRevocation } from './peer-certificate.ts';
import { toPem } from './pem-certificates.ts';
import { mtlsServerTls } from './server-tls.ts';
import { throwAwayPki } from './testing/index.ts';
import type { Trust } from './trust.ts';

// P23 of docs/attacks.md. With a public exponent of 3 whoever does not look at the whole of an RSA signature can be shown one
// that nobody made: any number whose cube begins with the right bytes (Bleichenbacher, 2006; CVE-2022-24771, CVE-2026-33894).
/** DigestInfo of SHA-256. RFC8017-9.2. */
const DIGEST_INFO = '3031300d060960864801650304020105000420';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
const when = {
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 3_600_000),
  random: randomBytes,
};
const authority = createRoot({ ...when, subject: 'CN=exponent three', key: privateKey });
const trust: Trust = { pem: toPem([authority.certificate]), certificates: [authority.certificate] };
const honest = issueLeaf({ ...when, issuer: authority, purpose: 'client', subject: 'CN=tidepool' });
const forged = withForgedSignature(honest.certificate.raw);

describe('a signature whose cube only begins well', () => {
  it('is what it says it is: a reader that stops at the hash is content', () => {
    const modulus = BigInt(
      `0x${Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`,
    );
    const cube = signatureOf(forged) ** 3n % modulus;
    expect(cube.toString(16).padStart(512, '0')).toMatch(new RegExp(`^0001(ff)+00${DIGEST_INFO}${hashOf(forged)}`));
  });

  it('makes nobody an authority’s client [RFC8017-8.2.2] [RFC8705-7.4]', () => {
    expect(issuedBy(parsePeerCertificate(forged), authority.certificate)).toBe(false);
    expect(issuedBy(parsePeerCertificate(honest.certificate.raw), authority.certificate)).toBe(true);
  });

  it('is refused on a connection, and the honest one of the same authority is served [RFC8017-8.2.2]', async () => {
    expect(await judged(toPem([new X509Certificate(forged)]), honest.keyPem)).toBe('certificate_untrusted');
    expect(await judged(honest.certificatePem, honest.keyPem)).toBe('accepted');
  });
});

/** What the mTLS listener that trusts this authority makes of a certificate. */
async function judged(cert: string, key: string): Promise<string> {
  const pki = throwAwayPki();
  const server = createServer(mtlsServerTls(pki.identity('bank/api'), trust), (request, response) => {
    const socket = request.socket as TLSSocket;
    const verdict = socket.authorizationError as unknown as string | undefined;
    const peer = parsePeerCertificate(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0), verdict ?? undefined);
    let said = 'accepted';
    try {
      // The revocation is not what is asked here.
      judgeClientCertificate(withRevocation(peer, 'good'), new Date());
    } catch (error) {
      said = (error as Error).message;
    }
    response.setHeader('connection', 'close').end(said);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const name = { host: '127.0.0.1', servername: 'api.bank.localhost', ca: pki.web.trust.pem };
    const socket = connect({ ...name, port, cert, key });
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
    return text.split('\r\n\r\n')[1] ?? '';
  } finally {
    server.close();
  }
}

/** The same certificate over the honest key of its holder, its signature replaced by a cube root. */
function withForgedSignature(der: Buffer): Buffer {
  const wanted = Buffer.from(`0001${'ff'.repeat(8)}00${DIGEST_INFO}${hashOf(der)}`, 'hex');
  const target = BigInt(`0x${Buffer.concat([wanted, Buffer.alloc(256 - wanted.length)]).toString('hex')}`);
  const root = cubeRoot(target) + 1n;
  const signature = Buffer.from(root.toString(16).padStart(512, '0'), 'hex');
  return Buffer.concat([der.subarray(0, der.length - 256), signature]);
}

function hashOf(der: Buffer): string {
  const [body] = childrenOf(readDer(der));
  return createHash('sha256')
    .update(body?.der ?? '')
    .digest('hex');
}

function signatureOf(der: Buffer): bigint {
  return BigInt(`0x${der.subarray(der.length - 256).toString('hex')}`);
}

/** The largest whole number whose cube is not above `n`. */
function cubeRoot(n: bigint): bigint {
  let [low, high] = [0n, 1n << 700n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** 3n <= n) low = middle;
    else high = middle;
  }
  return low;
}
