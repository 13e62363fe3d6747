import { parseStrictJson } from '@holdfast/fapi';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RawAnswer } from '../testing/dialogue.ts';
import { Dialogue } from '../testing/dialogue.ts';
import { openDoor } from '../testing/door.ts';
import { formOf, queryOf } from './form.ts';
import { jsonOf } from './json.ts';
import { parseUrlencoded } from './urlencoded.ts';

@Controller()
class Readers {
  @Post('/form')
  @HttpCode(200)
  form(@Req() request: FastifyRequest) {
    return { read: formOf(request) };
  }

  @Post('/json')
  @HttpCode(200)
  json(@Req() request: FastifyRequest) {
    return { read: jsonOf(request) };
  }

  @Get('/query')
  query(@Req() request: FastifyRequest) {
    return { read: queryOf(request) };
  }
}

const exposure = { 'POST /form': 'none', 'POST /json': 'none', 'GET /query': 'none' };
let dialogue: Dialogue;
beforeEach(async () => {
  const door = await openDoor({ controllers: [Readers], exposure });
  dialogue = new Dialogue(door.port);
  onTestFinished(() => dialogue.close());
});

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const contentType = fc.oneof(
  fc.constantFrom(FORM, JSON_TYPE),
  fc
    .array(
      fc.constantFrom(
        FORM,
        JSON_TYPE,
        ';',
        ' ',
        ',',
        'charset=',
        'utf-8',
        '"',
        'UTF-7',
        'x',
        '\t',
        'multipart/form-data',
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join('')),
);
const formPiece = fc.constantFrom(
  'a',
  'code',
  '=',
  '&',
  '+',
  '%',
  '%41',
  '%C3%A9',
  '%c3',
  '%00',
  '%26',
  '\xc3\xa9',
  '\xff',
  '\0',
  '[]',
);
const jsonPiece = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '"a"',
  ':',
  ',',
  '1',
  'null',
  '"\\u0061"',
  '__proto__',
  '"__proto__"',
  '\xff',
  ' ',
);
const bodyOf = (piece: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  );

function post(path: string, type: string, body: Buffer): Promise<RawAnswer> {
  const head = `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return dialogue.ask(Buffer.concat([Buffer.from(head, 'latin1'), body]));
}

/** What the reader makes of the bytes, asked without a listener around it. */
function outcome(reader: () => unknown): string | undefined {
  try {
    return JSON.stringify({ read: reader() });
  } catch {
    return undefined;
  }
}

function expectRefusal({ status, body }: RawAnswer): void {
  expect({ status, ...JSON.parse(body) }).toEqual({
    status: 400,
    error: 'invalid_request',
    error_description: expect.stringMatching(/^[a-z_ ]+$/),
  });
}

describe('at a listener [RFC6749-3.2]', () => {
  it('a body is a form when its type says so and its bytes are one, and is refused otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(contentType, bodyOf(formPiece), async (type, body) => {
        const answer = await post('/form', type, body);
        const named = /^application\/x-www-form-urlencoded(?: *; *charset=("utf-8"|utf-8))?$/i.test(type.trim());
        const expected = named ? outcome(() => parseUrlencoded(body)) : undefined;
        if (expected === undefined) expectRefusal(answer);
        else expect(answer).toMatchObject({ status: 200, body: expected });
      }),
    );
  });

  it('a body is JSON when its type says so and its bytes are, and is refused otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(contentType, bodyOf(jsonPiece), async (type, body) => {
        const answer = await post('/json', type, body);
        const named = /^application\/json(?: *; *charset=("utf-8"|utf-8))?$/i.test(type.trim());
        const expected = named ? outcome(() => parseStrictJson(body)) : undefined;
        if (expected === undefined) expectRefusal(answer);
        else expect(answer).toMatchObject({ status: 200, body: expected });
      }),
    );
  });

  it('a query is read like a form, and is refused when it is none', async () => {
    // What may not stand in a request line at all never reaches the reader.
    const query = bodyOf(formPiece).map((bytes) =>
      Buffer.from(bytes.filter((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x23)),
    );
    await fc.assert(
      fc.asyncProperty(query, async (bytes) => {
        const answer = await dialogue.ask(`GET /query?${bytes.toString('latin1')} HTTP/1.1\r\nhost: a\r\n\r\n`);
        const expected = outcome(() => parseUrlencoded(bytes));
        if (expected === undefined) expectRefusal(answer);
        else expect(answer).toMatchObject({ status: 200, body: expected });
      }),
    );
  });
});
