import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueCrl } from './authority/index.ts';
import type { Authority } from './authority/index.ts';
import { MtlsConfigError } from './config-error.ts';
import { loadRevocations } from './revocations.ts';
import type { RevocationSource } from './revocations.ts';
import { throwAwayPki } from './testing/index.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const DAY = 86_400_000;
const pki = throwAwayPki({ now: NOW });
const { intermediate, trust } = pki.participants;
const [first, second] = [pki.peer(pki.mint()), pki.peer(pki.mint())];

let folder: string;
let file: string;
let source: RevocationSource | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-crl-'));
  file = join(folder, 'participants.crl');
});
afterEach(() => {
  source?.close();
  rmSync(folder, { recursive: true });
});

const list = (
  revoked: readonly string[],
  issuer: Authority = intermediate,
  nextUpdate = new Date(NOW.getTime() + DAY),
) =>
  issueCrl({
    issuer,
    revoked: revoked.map((serialNumber) => ({ serialNumber, at: NOW })),
    number: 1,
    thisUpdate: NOW,
    nextUpdate,
  });
const load = (text: string): RevocationSource => {
  writeFileSync(file, text);
  return (source = loadRevocations(file, trust, 20));
};

describe('a revocation list is not taken, and the process does not start,', () => {
  it.each<[string, () => string]>([
    ['empty', () => ''],
    ['no list', () => trust.pem],
    ['cut short', () => list([]).replace(/\n[^\n]+\n-----END/, '\n-----END')],
    ['signed by an authority of the same name', () => list([], pki.rogue().intermediate)],
    ['of another domain', () => list([], pki.web.intermediate)],
    ['signed by somebody it would be about', () => list([], pki.asIssuer(pki.mint()))],
    [
      'changed after it was signed',
      () => {
        const der = Buffer.from(list([first.serialNumber]).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
        der.writeUInt8(der.readUInt8(60) ^ 1, 60);
        return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
      },
    ],
  ])('when it is %s [RFC5280-5.1]', (_, text) => {
    expect(() => load(text())).toThrow(MtlsConfigError);
  });

  it('when there is none: without a list nothing would ever be revoked [RFC5280-5]', () => {
    expect(() => loadRevocations(file, trust)).toThrow(MtlsConfigError);
  });
});

describe('a certificate', () => {
  it('is revoked when its authority lists it, and no other is [RFC5280-5.3]', () => {
    const { statusOf } = load(list([first.serialNumber]));
    expect([statusOf(first, NOW), statusOf(second, NOW)]).toEqual(['revoked', 'good']);
  });

  it('has an unknown status once the list is past its time [RFC5280-5.1.2.5]', () => {
    const { statusOf } = load(list([first.serialNumber]));
    const late = new Date(NOW.getTime() + DAY);
    expect([statusOf(first, late), statusOf(second, late)]).toEqual(['revoked', 'unknown']);
  });

  it('of another authority is not revoked by a serial number it happens to share', () => {
    const { serialNumber } = first;
    const alike = { ...pki.peer(pki.mint({ issuer: pki.services.intermediate })), serialNumber };
    expect(load(list([serialNumber])).statusOf(alike, NOW)).toBe('good');
  });

  it('of its owner’s making cannot be taken back by anybody [RFC8705-2.2]', () => {
    expect(load(list([])).statusOf(pki.peer(pki.selfSigned()), NOW)).toBe('good');
  });

  it('is revoked while the process runs, and a list that cannot be used leaves the old one in force', async () => {
    const { statusOf } = load(list([]));
    expect(statusOf(first, NOW)).toBe('good');
    writeFileSync(file, list([first.serialNumber]));
    await expect.poll(() => statusOf(first, NOW)).toBe('revoked');
    writeFileSync(file, list([], pki.rogue().intermediate));
    await sleep(80);
    expect(statusOf(first, NOW)).toBe('revoked');
  });

  it('is listed under serial numbers of any length and either kind of time', () => {
    const far = new Date('2060-01-01T00:00:00Z');
    const { statusOf } = load(list(['00FF', first.serialNumber], intermediate, far));
    expect(statusOf(first, new Date('2055-01-01T00:00:00Z'))).toBe('revoked');
    expect(statusOf(second, new Date('2055-01-01T00:00:00Z'))).toBe('good');
  });
});
