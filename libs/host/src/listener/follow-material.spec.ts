import { once } from 'node:events';
import { thumbprint } from '@holdfast/mtls';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { peerOf } from '../request/peer.ts';
import { ask, dial } from '../testing/ask.ts';
import { openDoor, pki } from '../testing/door.ts';

@Controller()
class Peers {
  @Get('/peer')
  peer(@Req() request: FastifyRequest) {
    return { error: peerOf(request)?.handshakeError ?? null };
  }
}

const renewed = () =>
  pki.mint({
    issuer: pki.web.intermediate,
    subject: 'CN=mtls.auth.localhost',
    dnsNames: ['mtls.auth.localhost'],
    purpose: 'server',
  });

/** Thumbprint of the certificate a new connection is shown. */
async function shown(port: number): Promise<string> {
  const socket = await dial(port);
  const leaf = socket.getPeerX509Certificate();
  socket.destroy();
  return leaf === undefined ? 'none' : thumbprint(leaf.raw);
}

describe('a renewed certificate', () => {
  it('is shown to new connections while open ones go on', async () => {
    const identity = pki.identity('authorization-server/mtls');
    const { port, log } = await openDoor({ controllers: [Peers], exposure: { 'GET /peer': 'none' }, identity });
    const open = await dial(port);
    const before = await shown(port);
    identity.swap(renewed());
    const after = await shown(port);
    expect(before).toBe(pki.peer('authorization-server/mtls').thumbprint);
    expect(after).toBe(identity.current().leaf.thumbprint);
    open.write('GET /peer HTTP/1.1\r\nhost: a\r\n\r\n');
    const [bytes] = (await once(open, 'data')) as [Buffer];
    expect(bytes.toString()).toContain('HTTP/1.1 200');
    open.destroy();
    expect(log.filter((line) => line.includes('serving with a new certificate'))).toHaveLength(1);
  });

  it('changes nothing about whose clients are trusted', async () => {
    const identity = pki.identity('authorization-server/mtls');
    const { port } = await openDoor({ controllers: [Peers], exposure: { 'GET /peer': 'none' }, identity });
    identity.swap(renewed());
    const rogue = pki.identity(pki.mint({ issuer: pki.rogue().intermediate }));
    expect(JSON.parse((await ask(port, '/peer', { identity: rogue })).body).error).toEqual(expect.any(String));
    const ours = pki.identity('lab/first-client');
    expect(JSON.parse((await ask(port, '/peer', { identity: ours })).body).error).toBeNull();
  });

  it('is no longer followed once the listener is closed', async () => {
    const identity = pki.identity('authorization-server/mtls');
    const door = await openDoor({ controllers: [Peers], exposure: { 'GET /peer': 'none' }, identity });
    await door.listener.close();
    identity.swap(renewed());
    expect(door.log.filter((line) => line.includes('serving with a new certificate'))).toHaveLength(0);
  });
});
