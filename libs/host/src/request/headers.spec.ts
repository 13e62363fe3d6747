import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { ask, sendRaw } from '../testing/ask.ts';
import { openDoor } from '../testing/door.ts';
import { authorizationOf, dpopOf, interactionOf } from './headers.ts';

@Controller()
class Headers {
  @Get('/authorization')
  authorization(@Req() request: FastifyRequest) {
    return authorizationOf(request);
  }

  @Get('/dpop')
  dpop(@Req() request: FastifyRequest) {
    return dpopOf(request);
  }

  @Get('/interaction')
  interaction(@Req() request: FastifyRequest) {
    return { first: interactionOf(request), second: interactionOf(request) };
  }
}

const exposure = { 'GET /authorization': 'none', 'GET /dpop': 'none', 'GET /interaction': 'none' };
const UUID = /^[0-9a-f-]{36}$/;
const SENT = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
let port: number;
beforeEach(async () => {
  ({ port } = await openDoor({ controllers: [Headers], exposure }));
});

/** The JSON body of an answer to hand-written header lines. */
async function get(path: string, headers: string): Promise<unknown> {
  const text = await sendRaw(port, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${headers}\r\n`);
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
}

describe('the Authorization headers', () => {
  it('are all seen, in order, however they are written [RFC6750-2]', async () => {
    const seen = await get('/authorization', 'Authorization: Bearer one\r\nAUTHORIZATION: DPoP two\r\n');
    expect(seen).toEqual(['Bearer one', 'DPoP two']);
  });

  it('are all seen behind thousands of other headers', async () => {
    const many = 'a:\r\n'.repeat(2_500);
    expect(await get('/authorization', `authorization: one\r\n${many}authorization: two\r\n`)).toEqual(['one', 'two']);
  });

  it('are none when none was sent', async () => {
    expect(await get('/authorization', '')).toEqual([]);
  });
});

describe('the DPoP headers', () => {
  it('are seen one by one, and not joined by a comma [RFC9449-4.3-1]', async () => {
    expect(await get('/dpop', 'DPoP: one\r\ndpop: two\r\n')).toEqual(['one', 'two']);
    expect(await get('/dpop', 'DPoP: one, two\r\n')).toEqual(['one, two']);
    expect(await get('/dpop', '')).toEqual([]);
  });
});

describe('the interaction id', () => {
  it.each([
    ['not a UUID', 'x-fapi-interaction-id: <script>\r\n'],
    ['a UUID and more', `x-fapi-interaction-id: ${SENT} x\r\n`],
    ['two', `x-fapi-interaction-id: ${SENT}\r\nx-fapi-interaction-id: ${SENT}\r\n`],
    ['absent', ''],
  ])('is made here when what was sent is %s', async (_what, headers) => {
    const { first, second } = (await get('/interaction', headers)) as Record<string, string>;
    expect(first).toMatch(UUID);
    expect(first).not.toBe(SENT);
    expect(second).toBe(first);
  });

  it('is the one sent, and is echoed', async () => {
    const answer = await ask(port, '/interaction', { headers: { 'x-fapi-interaction-id': SENT } });
    expect(JSON.parse(answer.body)).toEqual({ first: SENT, second: SENT });
    expect(answer.headers['x-fapi-interaction-id']).toBe(SENT);
  });
});
