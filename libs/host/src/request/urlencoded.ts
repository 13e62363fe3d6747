import type { FormPairs } from '@holdfast/fapi';

/** Bytes that are not `application/x-www-form-urlencoded` under the strict reading. */
export class UrlencodedError extends Error {}

// Our choice, no clause: the longest honest request of this platform has fewer than thirty parameters.
const MOST_PAIRS = 256;

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const PERCENT = 0x25;
const SPACE = 0x20;

// `fatal`: broken UTF-8 is refused, because a decoder that repairs it lets two readers see two different values.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads every pair, in order, nothing merged: duplicates stay visible to the rules that refuse them.
 *
 * @throws UrlencodedError for a lone percent sign, broken UTF-8, a NUL, a pair without a name, or too many pairs
 */
export function parseUrlencoded(bytes: Uint8Array): FormPairs {
  const pairs: (readonly [string, string])[] = [];
  for (const segment of split(bytes, AMPERSAND)) {
    if (segment.length === 0) continue;
    if (pairs.length === MOST_PAIRS) throw new UrlencodedError('too many parameters');
    pairs.push(parsePair(segment));
  }
  return pairs;
}

function parsePair(segment: Uint8Array): readonly [string, string] {
  const at = segment.indexOf(EQUALS);
  const name = decode(at < 0 ? segment : segment.subarray(0, at));
  const value = at < 0 ? '' : decode(segment.subarray(at + 1));
  if (name === '') throw new UrlencodedError('a parameter without a name');
  return [name, value];
}

function decode(raw: Uint8Array): string {
  const text = toText(percentDecode(raw));
  // A NUL ends the text for some readers (C libraries, databases) and not for others.
  if (text.includes('\0')) throw new UrlencodedError('a NUL character');
  return text;
}

function percentDecode(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] as number;
    if (byte === PERCENT) {
      out[length++] = hexDigit(raw[i + 1]) * 16 + hexDigit(raw[i + 2]);
      i += 2;
    } else {
      out[length++] = byte === PLUS ? SPACE : byte;
    }
  }
  return out.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  const digit = byte === undefined ? Number.NaN : Number.parseInt(String.fromCharCode(byte), 16);
  if (Number.isNaN(digit)) throw new UrlencodedError('a percent sign without two hexadecimal digits');
  return digit;
}

function toText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new UrlencodedError('not UTF-8', { cause: error });
  }
}

function* split(bytes: Uint8Array, separator: number): Generator<Uint8Array> {
  let start = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, start)) {
    yield bytes.subarray(start, at);
    start = at + 1;
  }
  yield bytes.subarray(start);
}
