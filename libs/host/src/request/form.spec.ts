import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { ask, post, sendRaw } from '../testing/ask.ts';
import { openDoor } from '../testing/door.ts';
import { formOf, queryOf } from './form.ts';
import { jsonOf } from './json.ts';

@Controller()
class Readers {
  @Post('/form')
  @HttpCode(200)
  form(@Req() request: FastifyRequest) {
    return formOf(request);
  }

  @Post('/json')
  @HttpCode(200)
  json(@Req() request: FastifyRequest) {
    return jsonOf(request);
  }

  @Get('/query')
  query(@Req() request: FastifyRequest) {
    return { pairs: queryOf(request), framework: request.query };
  }
}

const exposure = { 'POST /form': 'none', 'POST /json': 'none', 'GET /query': 'none' };
const FORM = 'application/x-www-form-urlencoded';
let port: number;
beforeEach(async () => {
  ({ port } = await openDoor({ controllers: [Readers], exposure }));
});

/** A posted form with header lines of one's own. */
function rawForm(headers: string, body: string): Promise<string> {
  return sendRaw(port, `POST /form HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${headers}\r\n${body}`);
}

describe('a form', () => {
  it.each([
    ['JSON', 'application/json', '{"a":"1"}'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--'],
    ['plain text', 'text/plain', 'a=1'],
    ['another character set', `${FORM}; charset=utf-7`, 'a=1'],
    ['a type behind a tab', `${FORM}\ttext/plain`, 'a=1'],
    ['two types in one header', `${FORM}, application/json`, 'a=1'],
    ['a type that only begins alike', `${FORM}x`, 'a=1'],
  ])('is refused as %s [RFC6749-B]', async (_what, type, body) => {
    const answer = await post(port, '/form', body, { headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('"error":"invalid_request"') });
  });

  it('is refused with two content types, whichever comes first [RFC6749-B]', async () => {
    const twice = `content-type: ${FORM}\r\ncontent-type: application/json\r\ncontent-length: 3\r\n`;
    expect(await rawForm(twice, 'a=1')).toContain('HTTP/1.1 400');
  });

  it('is refused without a content type', async () => {
    expect(await rawForm('content-length: 3\r\n', 'a=1')).toContain('HTTP/1.1 400');
  });

  it('is refused when compressed, because a checker in between would read another body', async () => {
    expect(await rawForm(`content-type: ${FORM}\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n`, 'a=1')).toContain(
      'HTTP/1.1 400',
    );
  });

  it('is refused with two lengths [RFC9112-6.3]', async () => {
    const lengths = 'content-length: 3\r\ncontent-length: 3\r\n';
    expect(await rawForm(`content-type: ${FORM}\r\n${lengths}`, 'a=1')).toContain('HTTP/1.1 400');
  });

  it('is refused with a length and chunks [RFC9112-6.3]', async () => {
    const both = 'content-length: 3\r\ntransfer-encoding: chunked\r\n';
    expect(await rawForm(`content-type: ${FORM}\r\n${both}`, '0\r\n\r\n')).toContain('HTTP/1.1 400');
  });

  it('is refused when malformed, without repeating what was sent', async () => {
    const { status, body } = await post(port, '/form', 'code=%zzsecret');
    expect({ status, ...JSON.parse(body) }).toEqual({
      status: 400,
      error: 'invalid_request',
      error_description: 'a parameter is malformed',
    });
  });

  it('reaches the rules with repeated parameters visible [RFC6749-3.2]', async () => {
    const { body } = await post(port, '/form', 'client_id=a&client_id=b');
    expect(JSON.parse(body)).toEqual([
      ['client_id', 'a'],
      ['client_id', 'b'],
    ]);
  });

  it('may name its character set and may be empty', async () => {
    const named = await post(port, '/form', 'a=%C3%A9', { headers: { 'content-type': `${FORM}; charset=UTF-8` } });
    expect(JSON.parse(named.body)).toEqual([['a', 'é']]);
    expect((await post(port, '/form', '')).body).toBe('[]');
  });
});

describe('a JSON body', () => {
  it('is refused as a form, and with a repeated member', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await post(port, '/json', 'a=1')).status).toBe(400);
    expect((await post(port, '/json', '{"a":1,"a":2}', { headers })).status).toBe(400);
    expect((await post(port, '/json', '{"a":1}', { headers })).body).toBe('{"a":1}');
  });
});

describe('a query', () => {
  it('is refused when malformed', async () => {
    expect((await ask(port, '/query?state=%')).status).toBe(400);
  });

  it('is read in pairs by one reader; the framework shows nothing', async () => {
    const { body } = await ask(port, '/query?a=1&a=2&b[c]=3');
    const pairs = [
      ['a', '1'],
      ['a', '2'],
      ['b[c]', '3'],
    ];
    expect(JSON.parse(body)).toEqual({ pairs, framework: {} });
  });
});
