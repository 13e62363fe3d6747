import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CERTIFICATE_FINDINGS } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformTrouble } from '../platform/trouble.ts';
import { examineFiles } from './examine-files.ts';
import type { FilesToExamine } from './examine-files.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
const pki = throwAwayPki();
beforeAll(() => pki.write(home));
afterAll(() => rmSync(home, { recursive: true }));

const file = (name: string): string => join(home, 'pki', name);
const examine = (certificate: string, change: Partial<FilesToExamine> = {}) => {
  const { isSound, text } = examineFiles({ certificate, home, language: 'en', now: new Date(), ...change });
  return { isSound, text: stripVTControlCharacters(text) };
};

describe('files of a person', () => {
  it('are not looked at when they are not there, or when nobody knows whom to trust', () => {
    expect(() => examine('/nonexistent.crt')).toThrow(PlatformTrouble);
    expect(() => examine(file('lab/first-client.crt'), { home: '/nonexistent' })).toThrow(PlatformTrouble);
  });

  it('are told by code with hint and remedy, in the language asked for', () => {
    const { hint, remedy } = CERTIFICATE_FINDINGS.certificate_wrong_purpose;
    for (const language of ['en', 'ja'] as const) {
      const { isSound, text } = examine(file('lab/wrong-eku.crt'), { language });
      expect(isSound).toBe(false);
      for (const part of ['✖ certificate_wrong_purpose', hint[language], remedy[language]])
        expect(text).toContain(part);
    }
  });

  it('are compared as a pair', () => {
    const { isSound, text } = examine(file('lab/first-client.crt'), { key: file('lab/second-client.key') });
    expect(isSound).toBe(false);
    expect(text).toContain('key_mismatch');
  });

  it('are sound in spite of what works here and not everywhere', () => {
    const alone = join(home, 'alone.crt');
    writeFileSync(alone, pki.leaf('lab/first-client').certificate.toString());
    const { isSound, text } = examine(alone);
    expect(isSound).toBe(true);
    expect(text).toContain('! chain_incomplete');
  });

  it('are sound when nothing is found', () => {
    const { isSound, text } = examine(file('lab/first-client.crt'), { key: file('lab/first-client.key') });
    expect({ isSound, text }).toMatchObject({ isSound: true, text: expect.stringMatching(/^✔/) as string });
  });
});
