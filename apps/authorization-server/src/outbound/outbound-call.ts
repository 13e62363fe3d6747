import { httpClient } from '@holdfast/host';
import type { NameResolution, PeerTrust, Trust } from '@holdfast/mtls';
import { OutboundRefused } from './outbound-refused.ts';
import { permittedUrl } from './permitted-url.ts';
import { pinnedTo, resolvePublic } from './resolve-once.ts';
import type { Resolve } from './resolve-once.ts';

/** Milliseconds for one call, resolution and body included. Our choice, no clause: a person may be waiting behind it. */
const DEADLINE = 3_000;
/** Bytes of an answer. Our choice, no clause: ten keys with certificates stay far below it. */
const MAX_ANSWER = 64 * 1024;

/** What is sent; nothing of it comes from the client but what the caller puts there. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the answer nothing but its status is wanted, however long it is. */
  readonly statusOnly?: boolean;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Calls an address that a client has named.
 * @throws OutboundRefused when it may not be called, did not answer in time and size, or answered with a redirect
 */
export type OutboundCall = (url: string, request: OutboundRequest) => Promise<OutboundAnswer>;

export interface OutboundRules {
  /** Hosts that may be called. */
  readonly hosts: readonly string[];
  /** Whose certificates the servers there have. */
  readonly trust: Trust | PeerTrust;
  readonly names: NameResolution;
  /** Those of the hosts, without ports, that stand in this server's own private network; none when absent. */
  readonly inside?: readonly string[];
  /** The resolver; the system's when absent. */
  readonly resolve?: Resolve;
  /** Milliseconds, {@link DEADLINE} when absent. */
  readonly deadlineMs?: number;
}

/**
 * The one way from here to an address that somebody else wrote. What would make it a tool for reaching what only this server
 * can reach is refused before a connection: other schemes, other hosts, names that lead inside. The name is resolved once
 * and the connection pinned to what was judged; the certificate must be of that name.
 */
export function outboundCall(rules: OutboundRules): OutboundCall {
  const { hosts, trust: serverTrust, names, deadlineMs = DEADLINE } = rules;
  const resolve = resolvePublic(names, rules.inside, rules.resolve);
  return async (text, request) => {
    const url = permittedUrl(text, hosts);
    const signal = AbortSignal.timeout(deadlineMs);
    const addresses = await before(signal, resolve(url.hostname));
    const options = { serverTrust, names, lookup: pinnedTo(addresses), deadlineMs, maxAnswerBytes: MAX_ANSWER };
    // A client for this call alone: a kept connection would be one to an address judged earlier.
    const client = httpClient(options);
    try {
      const { statusOnly = false, ...sent } = request;
      const answer = await client.fetch(url, { ...sent, signal });
      if (statusOnly) {
        await answer.body?.cancel();
        return { status: answer.status, contentType: '', text: '' };
      }
      // What is beyond the bound by its own account is not even begun; what lies about it is cut off there.
      if (Number(answer.headers.get('content-length')) > MAX_ANSWER) {
        await answer.body?.cancel();
        throw new OutboundRefused('too_large', 'content-length');
      }
      return {
        status: answer.status,
        contentType: answer.headers.get('content-type') ?? '',
        text: await answer.text(),
      };
    } catch (error) {
      throw error instanceof OutboundRefused ? error : problemOf(error);
    } finally {
      // Whatever still comes, nobody waits for it.
      void client.close();
    }
  };
}

async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new OutboundRefused('too_slow', 'the name was not resolved')));
  });
  return Promise.race([work, late]);
}

function problemOf(error: unknown): OutboundRefused {
  const causes = [...causesOf(error)];
  const words = causes.map(({ code, name, message }) => `${code ?? ''} ${name} ${message}`).join('; ');
  const last = causes.at(-1);
  const detail = last?.code ?? last?.name;
  if (/TimeoutError|TIMEOUT/.test(words)) return new OutboundRefused('too_slow', detail, { cause: error });
  if (words.includes('EXCEEDED_MAX_SIZE')) return new OutboundRefused('too_large', detail, { cause: error });
  if (/CERT|ISSUER|SELF_SIGNED|SIGNATURE|PURPOSE|ServerRefused/.test(words))
    return new OutboundRefused('certificate_refused', detail, { cause: error });
  return new OutboundRefused('not_connected', detail, { cause: error });
}

function* causesOf(error: unknown): Generator<Error & { code?: string }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}
