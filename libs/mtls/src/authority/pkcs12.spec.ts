import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { throwAwayPki } from '../testing/index.ts';
import type { LeafName } from '../testing/index.ts';
import { encryptedKeyPem, toPkcs12 } from './index.ts';

const pki = throwAwayPki();
const password = 'sesame ü';

function openssl(p12: Buffer, pass: string, ...options: string[]): string {
  const args = ['pkcs12', '-passin', `pass:${pass}`, '-nodes', ...options];
  return execFileSync('openssl', args, { input: p12, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
}

function make(name: LeafName): Buffer {
  return toPkcs12(pki.leaf(name), { password, name: 'developer', random: randomBytes });
}

describe('a PKCS#12 file [RFC7292-4]', () => {
  it('is not made without a password', () => {
    expect(() => toPkcs12(pki.leaf('developer/client'), { password: '', name: 'x', random: randomBytes })).toThrow(
      /lock/,
    );
  });

  it('does not open with another password, nor after a change', () => {
    const p12 = make('developer/client');
    expect(() => openssl(p12, 'Sesame ü')).toThrow(/invalid password|mac verify/i);
    const at = p12.length - 200;
    p12[at] = (p12[at] ?? 0) ^ 1;
    expect(() => openssl(p12, password)).toThrow();
  });

  it('holds nothing readable and uses AES-256 and SHA-256 throughout', () => {
    const p12 = make('developer/client');
    expect(p12.includes(pki.leaf('developer/client').certificate.raw)).toBe(false);
    const { stderr } = infoOf(p12);
    expect(stderr).toMatch(/MAC: sha256, Iteration 10000/);
    expect(stderr.match(/PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256/g)).toHaveLength(2);
  });

  function infoOf(p12: Buffer): { stderr: string } {
    const script = 'openssl pkcs12 -info -noout -passin "pass:$0" 2>&1';
    return { stderr: execFileSync('sh', ['-c', script, password], { input: p12 }).toString() };
  }

  it.each<LeafName>(['developer/client', 'fintech/transport'])('opens with key, leaf and chain: %s', (name) => {
    const { key, certificate } = pki.leaf(name);
    const text = openssl(make(name), password);
    expect(text).toContain('friendlyName: developer');
    expect(new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT'))).raw.equals(certificate.raw)).toBe(true);
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(text).toContain(key.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(() => createSecureContext({ pfx: make(name), passphrase: password })).not.toThrow();
  });
});

describe('a PKCS#12 file for old readers [RFC7292-C]', () => {
  const legacy = (name: LeafName = 'developer/client', pass = password): Buffer =>
    toPkcs12(pki.leaf(name), { password: pass, name: 'developer', random: randomBytes, strength: 'legacy' });

  it('does not open with another password', () => {
    expect(() => openssl(legacy(), 'other', '-legacy')).toThrow(/invalid password|mac verify/i);
    expect(() => createSecureContext({ pfx: legacy(), passphrase: 'other' })).toThrow();
  });

  it('is triple DES and SHA-1 throughout', () => {
    const script = 'openssl pkcs12 -info -legacy -noout -passin "pass:$0" 2>&1';
    const told = execFileSync('sh', ['-c', script, password], { input: legacy() }).toString();
    expect(told).toMatch(/MAC: sha1, Iteration 10000/);
    expect(told.match(/pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 10000/g)).toHaveLength(2);
  });

  // The password's length moves the blocks that the key derivation carries over.
  it.each(['a', 'sesame ü', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(100)])(
    'opens with key and chain: %s',
    (pass) => {
      for (const name of ['developer/client', 'fintech/transport'] as const) {
        const text = openssl(legacy(name, pass), pass, '-legacy');
        expect(text).toContain(pki.leaf(name).key.export({ type: 'pkcs8', format: 'pem' }).toString());
        expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      }
    },
  );
});

describe('an encrypted key [RFC5958-3]', () => {
  const { key } = pki.leaf('developer/client');
  const pem = encryptedKeyPem(key, { password, random: randomBytes, iterations: 600_000 });

  it('is not made without a password, and opens with no other', () => {
    expect(() => encryptedKeyPem(key, { password: '', random: randomBytes })).toThrow(/lock/);
    expect(() => createPrivateKey({ key: pem, passphrase: 'other' })).toThrow();
    expect(() => createPrivateKey(pem)).toThrow();
  });

  it('opens with its password, and counts as far as it was told', () => {
    expect(createPrivateKey({ key: pem, passphrase: password }).equals(key)).toBe(true);
    const told = execFileSync('openssl', ['asn1parse'], { input: pem }).toString();
    expect(told).toMatch(/:PBES2[^]*:PBKDF2[^]*INTEGER +:0927C0[^]*:hmacWithSHA256[^]*:aes-256-cbc/);
  });
});

const hasNss = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'pk12util')));

describe.skipIf(!hasNss)(
  `NSS, the library of Firefox and Chromium${hasNss ? '' : ': skipped, no pk12util here (libnss3-tools)'}`,
  () => {
    it.each([
      ['modern', 10_000],
      ['modern', 600_000],
      ['legacy', 10_000],
    ] as const)('imports a %s file , %s rounds, and refuses it with another password', (strength, iterations) => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-nss-'));
      const file = join(folder, 'developer.p12');
      const pass = 'sesame';
      const request = { password: pass, name: 'developer', random: randomBytes, strength, iterations };
      writeFileSync(file, toPkcs12(pki.leaf('developer/client'), request), { mode: 0o600 });
      const database = ['-d', `sql:${folder}`];
      const nss = (program: string, ...args: string[]) =>
        execFileSync(program, [...database, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
      nss('certutil', '-N', '--empty-password');
      expect(() => nss('pk12util', '-i', file, '-W', 'other')).toThrow();
      nss('pk12util', '-i', file, '-W', pass);
      expect(nss('certutil', '-K')).toMatch(/developer/);
      rmSync(folder, { recursive: true });
    });
  },
);
