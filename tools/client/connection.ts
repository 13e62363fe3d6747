import { rootCertificates } from 'node:tls';
import { TLS_POLICY, clientTls } from '@holdfast/mtls';
import { Agent, fetch as undiciFetch } from 'undici';
import { PlatformTrouble } from '../platform/trouble.ts';
import type { LoadedClient } from './load-client.ts';
import { Refused, RefusedByServer, oneLine } from './refusal.ts';

/** A request and its answer. Redirects are answers, never followed. */
export type Call = (url: string, init: object) => Promise<Response>;

/** How this client reaches the world: with its certificate, and as the browser of a person, who has none. */
export interface Connections {
  readonly backChannel: Call;
  readonly browser: Call;
  close(): Promise<void>;
}

/**
 * FAPI2-SP-FINAL-5.2.2: the platform speaks TLS 1.3 only; a server elsewhere may know no more than 1.2, and then only
 * these two suites will do.
 */
export const OUTSIDE_TLS = {
  ...TLS_POLICY,
  minVersion: 'TLSv1.2',
  ciphers: `${TLS_POLICY.ciphers}:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384`,
} as const;

// Our choice, no clause: a server that says nothing, or never stops, does not hold a run.
const ANSWER_WITHIN = 15_000;
const LARGEST_ANSWER = 1024 * 1024;

export function openConnections({ trust, identity }: Pick<LoadedClient, 'trust' | 'identity'>): Connections {
  const agents = [identity, undefined].map((own) => new Agent(agentOptions(trust, own)));
  const [own, person] = agents.map(callThrough) as [Call, Call];
  return {
    backChannel: own,
    browser: person,
    close: async () => {
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
}

function agentOptions(trust: string | undefined, identity: LoadedClient['identity']): Agent.Options {
  // What an absent bundle means is said here, for `ca: undefined` would mean it in silence.
  const pem = trust ?? rootCertificates.join('\n');
  const tls = {
    ...clientTls({ serverTrust: { pem, certificates: [] }, names: 'loopback' }),
    ...OUTSIDE_TLS,
    ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
  };
  return {
    connect: { ...tls, maxCachedSessions: 0, allowH2: false } as Agent.Options['connect'] & object,
    keepAliveTimeout: 2_000,
    maxResponseSize: LARGEST_ANSWER,
  };
}

const callThrough =
  (dispatcher: Agent): Call =>
  async (url, init) => {
    const { origin } = new URL(url);
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN);
      return await undiciFetch(url, { ...init, dispatcher, redirect: 'manual', signal });
    } catch (error) {
      throw unreached(error, origin);
    }
  };

/** Node's names for a chain or a name that does not hold, and our own words for the same. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|the certificate/;

/** No answer came: because of a certificate, which is a judgement, or because nobody was there, which is none. */
function unreached(error: unknown, origin: string): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const said = oneLine(message);
  if (code.includes('ALERT'))
    return new RefusedByServer('tls_alert', `${origin} ended the handshake: ${said}`, { cause });
  if (CERTIFICATE.test(code) || CERTIFICATE.test(message))
    return new Refused('server_certificate_refused', { detail: `${origin}: ${said}`, cause });
  return new PlatformTrouble(
    `${origin} gave no answer${code === '' ? '' : ` (${code})`}: ${said}`,
    'Is the server up, and is this the right address?',
    { cause },
  );
}
