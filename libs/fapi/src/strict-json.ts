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
  const names = writtenNames(text);
  // Our choice, no clause: nobody needs an escape to write a name of ours. V8 looks names up before it has read their escapes, so
  // after `{"amount":1,"\\u0061":2}` it reads `{"amount":1,"\u0061mount":2}` as two names: a repeated one would not be seen.
  if (names.some((name) => name.includes('\\'))) throw new JsonError('a member name with an escape');
  if (countMembers(value) !== names.length) throw new JsonError('a repeated member name');
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
    // A `__proto__` member becomes the prototype of whatever copies the object.
    return JSON.parse(text, function (name, value: unknown) {
      if (name === '__proto__') throw new JsonError('a forbidden member name');
      return value;
    });
  } catch (error) {
    if (error instanceof JsonError) throw error;
    throw new JsonError('not JSON', { cause: error });
  }
}

// Our choice, no clause: every reader of a deep value goes as deep, and stacks end.
const DEEPEST = 64;

/** Members that survived parsing. */
function countMembers(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > DEEPEST) throw new JsonError('nested too deep');
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + countMembers(child, depth + 1), own);
}

/** Names of members as they were written: in valid JSON, the strings that a colon follows. */
function writtenNames(text: string): readonly string[] {
  const strings = text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/g);
  return Array.from(strings, ([, name = '', colon]) => (colon === undefined ? [] : [name])).flat();
}
