import { describe, expect, it } from 'vitest';
import { trackedFiles } from './tracked-files.ts';

// P23 of docs/attacks.md: node-forge builds. What verifies is node:crypto, that is OpenSSL. [RFC8705-7.5]
const files = trackedFiles();
const importers = files.filter(
  ({ name, text }) => /\.tsx?$/.test(name) && /^import [^;]*from 'node-forge';$/m.test(text),
);

/** Of node-forge: how DER is written down, and nothing that has an opinion on a signature, a chain, a MAC or a hash. */
const BUILDING = ['asn1', 'util'];

describe('P23, node-forge', () => {
  it('is imported by who writes DER, by the attackers, and by a specification as a second reader', () => {
    expect(importers.map(({ name }) => name).toSorted()).toEqual([
      'apps/lab/src/certificates/der.ts',
      'libs/mtls/src/authority/asn1.ts',
      'libs/mtls/src/der.property.spec.ts',
    ]);
  });

  it.each(importers)('lends $name nothing but the means to write DER', ({ text }) => {
    const named = [...text.matchAll(/\bforge\.(\w+)/g)].map(([, member = '']) => member);
    const taken = [...text.matchAll(/const \{([^}]+)\} = forge\b/g)].flatMap(([, list = '']) => list.split(','));
    const used = [...named, ...taken.map((each) => each.split(':')[0]?.trim() ?? '')];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((each) => !BUILDING.includes(each))).toEqual([]);
  });

  it('reads nothing in the real stack: what others sent is read by the own reader and by OpenSSL', () => {
    const [real = ''] = importers
      .filter(({ name }) => name === 'libs/mtls/src/authority/asn1.ts')
      .map(({ text }) => text);
    expect(real).not.toBe('');
    expect(real).not.toMatch(/fromDer|verify|validate|decrypt/);
  });

  it('is a version without the known ways to forge a signature [CVE-2026-33894] [CVE-2026-33896] [CVE-2025-12816]', () => {
    const lock = files.find(({ name }) => name === 'package-lock.json')?.text ?? '{}';
    const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
    const versions = Object.entries(packages).filter(([name]) => name.endsWith('node_modules/node-forge'));
    expect(versions.length).toBeGreaterThan(0);
    for (const [name, { version }] of versions) expect([name, isAtLeast(version, [1, 4, 3])]).toEqual([name, true]);
  });
});

function isAtLeast(version: string, [major, minor, patch]: readonly [number, number, number]): boolean {
  const [a = 0, b = 0, c = 0] = version.split('.').map(Number);
  return a > major || (a === major && (b > minor || (b === minor && c >= patch)));
}
