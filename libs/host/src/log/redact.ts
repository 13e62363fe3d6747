/** Stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Names whose values never reach a log, compared without case, dashes and underscores. */
const SECRET_NAMES = new Set([
  'authorization',
  'dpop',
  'cookie',
  'cookies',
  'code',
  'state',
  'nonce',
  'requesturi',
  'key',
  'jwk',
  'd',
  'body',
  'form',
  'query',
]);
/** Endings of such names: `access_token`, `clientSecret`, `code_verifier`, `set-cookie`, `privateKey` … */
const SECRET_ENDING =
  /(?:token|secret|password|passphrase|assertion|cookie|verifier|privatekey|keypem|credential|apikey)s?$/;

// `code` names two things: an authorization code, and what a system error is called (ECONNRESET, 14).
const ERROR_CODE = /^(?:[A-Z][A-Z0-9_]{2,60}|[a-z]+(?:_[a-z]+)+)$/;

/**
 * A signed or encrypted JOSE object in compact form: its header always starts with `{"`. Matches without a dot too, so that of
 * a long text without one every character is read once; only what has a dot is such an object.
 */
const JOSE = /eyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const BEARER = /\b(Bearer|DPoP|Basic)\s+[\w.~+/=-]{8,}/gi;
/** A parameter of a URL whose value is long, whatever its name: codes, states, request_uris, tokens. */
const LONG_PARAMETER = /([?&#][\w.~%-]{1,64}=)[^&#\s"'<>]{16,}/g;
/** A form or cookie text without a URL around it. */
const SECRET_PARAMETER =
  /((?<![a-z])(?:[\w-]{0,40}(?:token|secret|password|assertion|verifier|session)|code|state|nonce|request_uri)=)[^&#\s"'<>;]+/gi;

/** What is known of names. Bounded, for a caller may invent names. */
const judged = new Map<string, 'secret' | 'code' | 'plain'>();
const MOST_JUDGED = 1_000;

/** Whether a field of this name is a secret by its name alone. */
export function isSecretName(name: string, value: unknown): boolean {
  let kind = judged.get(name);
  if (kind === undefined) {
    kind = kindOfName(name);
    if (judged.size < MOST_JUDGED) judged.set(name, kind);
  }
  if (kind === 'code') return typeof value === 'string' && !ERROR_CODE.test(value);
  return kind === 'secret';
}

function kindOfName(name: string): 'secret' | 'code' | 'plain' {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  if (plain === 'code') return 'code';
  return SECRET_NAMES.has(plain) || SECRET_ENDING.test(plain) ? 'secret' : 'plain';
}

/** Every shape below holds one of these. */
const SUSPICIOUS = /eyJ|PRIVATE KEY|Bearer|DPoP|Basic|=/i;

/** Takes everything out of a text that has the shape of a secret. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(JOSE, (found) => (found.includes('.') ? REDACTED : found))
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(LONG_PARAMETER, `$1${REDACTED}`)
    .replace(SECRET_PARAMETER, `$1${REDACTED}`);
}

const DEEPEST = 6;

/** A copy of a value that may be written down: secrets gone by name and by shape, errors as plain objects, depth bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[deep]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Map) return redact(Object.fromEntries(value), depth);
  if (value instanceof Set) return redact([...value], depth);
  return redactFields(value instanceof Error ? fieldsOf(value) : value, depth);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    const secret = isSecretName(name, value) && value !== undefined && value !== null;
    const written = secret ? REDACTED : redact(value, depth + 1);
    // As any other name: assigned, it would become the prototype.
    if (name === '__proto__') Object.defineProperty(clean, name, { value: written, enumerable: true });
    else clean[name] = written;
  }
  return clean;
}

function fieldsOf(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const own = Object.fromEntries(Object.entries(error));
  return { ...own, type: name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
