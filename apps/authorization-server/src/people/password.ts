import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * scrypt as OWASP recommends it where a login may cost 32 MiB: N = 2^15, r = 8, p = 3. Our choice, no clause.
 * Text form: `scrypt$15$8$3$<salt>$<hash>`, salt and hash in base64url.
 */
const LOG_N = 15;
const R = 8;
const P = 3;
const KEY_BYTES = 32;

/** Whether a text is a password hash this server can check. */
export const PASSWORD_HASH = /^scrypt\$15\$8\$3\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/;

/** Hashes a password with a fresh salt. */
export async function hashPassword(password: string, salt = randomBytes(16)): Promise<string> {
  const key = await derive(password, salt);
  return `scrypt$${LOG_N}$${R}$${P}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/**
 * Checks a password. Called for unknown names too, with {@link NOBODY}, so that the time an answer takes does not tell which
 * names exist.
 */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  if (!PASSWORD_HASH.test(hash)) return false;
  const [, , , , salt = '', expected = ''] = hash.split('$');
  const key = await derive(password, Buffer.from(salt, 'base64url'));
  return timingSafeEqual(key, Buffer.from(expected, 'base64url'));
}

/** The hash of a password nobody has. */
export const NOBODY = await hashPassword(randomBytes(32).toString('hex'));

function derive(password: string, salt: Buffer): Promise<Buffer> {
  const options = { N: 2 ** LOG_N, r: R, p: P, maxmem: 128 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    // RFC8265-4.1 in short: the same password typed on another keyboard may come in another composition.
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
