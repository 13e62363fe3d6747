import { execFile } from 'node:child_process';
import { constants, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, Server, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { clientTls } from './client-tls.ts';
import { judgeClientCertificate } from './client-certificate.ts';
import { parsePeerCertificate, withRevocation } from './peer-certificate.ts';
import { browserServerTls, internalServerTls, mtlsServerTls } from './server-tls.ts';
import { throwAwayPki } from './testing/index.ts';
import type { LeafName } from './testing/index.ts';
import { TLS_POLICY } from './tls-policy.ts';

const pki = throwAwayPki();
const openServers = new Set<Server>();

afterEach(async () => {
  for (const server of openServers) await new Promise((done) => server.close(done));
  openServers.clear();
});

/** A server that answers every request with what it knows of the client. */
async function listen(options: ServerOptions): Promise<{ server: Server; port: number }> {
  const server = createHttpsServer(options, (request, response) => {
    const socket = request.socket as TLSSocket;
    const der = socket.getPeerX509Certificate()?.raw;
    const verdict = socket.authorizationError as unknown as string | undefined;
    // Nothing was taken back here: what is looked at is the handshake.
    const peer = der && withRevocation(parsePeerCertificate(der, verdict ?? undefined), 'good');
    let judged = 'accepted';
    try {
      judgeClientCertificate(peer, new Date());
    } catch (error) {
      judged = (error as Error).message;
    }
    response.setHeader('connection', 'close').end(judged);
  });
  server.on('clientError', () => undefined);
  openServers.add(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

function clientOptions(host: string, identity?: LeafName, trust = pki.web.trust): ConnectionOptions {
  const who = identity === undefined ? {} : { identity: pki.identity(identity) };
  return { ...clientTls({ ...who, serverTrust: trust, names: 'loopback' }), host, servername: host };
}

/** Opens a connection, asks once and reads to the end: only the answer shows that the server took the certificate. */
async function ask(port: number, options: ConnectionOptions): Promise<{ body: string; resumed: boolean }> {
  const socket = connect({ ...options, port });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  let text = '';
  let resumed = false;
  socket.once('secureConnect', () => (resumed = socket.isSessionReused()));
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  return { body: text.split('\r\n\r\n')[1] ?? '', resumed };
}

/** The handshake messages the server sends, as OpenSSL's own client names them. */
async function messagesOf(port: number): Promise<string> {
  const run = promisify(execFile)('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-msg']);
  run.child.stdin?.end();
  // s_client ends with an error when the server refuses it; what it saw until then is what the test wants.
  const { stdout } = await run.catch((failed: unknown) => failed as { stdout: string });
  return stdout;
}

describe('every listener', () => {
  it('refuses TLS 1.2 [FAPI2-SP-FINAL-5.2.2]', async () => {
    const { port } = await listen(browserServerTls(pki.identity('authorization-server/browser')));
    const old: ConnectionOptions = {
      ...clientOptions('auth.localhost'),
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    };
    await expect(ask(port, old)).rejects.toThrow(/protocol version/);
  });

  it('has no session to come back to: a resumed one would forget the certificate [RFC8446-2.2] [TLS-05]', async () => {
    const withTickets = { secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
    const ordinary = mtlsServerTls(pki.identity('authorization-server/mtls'), pki.participants.trust);
    expect(await resumes(ordinary)).toBe(false);
    // The control: the same test sees resumption where it is left on.
    expect(await resumes({ ...ordinary, ...withTickets })).toBe(true);
  });

  async function resumes(options: ServerOptions): Promise<boolean> {
    const { port } = await listen(options);
    const client = { ...clientOptions('mtls.auth.localhost', 'fintech/transport'), secureOptions: 0 };
    const sessions: Buffer[] = [];
    const first = connect({ ...client, port });
    first.on('session', (session) => sessions.push(session));
    first.end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(first.resume(), 'close');
    const session = sessions.at(-1) ?? first.getSession();
    return (await ask(port, { ...client, ...(session === undefined ? {} : { session }) })).resumed;
  }

  it('negotiates a group of the policy, the hybrid one where this OpenSSL has it', async () => {
    const { port } = await listen(browserServerTls(pki.identity('authorization-server/browser')));
    const socket = connect({ ...clientOptions('auth.localhost'), port });
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(TLS_POLICY.ciphers.split(':')).toContain(socket.getCipher().name);
    expect(TLS_POLICY.ecdhCurve).toMatch(/^(X25519MLKEM768:)?X25519:P-256:P-384$/);
    socket.destroy();
  });

  it('serves a renewed certificate on the next connection, without a restart', async () => {
    const identity = pki.identity('bank/api');
    const { server, port } = await listen(mtlsServerTls(identity, pki.participants.trust));
    identity.onChange(() => server.setSecureContext(mtlsServerTls(identity, pki.participants.trust)));
    const client = clientOptions('api.bank.localhost', 'fintech/transport');
    const before = await peerSerial(port, client);
    identity.swap(
      pki.mint({
        issuer: pki.web.intermediate,
        purpose: 'server',
        dnsNames: ['api.bank.localhost'],
        subject: 'CN=renewed',
      }),
    );
    expect(await peerSerial(port, client)).not.toBe(before);
    // The swap kept the rest: the client's certificate is still asked for and verified.
    expect((await ask(port, client)).body).toBe('accepted');
  });

  async function peerSerial(port: number, options: ConnectionOptions): Promise<string | undefined> {
    const socket = connect({ ...options, port });
    await once(socket, 'secureConnect');
    const serial = socket.getPeerX509Certificate()?.serialNumber;
    socket.destroy();
    return serial;
  }
});

describe('the browser listener', () => {
  it('sends no CertificateRequest, so it cannot be given a certificate [RFC8705-6.1] [TLS-07]', async () => {
    const { port } = await listen(browserServerTls(pki.identity('authorization-server/browser')));
    expect(await messagesOf(port)).toContain('EncryptedExtensions');
    expect(await messagesOf(port)).not.toContain('CertificateRequest');
    expect((await ask(port, clientOptions('auth.localhost', 'fintech/transport'))).body).toBe('certificate_missing');
  });
});

describe('the mTLS listener', () => {
  const listenMtls = () => listen(mtlsServerTls(pki.identity('authorization-server/mtls'), pki.participants.trust));
  const name = 'mtls.auth.localhost';

  it('asks for a certificate and does not insist: the reason can be told [RFC8705-2.1] [TLS-09] [RFC8446-4.3.2] [TLS-08]', async () => {
    const { port } = await listenMtls();
    expect(await messagesOf(port)).toContain('CertificateRequest');
    expect((await ask(port, clientOptions(name))).body).toBe('certificate_missing');
  });

  it.each<[LeafName, string]>([
    ['lab/expired', 'certificate_expired'],
    ['lab/wrong-eku', 'certificate_wrong_purpose'],
    ['lab/no-eku', 'certificate_wrong_purpose'],
    ['bank/service', 'certificate_untrusted'],
    // Of several faults OpenSSL names the last it meets; each of them alone is enough.
    ['bank/api', 'certificate_wrong_purpose'],
  ])('lets %s through the handshake and judges it %s', async (leaf, reason) => {
    const { port } = await listenMtls();
    expect((await ask(port, clientOptions(name, leaf))).body).toBe(reason);
  });

  it('judges a rogue authority, and a leaf in the role of an authority, as untrusted', async () => {
    const { port } = await listenMtls();
    const same = { subject: 'CN=tidepool,O=Tidepool', dnsNames: ['client.fintech.localhost'] };
    const forged = [
      pki.mint({ ...same, issuer: pki.rogue().intermediate }),
      pki.mint({ ...same, issuer: pki.asIssuer(pki.leaf('lab/second-client')) }),
    ];
    for (const leaf of forged) {
      const options = { ...clientOptions(name), cert: leaf.certificatePem, key: leaf.keyPem };
      expect((await ask(port, options)).body).toBe('certificate_untrusted');
    }
  });

  it('judges a key weak that the client itself would not mind [FAPI2-SP-FINAL-5.4.1]', async () => {
    const { port } = await listenMtls();
    const { certificatePem, keyPem } = pki.mint({
      key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
    });
    const careless = { cert: certificatePem, key: keyPem, ciphers: 'TLS_AES_128_GCM_SHA256:ALL:@SECLEVEL=0' };
    expect((await ask(port, { ...clientOptions(name), ...careless })).body).toBe('certificate_weak_key');
  });

  it('takes only the leaf whose key signed, whatever is appended to the chain [RFC8705-2.1] [TOK-03]', async () => {
    const { port } = await listenMtls();
    const own = pki.leaf('lab/no-eku');
    const victim = pki.leaf('fintech/transport');
    const options = { ...clientOptions(name), cert: own.certificatePem + victim.certificatePem, key: own.keyPem };
    expect((await ask(port, options)).body).toBe('certificate_wrong_purpose');
  });

  it('accepts a participant', async () => {
    const { port } = await listenMtls();
    expect((await ask(port, clientOptions(name, 'fintech/transport'))).body).toBe('accepted');
    expect((await ask(port, clientOptions(name, 'developer/client'))).body).toBe('accepted');
  });
});

describe('the internal listener', () => {
  const listenInternal = () => listen(internalServerTls(pki.identity('bank/service'), pki.services.trust));
  const name = 'rpc.bank.localhost';
  const trust = pki.services.trust;

  it.each<LeafName | undefined>([undefined, 'fintech/transport', 'bank/api'])(
    'gives no connection to %s',
    async (leaf) => {
      const { port } = await listenInternal();
      // Torn with an alert or without one: either way nobody answers.
      const answer = await ask(port, clientOptions(name, leaf, trust)).catch(() => ({ body: '' }));
      expect(answer.body).toBe('');
    },
  );

  it('connects a service', async () => {
    const { port } = await listenInternal();
    expect((await ask(port, clientOptions(name, 'authorization-server/service', trust))).body).toBe('accepted');
  });
});
