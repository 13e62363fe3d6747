import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSealingKey, readSealingKey } from './key-file.ts';
import { createSealedBox, SealBroken } from './sealed-box.ts';

const random = { bytes: (count: number) => randomBytes(count) };

describe('a sealed text', () => {
  const box = createSealedBox(randomBytes(32), random);
  const sealed = box.seal('the token', 'links/1/access_token');

  it('does not open at another place', () => {
    for (const place of ['links/2/access_token', 'links/1/refresh_token', ''])
      expect(() => box.open(sealed, place)).toThrow(SealBroken);
  });

  it('does not open with another key', () => {
    const other = createSealedBox(randomBytes(32), random);
    expect(() => other.open(sealed, 'links/1/access_token')).toThrow(SealBroken);
  });

  it('does not open when any byte was changed, or when it was cut', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      expect(() => box.open(changed.toString('base64url'), 'links/1/access_token')).toThrow(SealBroken);
      const cut = bytes.subarray(0, i).toString('base64url');
      expect(() => box.open(cut, 'links/1/access_token')).toThrow(SealBroken);
    }
  });

  it('says where it did not open, never what it holds', () => {
    expect(() => box.open('x', 'links/9/access_token')).toThrow(
      'the sealed value at links/9/access_token cannot be opened',
    );
  });

  it('looks different each time and opens at its place', () => {
    expect(box.seal('the token', 'links/1/access_token')).not.toBe(sealed);
    expect(box.open(sealed, 'links/1/access_token')).toBe('the token');
  });
});

describe('the key file', () => {
  const REMEDY = 'Restore it from a backup.';
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-key-'));
    file = join(folder, 'data/sealing.key');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const refusal = (message: string, remedy: string) => expect.objectContaining({ message, remedy }) as Error;

  it('that is not there is refused, with the remedy', () => {
    expect(() => readSealingKey(file, REMEDY)).toThrow(refusal(`there is no ${file}`, REMEDY));
  });

  it('that others may read is refused, with the remedy', () => {
    makeSealingKey(file, random);
    chmodSync(file, 0o640);
    expect(() => readSealingKey(file, REMEDY)).toThrow(
      refusal(`${file} can be read by other users`, `Run: chmod 600 ${file}`),
    );
  });

  it.each(['', 'short', 'x'.repeat(44), `${'x'.repeat(42)}=`])('that holds %j is refused', (text) => {
    makeSealingKey(file, random);
    writeFileSync(file, text);
    expect(() => readSealingKey(file, REMEDY)).toThrow(refusal(`${file} does not hold a key`, REMEDY));
  });

  it('is made once, for its owner alone, and read again afterwards', () => {
    makeSealingKey(file, random);
    const key = readSealingKey(file, REMEDY);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    makeSealingKey(file, random);
    expect(readSealingKey(file, REMEDY).equals(key)).toBe(true);
    expect(readFileSync(file, 'utf8').trim()).toBe(key.toString('base64url'));
    expect(readdirSync(join(folder, 'data'))).toEqual(['sealing.key']);
  });
});
