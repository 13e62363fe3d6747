import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateError } from '../certificate-error.ts';
import { chainFault, sentAlong } from '../chain-fault.ts';
import { CertificateRefused, judgeClientCertificate } from '../client-certificate.ts';
import { clientTls } from '../client-tls.ts';
import { parsePeerCertificate, withRevocation } from '../peer-certificate.ts';
import { mtlsServerTls } from '../server-tls.ts';
import { throwAwayPki } from '../testing/index.ts';
import { diagnose } from './diagnose.ts';
import { PATIENTS } from './patients.ts';
import type { Patient, PatientFiles } from './patients.ts';

const pki = throwAwayPki();
const now = new Date();
const trusted = { trust: pki.participants.trust, elsewhere: [pki.services.trust, pki.web.trust] };
const ward = {
  participants: { root: pki.participants.root.certificate, intermediate: pki.participants.intermediate },
  services: pki.services.intermediate,
  now,
  random: randomBytes,
  names: { subject: 'CN=lab-first-client', dnsNames: ['first-client.lab.localhost'] },
};
const issued = new Map(
  PATIENTS.map(({ id, issue, issueByRoot }) => [id, issueByRoot?.(ward, pki.participants.root) ?? issue?.(ward)]),
);

const revoked = PATIENTS.filter((patient) => patient.revoked).map(({ id }) => ({
  certificate: new X509Certificate(issued.get(id)?.certificatePem ?? ''),
}));
const live = pki.live();
live.apply(pki.state({ version: 2, revoked }), now);
const { revocations } = live.of('participants');
const server = createServer(
  mtlsServerTls(pki.identity('authorization-server/mtls'), trusted.trust),
  (request, response) => response.setHeader('connection', 'close').end(answerTo(request.socket as TLSSocket)),
);
let port: number;

beforeAll(async () => {
  server.on('clientError', () => undefined).on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
});

/** What the listeners of the platform do with a socket, and nothing else. */
function answerTo(socket: TLSSocket): string {
  const certificate = socket.getPeerX509Certificate();
  const verdict = socket.authorized ? undefined : String(socket.authorizationError);
  try {
    const fault =
      certificate === undefined || verdict === undefined
        ? undefined
        : chainFault(certificate, sentAlong(certificate), trusted);
    const peer = certificate && parsePeerCertificate(certificate.raw, verdict, fault);
    const looked = peer && withRevocation(peer, revocations.statusOf(peer, now));
    judgeClientCertificate(looked, now);
    return 'accepted';
  } catch (error) {
    if (error instanceof CertificateRefused) return error.reason;
    if (error instanceof CertificateError) return `certificate_${error.code}`;
    throw error;
  }
}

/** How far a patient comes: the word of the listener, or where it ended before. */
async function present(files: PatientFiles | undefined): Promise<string> {
  const options = clientTls({ serverTrust: pki.web.trust, names: 'loopback' });
  const shown = files === undefined ? {} : { cert: files.certificatePem, key: files.keyPem };
  // A client of its own making minds no short keys.
  const careless = { ciphers: 'TLS_AES_128_GCM_SHA256:ALL:@SECLEVEL=0' };
  let socket: TLSSocket;
  try {
    socket = connect({
      ...options,
      ...shown,
      ...careless,
      host: 'mtls.auth.localhost',
      servername: 'mtls.auth.localhost',
      port,
    });
  } catch (error) {
    return `client: ${(error as NodeJS.ErrnoException).code ?? ''}`;
  }
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  let text = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  } catch (error) {
    return `handshake: ${(error as NodeJS.ErrnoException).code ?? ''}`;
  }
  return text.split('\r\n\r\n')[1] ?? '';
}

const onPaper = ({ id }: Patient) => {
  const files = issued.get(id);
  const { certificatePem: certificate = '', keyPem: key } = files ?? {};
  return diagnose({ certificate, ...(key === undefined ? {} : { key }), trusted, revocations, now });
};

describe('a patient shown to a listener', () => {
  it.each(PATIENTS.filter(({ foundAt, code }) => foundAt === 'listener' && code !== undefined))(
    '$id is refused with $code [RFC8705-2.1] [RFC8705-7.5]',
    async ({ id, code }) => {
      expect(await present(issued.get(id))).toBe(code);
    },
  );

  it.each(PATIENTS.filter(({ code }) => code === undefined))('$id is taken', async ({ id }) => {
    expect(await present(issued.get(id))).toBe('accepted');
  });

  it.each(PATIENTS.filter(({ foundAt }) => foundAt !== 'listener'))(
    '$id comes no further than the $foundAt',
    async (patient) => {
      const word =
        patient.foundAt === 'client' ? 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' : 'ERR_SSL_SSL/TLS_ALERT_ILLEGAL_PARAMETER';
      expect(await present(issued.get(patient.id))).toBe(`${patient.foundAt}: ${word}`);
    },
  );
});

describe('a patient on paper', () => {
  it.each(PATIENTS)('$id is diagnosed from the files alone', (patient) => {
    const expected = patient.onPaper ?? patient.code;
    const codes = onPaper(patient).map(({ code }) => code);
    if (expected === undefined) expect(codes).toEqual([]);
    else expect(codes).toContain(expected);
  });

  it('is told of what works here and not everywhere, as no fault', () => {
    const lucky = PATIENTS.filter(({ code, onPaper: also }) => code === undefined && also !== undefined);
    expect(lucky.flatMap(onPaper).map(({ fatal }) => fatal)).toEqual([false, false]);
  });
});

describe('several faults', () => {
  it('are all told, in the order in which the listener would come upon them', () => {
    const { certificatePem } = pki.mint({
      purpose: 'server',
      subject: 'CN=a,CN=b',
      notAfter: new Date(now.getTime() - 1),
    });
    const found = diagnose({ certificate: certificatePem, key: 'no key', trusted, revocations, now });
    expect(found.map(({ code }) => code)).toEqual([
      'key_unreadable',
      'certificate_expired',
      'certificate_wrong_purpose',
      'subject_ambiguous',
    ]);
  });
});
