import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensurePki } from '@holdfast/pki';
import { PlatformTrouble } from '../platform/trouble.ts';
import { askPassword } from './ask-password.ts';
import { exportIdentity, FORMATS } from './export-identity.ts';
import type { ExportRequest, Format } from './export-identity.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-export-'));
const folder = join(home, 'exports');
const NAME = 'developer/client';
beforeAll(() => ensurePki({ home, now: new Date(), only: ['developer', 'newcomer', 'bank'] }));
afterAll(() => rmSync(home, { recursive: true }));
beforeEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (change: Partial<ExportRequest> = {}) =>
  exportIdentity({ home, name: NAME, format: 'p12', folder, random: randomBytes, ...change });
const held = () => readFileSync(join(home, 'pki', `${NAME}.key`), 'utf8');
const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('an export is refused', () => {
  it.each(['bank/api', 'bank/service', 'authority/web', '../pki/developer/client', 'developer/client.key', ''])(
    'for %j, which is no participant',
    (name) => {
      expect(() => write({ name })).toThrow(PlatformTrouble);
      expect(existsSync(folder)).toBe(false);
    },
  );

  it('for a participant of whom nothing was made', () => {
    expect(() => write({ name: 'fintech/transport' })).toThrow(/there is no/);
  });

  it('when the key is that of another certificate', () => {
    const other = mkdtempSync(join(tmpdir(), 'holdfast-export-'));
    ensurePki({ home: other, now: new Date(), only: ['developer'] });
    const [from, to] = [join(home, 'pki/newcomer/client.key'), join(other, 'pki/developer/client.key')];
    execFileSync('cp', [from, to]);
    expect(() => write({ home: other })).toThrow(/is not the key/);
    rmSync(other, { recursive: true });
  });
});

describe('an exported identity', () => {
  it.each(Object.keys(FORMATS) as Format[])('as %s is readable by its owner alone, password included', (format) => {
    write({ format });
    expect(modeOf(folder)).toBe(0o700);
    const files = readdirSync(folder);
    expect(files).toHaveLength(FORMATS[format].locked ? 2 : 1);
    for (const file of files) expect(modeOf(join(folder, file))).toBe(0o600);
  });

  it.each([
    ['p12', []],
    ['p12-legacy', ['-legacy']],
  ] as const)(
    'as %s is opened by OpenSSL with the password beside it, and with no other [RFC7292-4]',
    (format, options) => {
      const { file, passwordFile = '' } = write({ format });
      const open = (password: string) =>
        execFileSync('openssl', ['pkcs12', '-in', file, '-nodes', '-passin', password, ...options], {
          stdio: ['ignore', 'pipe', 'pipe'],
        }).toString();
      expect(() => open('pass:other')).toThrow();
      expect(open(`file:${passwordFile}`)).toContain(held());
      const passphrase = readFileSync(passwordFile, 'utf8').trim();
      // Node's OpenSSL reads old files only when it is told to.
      if (format === 'p12') createSecureContext({ pfx: readFileSync(file), passphrase });
    },
  );

  it('as pem holds key and chain, and as pem-encrypted the key under its password alone [RFC5958-3]', () => {
    const plain = readFileSync(write({ format: 'pem' }).file, 'utf8');
    expect(plain).toContain(held());
    expect(new X509Certificate(plain).checkPrivateKey(createPrivateKey(plain))).toBe(true);
    const { file, passwordFile = '' } = write({ format: 'pem-encrypted' });
    const locked = readFileSync(file, 'utf8');
    expect(() => createPrivateKey(locked)).toThrow();
    const passphrase = readFileSync(passwordFile, 'utf8').trim();
    expect(new X509Certificate(locked).checkPrivateKey(createPrivateKey({ key: locked, passphrase }))).toBe(true);
  });

  it('has another password each time, unless a person chose one, and then it is written nowhere', () => {
    const [first, second] = [1, 2].map(() => readFileSync(write().passwordFile ?? '', 'utf8'));
    expect(first).not.toBe(second);
    rmSync(folder, { recursive: true });
    const { file, passwordFile } = write({ password: 'correct horse battery' });
    expect(passwordFile).toBeUndefined();
    expect(readdirSync(folder)).toHaveLength(1);
    const told = execFileSync('openssl', ['asn1parse', '-inform', 'DER', '-in', file]).toString();
    expect(told).toMatch(/INTEGER +:0927C0/);
  });
});

describe('a password that a person is asked for', () => {
  const typed = (...lines: readonly string[]) => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    const shown: string[] = [];
    output.on('data', (chunk: Buffer) => shown.push(chunk.toString()));
    for (const [place, line] of lines.entries()) setTimeout(() => input.write(`${line}\n`), 20 * (place + 1));
    return { console: { input, output }, shown };
  };

  it('is refused when it is short, when the two differ, and when nobody is there', async () => {
    await expect(askPassword(typed('short').console)).rejects.toThrow(/shorter/);
    await expect(askPassword(typed('correct horse', 'another horse').console)).rejects.toThrow(/not the same/);
    await expect(askPassword({ input: new PassThrough(), output: new PassThrough() })).rejects.toThrow(/no terminal/);
  });

  it('is taken and never shown', async () => {
    const { console: terminal, shown } = typed('correct horse', 'correct horse');
    expect(await askPassword(terminal)).toBe('correct horse');
    expect(shown.join('')).not.toContain('correct');
  });
});
