import { describe, expect, it } from 'vitest';
import { hashPassword, isPassword, NOBODY, PASSWORD_HASH } from './password.ts';

describe('a password', () => {
  it('is refused when it is another one, or the same in another letter case', async () => {
    const hash = await hashPassword('alice-demo');
    expect(await isPassword('bob-demo', hash)).toBe(false);
    expect(await isPassword('Alice-demo', hash)).toBe(false);
    expect(await isPassword('', hash)).toBe(false);
  });

  it('is refused against something that is no hash of ours', async () => {
    for (const hash of ['', 'alice-demo', 'scrypt$1$8$1$aaaa$bbbb'])
      expect(await isPassword('alice-demo', hash)).toBe(false);
  });

  it('is nobody’s for a name nobody has', async () => {
    expect(await isPassword('alice-demo', NOBODY)).toBe(false);
  });

  it('is accepted, however its characters were composed on the keyboard', async () => {
    const hash = await hashPassword('caf\u00e9');
    expect(hash).toMatch(PASSWORD_HASH);
    expect(await isPassword('cafe\u0301', hash)).toBe(true);
  });

  it('is salted: two hashes of one password differ', async () => {
    expect(await hashPassword('alice-demo')).not.toBe(await hashPassword('alice-demo'));
  });
});
