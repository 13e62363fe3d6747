import { describe, expect, it } from 'vitest';
import { CERTIFICATE_FINDINGS } from './certificate-findings.ts';

const findings = Object.entries(CERTIFICATE_FINDINGS);

describe('the catalogue of findings', () => {
  it.each(findings)('%s can be told in an answer [RFC6749-5.2]', (code, { fault }) => {
    expect(`${code}: ${fault.en}`).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it.each(findings)('%s says what it is, how one comes by it and what to do, in both languages', (_, finding) => {
    for (const text of Object.values(finding)) {
      expect(text.en).not.toBe('');
      expect(text.ja).toMatch(/[ぁ-んァ-ン一-龠]/);
    }
  });
});
