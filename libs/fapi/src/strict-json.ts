/** Bytes that are not JSON under the strict reading. */
export class JsonError extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON and refuses what two parsers would read in two ways.
 *
 * RFC8259-4: names within an object should be unique. `{"amount":"1","amount":"1000"}` is one amount to the reader who
 * takes the first and another to the one who takes the last, so a repeated name is refused.
 *
 * @throws JsonError
 */
export function parseStrictJson(json: string | Uint8Array): unknown {
  const text = typeof json === 'string' ? json : decode(json);
  const value: unknown = parse(text);
  if (countMembers(value) !== countNames(text)) throw new JsonError('a repeated member name');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new JsonError('not UTF-8', { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonError('not JSON', { cause: error });
  }
}

// Our choice, no clause: every reader of a deep value goes as deep, and stacks end.
const DEEPEST = 64;

/** Members that survived parsing. */
function countMembers(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > DEEPEST) throw new JsonError('nested too deep');
  const children: unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) count += countMembers(child, depth + 1);
  return count;
}

/**
 * Names of members as they were written: in valid JSON, the strings that a colon follows.
 * @throws JsonError for a name that nobody may write
 */
function countNames(text: string): number {
  let count = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = endOfString(text, start + 1);
    if (isColonNext(text, end + 1)) {
      checkName(text.slice(start + 1, end));
      count++;
    }
    start = text.indexOf('"', end + 1);
  }
  return count;
}

function checkName(name: string): void {
  // Our choice, no clause: nobody needs an escape to write a name of ours. V8 looks names up before it has read their escapes, so
  // after `{"amount":1,"\\u0061":2}` it reads `{"amount":1,"\u0061mount":2}` as two names: a repeated one would not be seen.
  if (name.includes('\\')) throw new JsonError('a member name with an escape');
  // A `__proto__` member becomes the prototype of whatever copies the object.
  if (name === '__proto__') throw new JsonError('a forbidden member name');
}

/** Where the quote is that ends a string: not one behind an odd number of backslashes. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (backslashesBefore(text, end) % 2 === 1) end = text.indexOf('"', end + 1);
  return end;
}

function backslashesBefore(text: string, at: number): number {
  let count = 0;
  while (text[at - 1 - count] === '\\') count++;
  return count;
}

function isColonNext(text: string, from: number): boolean {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return text[at] === ':';
}
