import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Audit, AuditEvent, Clock } from '@holdfast/fapi';
import type { Logger } from './log.ts';
import { REDACTED } from './redact.ts';

export interface AuditOptions {
  readonly file: string;
  readonly app: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** `throw` in tests, so that a leak is a failing test; `redact` in production, so that a leak is not an outage. */
  readonly onSecret: 'throw' | 'redact';
}

/** An open audit trail. */
export interface AuditTrail {
  readonly audit: Audit;
  readonly close: () => void;
}

/**
 * Opens the append-only trail, one JSON object per line, readable by the owner alone. An event is one write and is on its
 * way to the disk before the decision is answered; a trail that cannot be written stops the decision.
 */
export function openAudit({ file, app, clock, log, onSecret }: AuditOptions): AuditTrail {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a', 0o600);
  chmodSync(file, 0o600);
  const audit = (event: AuditEvent): void => {
    const clean = withoutSecrets(event, (path) => {
      const problem = `an audit event held something that looks like a secret in ${path}`;
      if (onSecret === 'throw') throw new Error(`${event.action}: ${problem}`);
      log.error({ action: event.action, field: path }, problem);
    });
    const line = { time: clock.now().toISOString(), app, id: randomUUID(), ...clean };
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
  return { audit, close: () => closeSync(descriptor) };
}

/** Fields that hold hashes or ids of certificates, public keys and grants: as random as a token, and no secret. */
const HASHES =
  /(?:thumbprint|hash|serial(?:number)?|fingerprint|kid|instance|interaction|grant(?:_?id)?|token_?id|jti|consent(?:_?id)?)$/i;

const WORD = /[\w-]{22,}/g;
const JOSE = /eyJ[\w-]{6,}\.[\w-]*/;
const PRIVATE_KEY = /PRIVATE KEY-----/;
/** Shorter than any of the shapes above. */
const SHORTEST_SECRET = 10;
/** Longest text a hash or an id is written in. */
const LONGEST_HASH = 64;

/** Whether a text has the shape of a token, a code, an assertion or a key. */
export function looksSecret(text: string, isHash = false): boolean {
  if (JOSE.test(text) || PRIVATE_KEY.test(text)) return true;
  if (isHash && text.length <= LONGEST_HASH) return false;
  return (text.match(WORD) ?? []).some(looksRandom);
}

/** Base64url of 128 bits or more: letters of both cases with a digit, or so many letters that the digit may be missing. */
function looksRandom(word: string): boolean {
  return /[a-z]/.test(word) && /[A-Z]/.test(word) && (/\d/.test(word) || word.length >= 40);
}

function holdsSecret(fields: object): boolean {
  return Object.entries(fields).some(([name, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return holdsSecret(value);
    return typeof value === 'string' && value.length >= SHORTEST_SECRET && looksSecret(value, HASHES.test(name));
  });
}

function withoutSecrets(event: AuditEvent, report: (path: string) => void): AuditEvent {
  // The rule, and nothing has to be copied.
  if (!holdsSecret(event)) return event;
  const clean = (fields: object, prefix: string): object =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]: [string, unknown]) => {
        if (typeof value === 'object' && value !== null) return [name, clean(value, `${prefix}${name}.`)];
        if (typeof value !== 'string' || !looksSecret(value, HASHES.test(name))) return [name, value];
        report(prefix + name);
        return [name, REDACTED];
      }),
    );
  return clean(event, '') as AuditEvent;
}
