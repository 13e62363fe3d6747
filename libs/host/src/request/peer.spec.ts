import { once } from 'node:events';
import type { IdentitySource } from '@holdfast/mtls';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { ask, dial } from '../testing/ask.ts';
import { openDoor, pki } from '../testing/door.ts';
import { peerOf } from './peer.ts';

const seen: unknown[] = [];

@Controller()
class Peers {
  @Get('/peer')
  peer(@Req() request: FastifyRequest) {
    const peer = peerOf(request);
    seen.push(peer);
    return {
      thumbprint: peer?.thumbprint ?? null,
      handshakeError: peer?.handshakeError ?? null,
      ...(peer?.chainFault === undefined ? {} : { chainFault: peer.chainFault }),
    };
  }
}

const exposure = { 'GET /peer': 'none' };
let port: number;
beforeEach(async () => {
  seen.length = 0;
  ({ port } = await openDoor({ controllers: [Peers], exposure }));
});

async function peerSeen(identity?: IdentitySource, headers = {}): Promise<unknown> {
  return JSON.parse((await ask(port, '/peer', identity ? { identity, headers } : { headers })).body);
}

describe('the certificate on the connection', () => {
  it('is none when none was sent, whatever headers claim [RFC9440-4] [EDGE-01]', async () => {
    const pem = encodeURIComponent(pki.leaf('lab/first-client').certificatePem);
    const der = pki.peer('lab/first-client').der.toString('base64');
    const claims = {
      'client-cert': `:${der}:`,
      'x-ssl-client-cert': pem,
      'x-forwarded-client-cert': `Cert="${pem}"`,
      ssl_client_cert: pem,
    };
    expect(await peerSeen(undefined, claims)).toEqual({ thumbprint: null, handshakeError: null });
  });

  it('is none on a browser listener, even when the client has one', async () => {
    const browser = await openDoor({ name: 'browser', controllers: [Peers], exposure });
    const host = 'auth.localhost';
    const { body } = await ask(browser.port, '/peer', { host, identity: pki.identity('lab/first-client') });
    expect(JSON.parse(body)).toEqual({ thumbprint: null, handshakeError: null });
  });

  it('carries the verdict of the handshake for one from an unknown authority', async () => {
    const rogue = pki.mint({ issuer: pki.rogue().intermediate });
    expect(await peerSeen(pki.identity(rogue))).toMatchObject({ handshakeError: expect.stringMatching(/^[A-Z_]+$/) });
  });

  it('names what is wrong with a chain, and the door of ours where it belongs', async () => {
    ({ port } = await openDoor({ controllers: [Peers], exposure, otherDoors: [pki.door('services').trust] }));
    const services = pki.mint({ issuer: pki.services.intermediate });
    expect(await peerSeen(pki.identity(services))).toMatchObject({ chainFault: 'issued_for_another_door' });
    expect(await peerSeen(pki.identity('lab/first-client'))).toMatchObject({ handshakeError: null });
  });

  it.each([
    ['certificate_too_large', Array.from({ length: 400 }, (_, place) => `${'n'.repeat(50)}${place}.test`)],
    ['certificate_unreadable', ['a.test\0b.test']],
  ])('is refused and written down as %s before any rule sees it', async (reason, dnsNames) => {
    const door = await openDoor({ controllers: [Peers], exposure });
    const { certificatePem, keyPem } = pki.mint({ dnsNames });
    const leaf = pki.peer('lab/first-client');
    const identity = { certificatePem, keyPem, leaf, issuer: undefined };
    const source = { current: () => identity, onChange: () => () => {}, close: () => {} };
    const answer = await ask(door.port, '/peer', { identity: source });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringContaining(`${reason}: `) as string,
    });
    expect(door.audit()).toMatchObject([
      { action: 'host.request', outcome: 'refused', reason, error: 'invalid_client' },
    ]);
    expect(seen).toEqual([]);
  });

  it.each([
    ['lab/expired', 'CERT_HAS_EXPIRED'],
    ['lab/wrong-eku', 'INVALID_PURPOSE'],
  ] as const)('carries the verdict of the handshake for %s', async (name, handshakeError) => {
    expect(await peerSeen(pki.identity(name))).toEqual({ thumbprint: pki.peer(name).thumbprint, handshakeError });
  });

  it('is that of the live connection, and verified', async () => {
    const { thumbprint } = pki.peer('lab/first-client');
    expect(await peerSeen(pki.identity('lab/first-client'))).toEqual({ thumbprint, handshakeError: null });
  });

  it('is read once per connection', async () => {
    const socket = await dial(port, { identity: pki.identity('lab/first-client') });
    for (let i = 0; i < 2; i++) {
      socket.write('GET /peer HTTP/1.1\r\nhost: a\r\n\r\n');
      await once(socket, 'data');
    }
    socket.destroy();
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });
});
