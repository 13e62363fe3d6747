import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StartUpError } from '../process/start-up-error.ts';
import { loadSecretKey } from './secret-key.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-secret-'));
afterAll(() => rmSync(home, { recursive: true }));
const file = join(home, 'dpop-nonce.key');

const key = randomBytes(32);
const written = key.toString('base64url');

describe('a secret key', () => {
  it.each([
    ['is empty', ''],
    ['is too short', randomBytes(31).toString('base64url')],
    ['is too long', randomBytes(33).toString('base64url')],
    ['is hexadecimal', key.toString('hex')],
    ['is followed by something', `${written}\n${written}`],
    ['holds what is no base64url', `${written.slice(0, -1)}!`],
  ])('is refused when the file %s', (_, content) => {
    writeFileSync(file, content);
    const load = () => loadSecretKey(file);
    expect(load).toThrow(StartUpError);
    expect(load).toThrow('no secret key of 32 bytes');
    expect(load).not.toThrow(written);
  });

  it('is refused when there is none, with what makes one', () => {
    const load = () => loadSecretKey(join(home, 'none.key'));
    expect(load).toThrow(expect.objectContaining({ remedy: expect.stringContaining('npm start') as string }));
  });

  it('is loaded, with or without an end of line', () => {
    for (const end of ['', '\n']) {
      writeFileSync(file, written + end);
      expect(Buffer.from(loadSecretKey(file)).equals(key)).toBe(true);
    }
  });
});
