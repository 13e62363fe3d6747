import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { TLS_POLICY } from '@holdfast/mtls';
import { describe, expect, inject, it } from 'vitest';
import { listenersOf } from './platform/listeners.ts';
import type { Listener } from './platform/listeners.ts';

// What each listener really agrees to, one handshake for each thing it could agree to, held against the one table.
const { home, urls } = inject('world');

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
];
const GROUPS = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384', 'P-521', 'X448', 'ffdhe2048', 'SecP256r1MLKEM768'];

const to = ({ host, port, root }: Listener): ConnectionOptions => ({
  host: '127.0.0.1',
  port: Number(port),
  servername: host,
  ca: readFileSync(join(home, 'pki/trust', `${root}.pem`)),
});

/** Whether both sides agree, when this side offers nothing else. */
function agrees(listener: Listener, offer: ConnectionOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...to(listener), ...offer });
    const answer = (agreed: boolean) => () => {
      socket.destroy();
      resolve(agreed);
    };
    socket.once('secureConnect', answer(true)).once('error', answer(false)).setTimeout(5_000, answer(false));
  });
}

async function agreed(listener: Listener, offers: readonly string[], offer: (one: string) => ConnectionOptions) {
  const answers = await Promise.all(offers.map((one) => agrees(listener, offer(one))));
  return offers.filter((_, at) => answers[at]);
}

type Version = (typeof VERSIONS)[number];

describe.each(listenersOf(urls))('the TLS policy at $name', (listener) => {
  it('is TLS 1.3 and no other version [FAPI2-SP-FINAL-5.2.1-2] [TLS-01] [RFC9325-3.1.1] [TLS-03]', async () => {
    // Level 0 opens what this OpenSSL keeps shut by itself, so that a refusal is the server's.
    const versions = await agreed(listener, VERSIONS, (version) => ({
      minVersion: version as Version,
      maxVersion: version as Version,
      ciphers: 'DEFAULT@SECLEVEL=0',
    }));
    expect(versions).toEqual([TLS_POLICY.minVersion]);
    expect(TLS_POLICY.maxVersion).toBe(TLS_POLICY.minVersion);
  });

  it('is the suites of the table, each of them and no other', async () => {
    const suites = await agreed(listener, SUITES, (ciphers) => ({ ciphers, minVersion: 'TLSv1.3' }));
    expect(suites).toEqual(TLS_POLICY.ciphers.split(':'));
  });

  it('is the groups of the table, the hybrid one that a quantum computer does not open among them', async () => {
    const groups = await agreed(listener, GROUPS, (ecdhCurve) => ({ ecdhCurve, minVersion: 'TLSv1.3' }));
    expect(groups).toEqual(TLS_POLICY.ecdhCurve.split(':'));
    expect(groups[0]).toBe('X25519MLKEM768');
  });

  it('asks for a certificate only where participants and services come in [RFC8705-6.1] [TLS-07] [RFC8446-4.3.2] [TLS-08]', async () => {
    expect(await asksForCertificate(listener)).toBe(listener.asks);
  });

  it('resumes no session, whatever it gave out [RFC8446-2.2] [TLS-05]', async () => {
    const sessions = await sessionsOf(listener);
    const resumed = await Promise.all(sessions.map((session) => isResumed(listener, session)));
    expect(resumed).not.toContain(true);
  });
});

/** The algorithms a CertificateRequest names are known to this side only where there was one. */
function asksForCertificate(listener: Listener): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const certificate = join(home, 'pki/developer/client');
    const identity = { cert: readFileSync(`${certificate}.crt`), key: readFileSync(`${certificate}.key`) };
    const socket = connect({ ...to(listener), ...identity });
    socket.once('secureConnect', () => {
      const asked = socket.getSharedSigalgs().length > 0;
      socket.destroy();
      resolve(asked);
    });
    socket.once('error', reject);
  });
}

/** What comes within half a second of the handshake for resuming the session. */
function sessionsOf(listener: Listener): Promise<readonly Buffer[]> {
  return new Promise((resolve) => {
    const sessions: Buffer[] = [];
    const socket = connect(to(listener));
    const end = () => {
      socket.destroy();
      resolve(sessions);
    };
    socket.on('session', (session: Buffer) => sessions.push(session));
    socket.once('secureConnect', () => setTimeout(end, 500));
    // A listener that insists on a certificate ends it itself.
    socket.on('error', end);
  });
}

function isResumed(listener: Listener, session: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to(listener), session });
    socket.once('secureConnect', () => {
      const resumed = socket.isSessionReused();
      socket.destroy();
      resolve(resumed);
    });
    socket.once('error', reject);
  });
}
