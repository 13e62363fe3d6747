import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Encrypts what rests in the store. */
export interface SealedBox {
  /**
   * @param text what to hide
   * @param place where it will lie, such as `links/<id>/refresh_token`; it opens only there
   */
  seal(text: string, place: string): string;
  /** @throws SealBroken when the text was changed, moved to another place, or sealed with another key */
  open(sealed: string, place: string): string;
}

/** A sealed text cannot be opened. Says where, never what. */
export class SealBroken extends Error {
  constructor(place: string, cause?: unknown) {
    super(`the sealed value at ${place} cannot be opened`, { cause });
    this.name = 'SealBroken';
  }
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with a fresh random nonce per value. The place is authenticated along with the text, because somebody who
 * can write to the store but has no key could otherwise move another person's token into their own row.
 *
 * @param key 32 bytes
 * @param random unpredictable bytes
 */
export function createSealedBox(key: Buffer, random: { bytes(count: number): Buffer }): SealedBox {
  return {
    seal(text, place) {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place));
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url');
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken(place);
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(place)).setAuthTag(tag);
      try {
        const hidden = bytes.subarray(NONCE_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(hidden), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SealBroken(place, error);
      }
    },
  };
}
