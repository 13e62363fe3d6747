import { Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cookieOf } from '../answer/cookie.ts';
import { formOf, queryOf } from '../request/form.ts';
import { authorizationOf, interactionOf } from '../request/headers.ts';
import { jsonOf } from '../request/json.ts';
import { peerOf } from '../request/peer.ts';
import { Dialogue } from '../testing/dialogue.ts';
import type { Door } from '../testing/door.ts';
import { openDoor } from '../testing/door.ts';

/** Reads of a request whatever there is to read. */
@Controller()
class Everything {
  @Post('/form')
  @HttpCode(200)
  form(@Req() request: FastifyRequest) {
    return { ...headersOf(request), form: formOf(request) };
  }

  @Post('/json')
  @HttpCode(200)
  json(@Req() request: FastifyRequest) {
    return { ...headersOf(request), json: jsonOf(request) };
  }

  @Get('/things/:id')
  thing(@Req() request: FastifyRequest, @Param('id') id: string) {
    return { ...headersOf(request), id };
  }
}

function headersOf(request: FastifyRequest) {
  return {
    query: queryOf(request),
    authorization: authorizationOf(request),
    interaction: interactionOf(request),
    cookie: cookieOf(request, 'visit') ?? null,
    peer: peerOf(request)?.thumbprint ?? null,
  };
}

const exposure = { 'POST /form': 'none', 'POST /json': 'none', 'GET /things/:id': 'none' };
let door: Door;
let dialogue: Dialogue;
beforeEach(async () => {
  door = await openDoor({ controllers: [Everything], exposure });
  dialogue = new Dialogue(door.port);
  onTestFinished(() => dialogue.close());
});

const one = fc.constantFrom;
const method = one('GET', 'POST', 'HEAD', 'OPTIONS', 'TRACE', 'get', 'PUT', 'PRI', 'CONNECT', '');
const path = fc
  .array(
    one(
      '/',
      'form',
      'json',
      'things',
      'a',
      '.',
      '..',
      '%2f',
      '%00',
      '%',
      '%e0',
      '?',
      '&',
      '=',
      ';',
      '//',
      '\\',
      '\xff',
      ' ',
      '#',
      'https://evil.test',
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const target = fc.oneof(
  one('/form', '/json', '/things/1', '*'),
  path,
  path.map((rest) => `/things/${rest}`),
  path.map((rest) => `/form?${rest}`),
);
const version = one('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', '');
const header = fc.oneof(
  one(
    'content-type: application/x-www-form-urlencoded',
    'content-type: application/json',
    'content-type:',
    'accept: text/html',
    'expect: 100-continue',
    'upgrade: websocket',
    'connection: upgrade',
    'connection: close',
    'transfer-encoding: chunked',
    'transfer-encoding: identity',
    'content-length: 3',
    'content-length: -1',
    'content-length: 3, 3',
    'content-length: 99999999',
    'content-encoding: gzip',
    'host: b',
    'authorization: Bearer a',
    'cookie: __Host-visit=%',
    'a',
    ': b',
    ' folded',
    'x\0: y',
    'te: trailers',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
);
const body = one(
  '',
  'a=1',
  '{"a":1}',
  '0\r\n\r\n',
  '3\r\na=1\r\n0\r\n\r\n',
  '3;x=y\r\na=1\r\n0\r\n',
  'ffffffffffffffff\r\n',
  '\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  '\0',
);
const lineEnd = one('\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r');
const anyRequest = fc
  .tuple(method, target, version, fc.array(header, { maxLength: 5 }), body, lineEnd)
  .map(([verb, where, protocol, headers, content, end]) => {
    return [`${verb} ${where} ${protocol}`, 'host: a', ...headers, '', content].join(end);
  });

describe('whatever bytes come as a request [RFC9112-2]', () => {
  it('they are answered by a success, a refusal of the client, or not at all, and never by a fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const { status, body: answer } = await dialogue.ask(request);
        // What follows the first answer belongs to bytes that looked like another request.
        dialogue.close();
        if (status !== undefined && !request.startsWith('HEAD '))
          expect(() => JSON.parse(answer) as unknown).not.toThrow();
        expect(status ?? 200).toBeLessThan(500);
        expect(door.log.filter((line) => line.includes('nobody expected'))).toEqual([]);
      }),
    );
  });
});
