import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { throwAwayPki } from '../testing/index.ts';
import type { LeafName } from '../testing/index.ts';
import { toPkcs12 } from './index.ts';

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
