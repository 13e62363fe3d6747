import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import type { Caller } from './caller.ts';
import { thumbprintOf } from './caller.ts';
import { failureOf } from './failure.ts';
import type { Printable } from './secret.ts';
import { onTheWire, Secret, shown } from './secret.ts';
import type { WireAnswer } from './wire-answer.ts';

export type Field = readonly [name: string, value: Printable];

export interface HttpsRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly url: string;
  /** Ordered, and repeatable: some attacks send a header twice. */
  readonly headers?: readonly Field[];
  /** Without the name that calls of the lab give themselves, the `x-fapi-interaction-id`. */
  readonly unnamed?: boolean;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: readonly Field[];
  /** Sent as it is, in place of a form; its type is a header. */
  readonly body?: string;
}

/** A connection that is kept: the same handshake for every request that is sent over it. */
export interface KeptConnection {
  call(request: HttpsRequest): Promise<Exchange>;
  close(): Promise<void>;
}

/** What was sent, in a form that may be shown to an audience. */
export interface Sent {
  readonly caller: string;
  /** `x5t#S256` of the certificate the caller showed, `undefined` without one. */
  readonly thumbprint: string | undefined;
  readonly line: string;
  readonly headers: readonly string[];
  readonly form: readonly string[];
  /** `x-fapi-interaction-id` by which the audit trail can be searched. */
  readonly interaction: string;
}

/** One request and what came back. `body` may hold secrets: it is used by the attack and never shown. */
export interface Exchange {
  readonly sent: Sent;
  readonly answer: WireAnswer;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly setCookies: readonly string[];
  readonly body: string;
  /** The answer of a gRPC call, as bytes. */
  readonly message?: Buffer;
}

const TIMEOUT_MS = 10_000;

/** Headers every browser sends; nobody learns anything from them here. */
const ORDINARY = new Set(['accept', 'origin', 'sec-fetch-site']);

/** RFC6749-5.2 */
const ERROR_MEMBERS = new Set(['error', 'error_description', 'error_uri']);

/**
 * Sends one request on a connection of its own and never follows a redirect: every call of the lab is a fresh handshake,
 * so that no answer can come from a connection somebody else authenticated.
 *
 * Does not throw when the peer refuses, resets or is away; that is the answer.
 */
export async function httpsCall(caller: Caller, request: HttpsRequest): Promise<Exchange> {
  const connection = keepConnection(caller, new URL(request.url).origin);
  try {
    return await connection.call(request);
  } finally {
    await connection.close();
  }
}

/**
 * Opens one connection to an origin, with the first request; for what has to be true of a connection that stays open.
 *
 * @param session of an earlier connection, offered to be resumed
 */
export function keepConnection(caller: Caller, origin: string, session?: Buffer): KeptConnection {
  const connect = { ...tlsOptions(caller), ...(session === undefined ? {} : { session }) };
  const client = new Client(origin, { connect, pipelining: 0, connectTimeout: TIMEOUT_MS });
  return { call: (request) => callOver(client, caller, request), close: () => client.destroy() };
}

async function callOver(client: Client, caller: Caller, request: HttpsRequest): Promise<Exchange> {
  const url = new URL(request.url);
  const interaction = randomUUID();
  const sent = describeSent(caller, request, url, interaction);
  try {
    const response = await client.request({
      method: request.method,
      path: url.pathname + url.search,
      headers: headerList(request, interaction),
      body: request.form === undefined ? (request.body ?? null) : formBody(request.form),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const body = await response.body.text();
    const headers = new Map<string, string>();
    for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value ?? ''));
    const setCookies = [response.headers['set-cookie'] ?? []].flat();
    const answer = readAnswer(response.statusCode, headers, body);
    return { sent, answer, status: response.statusCode, headers, setCookies, body };
  } catch (error) {
    return { sent, answer: failureOf(error), status: 0, headers: new Map(), setCookies: [], body: '' };
  }
}

/** The JSON object in the body, or an empty one: an attack asks for members, and a page has none. */
export function jsonOf(exchange: Exchange): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(exchange.body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function tlsOptions(caller: Caller) {
  return {
    ca: caller.route.serverTrust,
    ...(caller.route.lookup === undefined ? {} : { lookup: caller.route.lookup }),
    ...(caller.certificate === undefined
      ? {}
      : { cert: caller.certificate.certificatePem, key: caller.certificate.keyPem }),
    ...(caller.mindsShortKeys === false ? { ciphers: 'TLS_AES_256_GCM_SHA384:ALL:@SECLEVEL=0' } : {}),
  };
}

function headerList(request: HttpsRequest, interaction: string): string[] {
  const own = request.headers?.some(([name]) => name === 'x-fapi-interaction-id');
  const list = own || request.unnamed ? [] : ['x-fapi-interaction-id', interaction];
  if (request.form !== undefined) list.push('content-type', 'application/x-www-form-urlencoded');
  for (const [name, value] of request.headers ?? []) list.push(name, onTheWire(value));
  return list;
}

function formBody(form: readonly Field[]): string {
  return new URLSearchParams(form.map(([name, value]): [string, string] => [name, onTheWire(value)])).toString();
}

function describeSent(caller: Caller, request: HttpsRequest, url: URL, interaction: string): Sent {
  return {
    caller: caller.name,
    thumbprint: caller.certificate === undefined ? undefined : thumbprintOf(caller.certificate.certificatePem),
    line: `${request.method} ${url.origin}${shownPath(url.pathname)}`,
    headers: (request.headers ?? [])
      .filter(([name]) => !ORDINARY.has(name))
      .map(([name, value]) => `${name}: ${shown(value)}`),
    form: (request.form ?? []).map(([name, value]) => `${name}=${shown(value)}`),
    interaction,
  };
}

/** Handles of running interactions stand in paths; they are shown like other secrets. */
export function shownPath(path: string): string {
  return path.replace(/[\w-]{32,}/g, (handle) => new Secret(handle).shown);
}

function readAnswer(status: number, headers: ReadonlyMap<string, string>, body: string): WireAnswer {
  const challenge = headers.get('www-authenticate');
  const json = jsonOf({ body } as Exchange);
  const error = typeof json['error'] === 'string' ? json['error'] : challenge?.match(/error="([^"]+)"/)?.[1];
  const description = json['error_description'];
  const besides = Object.keys(json).filter((member) => !ERROR_MEMBERS.has(member));
  return {
    kind: 'http',
    status,
    besides,
    ...(error === undefined ? {} : { error }),
    ...(typeof description === 'string' ? { description } : {}),
    ...(challenge === undefined ? {} : { challenge }),
  };
}
