import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { randomBytes } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { mtlsServerTls, parsePeerCertificate } from '@holdfast/mtls';
import type { TrustPurpose } from '@holdfast/mtls';
import { certify, readCertificationRequest, writeCertsOnly } from '@holdfast/mtls/authority';
import type { CertificationRequest } from '@holdfast/mtls/authority';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';

/** What was asked of the authority, and how the asker proved who it is. */
export interface Asked {
  readonly path: string;
  readonly by: string;
  readonly request: CertificationRequest;
}

const USAGE = { web: 'server', participants: 'client', services: 'both' } as const;

/**
 * An authority that issues whatever is asked to whom it knows: by a certificate of the services, or by a token, which it takes
 * once. How it errs, or lies, is for a test to say.
 */
export class SmallAuthority {
  readonly asked: Asked[] = [];
  readonly tokens = new Set<string>();
  /** Seconds from issue to end, and before it. */
  lifetime = { after: 3_600, before: 60 };
  /** The domains whose intermediates sign now; another one may take its place. */
  issuers: Pick<ThrowAwayPki, TrustPurpose>;
  /** Answers instead of an honest certificate; undefined lets the honest one out. */
  lies:
    ((asked: Asked, honest: X509Certificate, response: ServerResponse) => X509Certificate[] | undefined) | undefined;
  now = (): Date => new Date();
  readonly #pki: ThrowAwayPki;
  readonly #server: Server;

  private constructor(pki: ThrowAwayPki) {
    this.#pki = pki;
    this.issuers = pki;
    const identity = pki.identity(
      pki.mint({
        issuer: pki.web.intermediate,
        subject: 'CN=ca.localhost',
        purpose: 'server',
        dnsNames: ['ca.localhost'],
        // Longer than any test moves its clock.
        notAfter: new Date(Date.now() + 360 * 86_400_000),
      }),
    );
    this.#server = createServer(mtlsServerTls(identity, pki.services.trust));
    this.#server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(pki: ThrowAwayPki): Promise<SmallAuthority> {
    const authority = new SmallAuthority(pki);
    authority.#server.listen(0, '127.0.0.1');
    await once(authority.#server, 'listening');
    return authority;
  }

  /** An honest authority again, for the next test. */
  reset(now: () => Date): void {
    this.now = now;
    this.lies = undefined;
    this.issuers = this.#pki;
    this.lifetime = { after: 3_600, before: 60 };
    this.asked.length = 0;
    this.tokens.clear();
  }

  get url(): string {
    return `https://ca.localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close().closeAllConnections();
    await closed;
  }

  /** Signs a request as an honest authority would, or with what a test puts in the place of its parts. */
  sign(
    request: CertificationRequest,
    purpose: TrustPurpose,
    odd: Partial<Parameters<typeof certify>[0]> = {},
  ): X509Certificate {
    const { after, before } = this.lifetime;
    const now = this.now().getTime();
    const { certificate } = certify({
      issuer: this.issuers[purpose].intermediate,
      publicKey: request.publicKey,
      subject: request.subject,
      dnsNames: request.dnsNames,
      uris: request.uris,
      purpose: USAGE[purpose],
      notBefore: new Date(now - before * 1_000),
      notAfter: new Date(now + after * 1_000),
      random: randomBytes,
      ...odd,
    });
    return certificate;
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const by = this.#who(message);
    if (by === undefined) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="est"' }).end();
    const path = message.url ?? '';
    const purpose = path.split('/')[3] as TrustPurpose;
    const request = readCertificationRequest(Buffer.from(Buffer.concat(chunks).toString(), 'base64'));
    const asked = { path, by, request };
    this.asked.push(asked);
    const honest = this.sign(request, purpose);
    const answer = this.lies === undefined ? [honest] : this.lies(asked, honest, response);
    if (response.writableEnded || answer === undefined) return;
    response.writeHead(200, { 'content-type': 'application/pkcs7-mime; smime-type=certs-only' });
    response.end(writeCertsOnly(answer).toString('base64'));
  }

  #who({ socket, headers }: IncomingMessage): string | undefined {
    const peer = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (peer !== undefined) return parsePeerCertificate(peer.raw).thumbprint;
    const [, basic = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
    const credentials = Buffer.from(basic, 'base64').toString();
    return this.tokens.delete(credentials) ? credentials.split(':')[0] : undefined;
  }
}
