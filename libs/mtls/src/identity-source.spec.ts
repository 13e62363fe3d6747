import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Leaf } from './authority/index.ts';
import { MtlsConfigError } from './config-error.ts';
import { loadIdentity } from './identity-source.ts';
import type { IdentityOptions, IdentitySource } from './identity-source.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const first = pki.leaf('bank/api');
const renewed = pki.mint({ issuer: pki.web.intermediate, purpose: 'server', dnsNames: ['api.bank.localhost'] });

let folder: string;
let files: { certificate: string; key: string };
let source: IdentitySource | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-identity-'));
  files = { certificate: join(folder, 'api.crt'), key: join(folder, 'api.key') };
  put(first);
});

afterEach(() => {
  source?.close();
  source = undefined;
  rmSync(folder, { recursive: true });
});

/** Writes as a renewal does: beside, then renamed over. */
function put({ certificatePem, keyPem }: Pick<Leaf, 'certificatePem' | 'keyPem'>): void {
  write(files.key, keyPem);
  write(files.certificate, certificatePem);
}

function write(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function load(options: IdentityOptions = {}): IdentitySource {
  source = loadIdentity(files, { everyMs: 10, ...options });
  return source;
}

function problemOf(options: IdentityOptions = {}): MtlsConfigError {
  try {
    load(options);
  } catch (error) {
    if (error instanceof MtlsConfigError) return error;
    throw error;
  }
  throw new Error('loaded');
}

describe('loading an identity', () => {
  it.each<[string, () => void, RegExp, RegExp]>([
    ['a missing certificate', () => rmSync(files.certificate), /api\.crt does not exist/, /npm start/],
    ['a missing key', () => rmSync(files.key), /api\.key does not exist/, /npm start/],
    [
      'the key of another certificate',
      () => write(files.key, renewed.keyPem),
      /not the key of .*half-made/,
      /npm start/,
    ],
    ['a key that is none', () => write(files.key, 'x'), /no readable private key/, /npm start/],
    ['a key every user can read', () => chmodSync(files.key, 0o644), /every user/, /chmod 600/],
    ['an empty certificate', () => write(files.certificate, ''), /is empty/, /npm start/],
    [
      'key and certificate in one file',
      () => write(files.certificate, first.certificatePem + first.keyPem),
      /private key/,
      /lost/,
    ],
    [
      'an authority before the leaf',
      () => write(files.certificate, pki.web.trust.pem),
      /begins with a certification authority/,
      /npm start/,
    ],
    [
      'a chain that does not belong to the leaf',
      () => write(files.certificate, first.certificate.toString() + pki.participants.trust.pem),
      /certificate 2 did not issue certificate 1/,
      /npm start/,
    ],
  ])('refuses %s in one line with the remedy', (_, spoil, message, remedy) => {
    spoil();
    const problem = problemOf();
    expect(problem.message).toMatch(message);
    expect(problem.remedy).toMatch(remedy);
    expect(problem.message + problem.remedy).not.toContain('\n');
  });

  it('refuses an expired certificate, and tells a wrong clock from it', () => {
    const { validFromDate, validToDate } = first.certificate;
    expect(problemOf({ now: () => new Date(validToDate.getTime() + 1) }).message).toMatch(/expired at/);
    const early = problemOf({ now: () => new Date(validFromDate.getTime() - 1) });
    expect(early.message).toMatch(/the clock says/);
    expect(early.remedy).toMatch(/clock/);
  });

  it('gives leaf, chain and key', () => {
    const identity = load().current();
    expect(identity.leaf.dnsNames).toEqual(['api.bank.localhost']);
    expect(identity.certificatePem).toBe(first.certificatePem);
    expect(identity.keyPem).toBe(first.keyPem);
  });
});

describe('following the files of an identity', () => {
  it('keeps the old one while the new files are no pair, and says so once', async () => {
    const report = vi.fn();
    const changed = vi.fn();
    const identity = load({ report });
    identity.onChange(changed);
    write(files.certificate, renewed.certificatePem);
    await vi.waitFor(() => expect(report).toHaveBeenCalledOnce(), 10_000);
    await new Promise((done) => setTimeout(done, 60));
    expect(report).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'MtlsConfigError' }));
    expect(changed).not.toHaveBeenCalled();
    expect(identity.current().certificatePem).toBe(first.certificatePem);
    // The other half arrives: no restart is needed.
    write(files.key, renewed.keyPem);
    await vi.waitFor(() => expect(identity.current().certificatePem).toBe(renewed.certificatePem), 10_000);
  });

  it('keeps the old one when a file disappears', async () => {
    const report = vi.fn();
    const identity = load({ report });
    rmSync(files.key);
    await vi.waitFor(() => expect(report).toHaveBeenCalledOnce(), 10_000);
    expect(identity.current().certificatePem).toBe(first.certificatePem);
  });

  it('keeps a certificate for later that is not valid yet', async () => {
    const report = vi.fn();
    let now = new Date();
    const identity = load({ report, now: () => now });
    const inAnHour = new Date(now.getTime() + 3_600_000);
    const early = pki.mint({ issuer: pki.web.intermediate, purpose: 'server', notBefore: inAnHour });
    put(early);
    await vi.waitFor(() => expect(report).toHaveBeenCalledOnce(), 10_000);
    now = new Date(inAnHour.getTime() + 1000);
    await vi.waitFor(() => expect(identity.current().certificatePem).toBe(early.certificatePem), 10_000);
  });

  it('reports a listener that fails instead of ending the process', async () => {
    const report = vi.fn();
    load({ report }).onChange(() => {
      throw new Error('boom');
    });
    put(renewed);
    await vi.waitFor(() => expect(report).toHaveBeenCalledOnce(), 10_000);
  });

  it('tells nobody who has left, and nothing after it was closed', async () => {
    const left = vi.fn();
    const stayed = vi.fn();
    const identity = load();
    identity.onChange(left)();
    identity.onChange(stayed);
    put(renewed);
    await vi.waitFor(() => expect(stayed).toHaveBeenCalledOnce(), 10_000);
    expect(left).not.toHaveBeenCalled();
    identity.close();
    put(first);
    await new Promise((done) => setTimeout(done, 60));
    expect(identity.current().certificatePem).toBe(renewed.certificatePem);
  });

  it('takes a renewed pair over and tells the listeners', async () => {
    const changed = vi.fn();
    const identity = load();
    identity.onChange(changed);
    put(renewed);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce(), 10_000);
    expect(changed).toHaveBeenCalledWith(identity.current());
    expect(identity.current().leaf.serialNumber).toBe(renewed.certificate.serialNumber);
  });
});
