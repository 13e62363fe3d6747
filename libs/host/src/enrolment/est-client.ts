import type { X509Certificate } from 'node:crypto';
import type { IdentitySource, NameResolution, PeerTrust, TrustPurpose } from '@holdfast/mtls';
import { CertificateError } from '@holdfast/mtls';
import { readCertsOnly } from '@holdfast/mtls/enrolment';
import type { Response } from 'undici';
import { httpClient } from '../client/http-client.ts';
import { EnrolmentRefused } from './enrolment-refused.ts';

/** Bytes of an answer: a leaf and its authorities are a tenth of it. Our choice, no clause. */
const MAX_ANSWER = 32 * 1024;
/** Milliseconds for one question. Our choice, no clause. */
const DEADLINE = 10_000;

/** How a holder proves who it is: by the certificate it has, or once by a token. RFC7030-3.2.3. */
export type Proof = { readonly identity: IdentitySource } | { readonly token: string; readonly holder: string };

export interface EstRequest {
  /** Base URL of the authority. */
  readonly url: string;
  /** Whose server certificate is taken. RFC7030-3.3.1. */
  readonly serverTrust: PeerTrust;
  readonly names: NameResolution;
  readonly clock: { now(): Date };
  readonly purpose: TrustPurpose;
  /** `simplereenroll` for a certificate that replaces one. RFC7030-4.2.2. */
  readonly operation: 'simpleenroll' | 'simplereenroll';
  /** PKCS#10, DER. */
  readonly request: Buffer;
  readonly proof: Proof;
  /** Ends the question: the process does. */
  readonly signal?: AbortSignal;
}

/**
 * RFC7030-4.2. Asks the authority for one certificate. What comes back is judged by nobody here.
 * @returns the certificates of the answer
 * @throws EnrolmentRefused
 */
export async function askForCertificate(asked: EstRequest): Promise<X509Certificate[]> {
  const { url, serverTrust, names, clock, purpose, operation, request, proof, signal } = asked;
  // A client for this question alone: trust and identity are those of this moment.
  const client = httpClient({
    serverTrust,
    names,
    clock,
    deadlineMs: DEADLINE,
    maxAnswerBytes: MAX_ANSWER,
    ...('identity' in proof ? { identity: proof.identity } : {}),
  });
  try {
    const answer = await client.fetch(new URL(`/.well-known/est/${purpose}/${operation}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/pkcs10', ...authorizationOf(proof) },
      body: request.toString('base64'),
      ...(signal === undefined ? {} : { signal }),
    });
    return read(answer, await answer.text());
  } catch (error) {
    throw error instanceof EnrolmentRefused || signal?.aborted === true ? error : problemOf(error);
  } finally {
    void client.close();
  }
}

function authorizationOf(proof: Proof): Record<string, string> {
  if ('identity' in proof) return {};
  const credentials = Buffer.from(`${proof.holder}:${proof.token}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
}

function read({ status, headers }: Response, body: string): X509Certificate[] {
  // RFC7030-4.2.3: 202 is "not yet"; what the authority cannot do now it may do later.
  if (status === 202 || status === 429 || status >= 500) throw new EnrolmentRefused('authority_busy', String(status));
  if (status === 401 || status === 403) throw new EnrolmentRefused('not_authenticated', String(status));
  if (status !== 200) throw new EnrolmentRefused('request_refused', `${status} ${oneLine(body)}`);
  const type = headers.get('content-type') ?? '';
  if (!type.startsWith('application/pkcs7-mime')) throw new EnrolmentRefused('answer_unreadable', 'content-type');
  return certificatesIn(body);
}

/** RFC8951-3: base64, with or without line breaks, whatever a header says of it. */
function certificatesIn(body: string): X509Certificate[] {
  const base64 = body.replaceAll(/[\r\n]/g, '');
  const der = Buffer.from(base64, 'base64');
  if (der.toString('base64') !== base64) throw new EnrolmentRefused('answer_unreadable', 'base64');
  try {
    return readCertsOnly(der);
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new EnrolmentRefused('answer_unreadable', cause.message, { cause });
  }
}

function problemOf(error: unknown): EnrolmentRefused {
  const causes = [...causesOf(error)];
  const last = causes.at(-1);
  const detail = last?.code ?? last?.message;
  if (causes.some(({ code }) => code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'))
    return new EnrolmentRefused('answer_too_large', detail, { cause: error });
  return new EnrolmentRefused('authority_unreachable', detail, { cause: error });
}

function* causesOf(error: unknown): Generator<Error & { code?: string }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

/** A few words of what the authority said, for the log. */
const oneLine = (text: string): string => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 120);
