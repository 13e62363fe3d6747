import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { openDoor } from '../testing/door.ts';
import { clearCookie, cookieOf, setCookie } from './cookie.ts';

@Controller()
class Cookies {
  @Get('/read')
  read(@Req() request: FastifyRequest) {
    return { session: cookieOf(request, 'session') ?? null };
  }

  @Get('/set')
  set(@Res() reply: FastifyReply) {
    setCookie(reply, 'session', 'a b;c', { sameSite: 'lax', maxAge: 60 });
    setCookie(reply, 'other', '1', { sameSite: 'strict' });
    void reply.send('');
  }

  @Get('/clear')
  clear(@Res() reply: FastifyReply) {
    clearCookie(reply, 'session');
    void reply.send('');
  }
}

let port: number;
beforeEach(async () => {
  const exposure = { 'GET /read': 'none', 'GET /set': 'none', 'GET /clear': 'none' };
  ({ port } = await openDoor({ controllers: [Cookies], exposure }));
});

async function read(...cookies: string[]): Promise<unknown> {
  const { body } = await ask(port, '/read', { headers: { cookie: cookies } });
  return (JSON.parse(body) as { session: unknown }).session;
}

describe('a session cookie', () => {
  it.each([
    ['absent', ['other=1']],
    ['without the prefix that ties it to the host', ['session=mallory']],
    ['sent twice', ['__Host-session=a; __Host-session=b']],
    ['sent in two headers', ['__Host-session=a', '__Host-session=b']],
    ['of another name that ends alike', ['x__Host-session=a']],
    ['encoded as we never encode', ['__Host-session=%']],
  ])('is nobody’s when %s', async (_what, cookies) => {
    expect(await read(...cookies)).toBeNull();
  });

  it('is read when it is the one', async () => {
    expect(await read('a=1; __Host-session=alice%20b; c=2')).toBe('alice b');
  });

  it('is set for this host alone, out of reach of scripts, next to others [AUTH-30]', async () => {
    const { headers } = await ask(port, '/set');
    expect(headers['set-cookie']).toEqual([
      '__Host-session=a%20b%3Bc; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=lax',
      '__Host-other=1; Path=/; HttpOnly; Secure; SameSite=strict',
    ]);
  });

  it('is taken away with the attributes it was set with', async () => {
    const { headers } = await ask(port, '/clear');
    expect(headers['set-cookie']).toEqual(['__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=strict']);
  });
});
