import { isAscii } from 'node:buffer';
import type { FormPairs } from '@holdfast/fapi';

/** Bytes that are not `application/x-www-form-urlencoded` under the strict reading. */
export class UrlencodedError extends Error {}

// Our choice, no clause: the longest honest request of this platform has fewer than thirty parameters.
const MOST_PAIRS = 256;

/**
 * Reads every pair, in order, nothing merged: duplicates stay visible to the rules that refuse them.
 *
 * @throws UrlencodedError for a lone percent sign, broken UTF-8, a NUL, a pair without a name, or too many pairs
 */
export function parseUrlencoded(bytes: Uint8Array): FormPairs {
  const pairs: (readonly [string, string])[] = [];
  for (const segment of asciiOf(bytes).split('&')) {
    if (segment === '') continue;
    if (pairs.length === MOST_PAIRS) throw new UrlencodedError('too many parameters');
    pairs.push(parsePair(segment));
  }
  return pairs;
}

/** A byte that should have been escaped is escaped now, so that one decoder judges them all. */
function asciiOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return isAscii(bytes) ? text : text.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

function parsePair(segment: string): readonly [string, string] {
  const at = segment.indexOf('=');
  const name = decode(at < 0 ? segment : segment.slice(0, at));
  const value = at < 0 ? '' : decode(segment.slice(at + 1));
  if (name === '') throw new UrlencodedError('a parameter without a name');
  return [name, value];
}

function decode(raw: string): string {
  const text = /[%+]/.test(raw) ? unescape(raw.replaceAll('+', ' ')) : raw;
  // A NUL ends the text for some readers (C libraries, databases) and not for others.
  if (text.includes('\0')) throw new UrlencodedError('a NUL character');
  return text;
}

/** Broken UTF-8 is refused, because a decoder that repairs it lets two readers see two different values. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    const broken = /%(?![0-9a-f]{2})/i.test(text) ? 'a percent sign without two hexadecimal digits' : 'not UTF-8';
    throw new UrlencodedError(broken, { cause });
  }
}
