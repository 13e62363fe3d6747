import { hash } from 'node:crypto';

/** Bytes both hashes work on at once. */
const BLOCK = 64;

/** What a derived key is for. [RFC7292-B.3] */
const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

export interface KeyDerivation {
  readonly password: string;
  readonly salt: Buffer;
  readonly purpose: keyof typeof PURPOSE;
  readonly iterations: number;
  /** In bytes. */
  readonly length: number;
  readonly digest: 'sha256' | 'sha1';
}

/** The key derivation of PKCS#12: for its MAC, and for the contents of old files. [RFC7292-B.2] */
export function pkcs12Key({ password, salt, purpose, iterations, length, digest }: KeyDerivation): Buffer {
  const diversifier = Buffer.alloc(BLOCK, PURPOSE[purpose]);
  const input = Buffer.concat([fill(salt), fill(Buffer.from(`${password}\0`, 'utf16le').swap16())]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; made += parts.at(-1)?.length ?? 0) {
    let part = Buffer.concat([diversifier, input]);
    for (let round = 0; round < iterations; round++) part = hash(digest, part, 'buffer');
    parts.push(part);
    addToBlocks(input, fill(part).subarray(0, BLOCK));
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Repeats the bytes up to the next multiple of a block. */
function fill(bytes: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK, bytes);
}

/** Each block of `input`, as one large number, plus `addend` plus one; what does not fit is dropped. */
function addToBlocks(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += BLOCK) {
    let carry = 1;
    for (let at = BLOCK - 1; at >= 0; at--) {
      carry += input.readUInt8(start + at) + addend.readUInt8(at);
      input.writeUInt8(carry & 0xff, start + at);
      carry >>= 8;
    }
  }
}
