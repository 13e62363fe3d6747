import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTrust } from '@holdfast/mtls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTrust } from './trust.ts';
import { PlatformTrouble } from './trouble.ts';

const DAY = 86_400_000;
const home = mkdtempSync(join(tmpdir(), 'holdfast-years-'));
const begun = new Date();
const after = (days: number): Date => new Date(begun.getTime() + days * DAY);
const certificate = (name: string): X509Certificate =>
  new X509Certificate(readFileSync(join(home, 'pki', `${name}.crt`)));

beforeAll(() => void ensureTrust(home, begun));
afterAll(() => rmSync(home, { recursive: true }));

describe('a home that was left lying', () => {
  it('for an hour needs nothing', () => {
    expect(ensureTrust(home, new Date(begun.getTime() + 3_600_000))).toEqual([]);
  });

  it('for a year gets new certificates under the authorities it has, and lists that are in force', () => {
    const authority = certificate('authority/services/intermediate').fingerprint256;
    expect(ensureTrust(home, after(365))).toContain('renewed developer/client');
    expect(certificate('developer/client').validToDate.getTime()).toBeGreaterThan(after(365).getTime());
    expect(certificate('authority/services/intermediate').fingerprint256).toBe(authority);
    for (const purpose of ['web', 'participants', 'services'])
      expect(loadTrust(join(home, 'pki/trust', `${purpose}.pem`), after(365)).certificates).toHaveLength(2);
    expect(ensureTrust(home, after(365.01))).toEqual([]);
  });

  it('for another year, its roots being kept elsewhere, gets them too', () => {
    const [offline, away] = [join(home, 'offline'), join(home, 'a safe')];
    renameSync(offline, away);
    expect(ensureTrust(home, after(2 * 365))).toEqual(
      expect.arrayContaining(['renewed developer/client', 'issued 24 patients of the clinic']),
    );
    expect(existsSync(join(offline, 'web'))).toBe(false);
    rmSync(offline, { recursive: true });
    renameSync(away, offline);
  });

  it('for five years is told to begin anew, in one line, and nothing is replaced behind anybody’s back', () => {
    const before = readFileSync(join(home, 'pki/authority/web/intermediate.crt'), 'utf8');
    let trouble: unknown;
    try {
      ensureTrust(home, after(5 * 365));
    } catch (error) {
      trouble = error;
    }
    expect(trouble).toBeInstanceOf(PlatformTrouble);
    const { message, remedy } = trouble as PlatformTrouble;
    expect(message).toMatch(/^\S+intermediate\.crt has ended on [^\n]+$/);
    expect(remedy).toMatch(/^[^\n]*npm run reset[^\n]*$/);
    expect(readFileSync(join(home, 'pki/authority/web/intermediate.crt'), 'utf8')).toBe(before);
  });
});
