import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '@holdfast/fapi';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { pki } from '../testing/door.ts';
import { looksSecret, openAudit } from './audit.ts';
import { createLogger } from './log.ts';

let file: string;
const logged: string[] = [];
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'holdfast-audit-')), 'audit', 'bank.jsonl');
  logged.length = 0;
});

function open(onSecret: 'throw' | 'redact' = 'throw') {
  const clock = { now: () => new Date('2026-01-02T03:04:05.678Z') };
  const log = createLogger({ name: 'bank', write: (line) => void logged.push(line) });
  return openAudit({ file, app: 'bank', clock, log, onSecret }).audit;
}

const lines = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
const event: AuditEvent = {
  action: 'bank.accounts.list',
  outcome: 'refused',
  reason: 'certificate_thumbprint_mismatch',
};
const base64url = (least: number) =>
  fc.uint8Array({ minLength: least, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64url'));

describe('the audit trail', () => {
  it('refuses a token, a code or an assertion in any field', () => {
    const audit = open();
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';
    const code = randomBytes(32).toString('base64url');
    for (const secret of [jwt, `Bearer ${jwt}`, `x ${code}`, `urn:holdfast:request_uri:${code}`]) {
      expect(() => audit({ ...event, reason: secret })).toThrow('looks like a secret in reason');
      expect(() => audit({ ...event, evidence: { note: secret } })).toThrow('looks like a secret in evidence.note');
      expect(() => audit({ ...event, presentedThumbprint: `${secret}${secret}` })).toThrow('looks like a secret');
    }
    expect(lines()).toEqual([]);
  });

  it('writes the event without the secret in production, and says so', () => {
    open('redact')({ ...event, evidence: { note: randomBytes(32).toString('base64url'), other: 'kept' } });
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ evidence: { note: '[redacted]', other: 'kept' } });
    expect(logged.join('')).toContain('evidence.note');
  });

  it('finds nearly any random value of 256 bits and more', () => {
    const alike = fc.uint8Array({ minLength: 32, maxLength: 64 }).filter((bytes) => new Set(bytes).size > 20);
    fc.assert(fc.property(alike, (bytes) => looksSecret(Buffer.from(bytes).toString('base64url'))));
  });

  it('takes long texts without losing its time', () => {
    const started = performance.now();
    expect(looksSecret('a'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('is one line per event, whatever is told to it', () => {
    const audit = open('redact');
    fc.assert(
      fc.property(fc.string(), base64url(0), (text, value) => {
        audit({ ...event, client: text, evidence: { text, value } });
      }),
    );
    for (const line of lines()) expect(JSON.parse(line)).toMatchObject({ action: event.action });
  });

  it('can be read by its owner alone, also when it was open before', () => {
    open()(event);
    chmodSync(file, 0o644);
    open()(event);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o077).toBe(0);
  });

  it('stops the decision when it cannot be written', () => {
    writeFileSync(join(file, '../..', 'blocker'), '');
    file = join(file, '../..', 'blocker', 'bank.jsonl');
    expect(() => open()).toThrow();
  });

  it('is continued, never begun anew', () => {
    open()(event);
    open()(event);
    expect(lines()).toHaveLength(2);
  });

  it('writes when, where, and what the engine tells, with thumbprints, ids and names as they are', () => {
    const { thumbprint, serialNumber } = pki.peer('lab/first-client');
    const told: AuditEvent = {
      ...event,
      client: 'lab-first-client',
      subject: 'cus-alice-7302',
      grant: randomBytes(16).toString('base64url'),
      interaction: randomUUID().toUpperCase(),
      presentedThumbprint: thumbprint,
      expectedThumbprint: pki.peer('lab/second-client').thumbprint,
      evidence: {
        kid: randomBytes(32).toString('base64url'),
        serialNumber,
        subject: 'CN=lab-first-client,O=Tidepool',
        caller: 'spiffe://holdfast.test/bank',
      },
    };
    open()(told);
    expect(JSON.parse(lines()[0] ?? '')).toEqual({
      time: '2026-01-02T03:04:05.678Z',
      app: 'bank',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...told,
    });
  });
});
