import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MtlsConfigError } from './config-error.ts';
import { throwAwayPki } from './testing/index.ts';
import { loadTrust } from './trust.ts';

const now = new Date('2027-03-01T12:00:00Z');
const pki = throwAwayPki({ now });
const { root, intermediate, trust } = pki.participants;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-trust-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(content: string | Buffer): string {
  const file = join(folder, 'trust.pem');
  writeFileSync(file, content);
  return file;
}

function problemOf(load: () => unknown): MtlsConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof MtlsConfigError) return error;
    throw error;
  }
  throw new Error('loaded');
}

describe('loading a trust bundle', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['an empty file: to Node it would mean the public roots', '', /is empty/],
    ['white space', '\n \n', /is empty/],
    ['DER', root.certificate.raw, /not PEM/],
    ['text that is no certificate', 'hello', /not PEM/],
    ['a bundle cut short', trust.pem.slice(0, -40), /cut short/],
    ['a certificate of nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be read/],
    ['a leaf', pki.leaf('lab/first-client').certificate.toString(), /not a certification authority/],
    ['a leaf among authorities', trust.pem + pki.leaf('lab/first-client').certificate.toString(), /lab-first-client/],
    ['an intermediate without its root', intermediate.certificate.toString(), /no root/],
    ['a key beside the certificates', trust.pem + pki.leaf('lab/first-client').keyPem, /private key/],
  ])('refuses %s', (_, content, message) => {
    const problem = problemOf(() => loadTrust(written(content), now));
    expect(problem.message).toMatch(message);
    expect(problem.message + problem.remedy).not.toContain('\n');
  });

  it('refuses a missing file and says what makes it', () => {
    const problem = problemOf(() => loadTrust(join(folder, 'absent.pem'), now));
    expect(problem.message).toMatch(/does not exist/);
    expect(problem.remedy).toMatch(/npm start/);
  });

  it('refuses roots out of time, and tells a wrong clock from an old PKI', () => {
    const file = written(trust.pem);
    expect(problemOf(() => loadTrust(file, new Date('2029-01-01'))).message).toMatch(/expired/);
    expect(problemOf(() => loadTrust(file, new Date('2020-01-01'))).remedy).toMatch(/clock/);
  });

  it('loads a root with its intermediates, whatever words stand between them', () => {
    const loaded = loadTrust(written(`root\n${trust.pem.replaceAll('\n', '\r\n')}`), now);
    expect(loaded.certificates).toHaveLength(2);
    expect(loaded.pem).toBe(trust.pem);
  });
});
