import { once } from 'node:events';
import { connect } from 'node:net';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { formOf } from '../request/form.ts';
import { ask, dial, post, sendRaw } from '../testing/ask.ts';
import { openDoor } from '../testing/door.ts';

@Controller()
class Small {
  @Get('/hello')
  hello() {
    return {};
  }

  @Post('/form')
  @HttpCode(200)
  form(@Req() request: FastifyRequest) {
    return { pairs: formOf(request).length };
  }
}

const exposure = { 'GET /hello': 'none', 'POST /form': 'none' };
const limits = { headersTimeout: 200, requestTimeout: 300, checkInterval: 50 };
const open = (options = {}) => openDoor({ controllers: [Small], exposure, ...options });

describe('a slow sender', () => {
  it('of headers is answered 408 and cut off', async () => {
    const { port } = await open({ limits });
    expect(await sendRaw(port, 'GET /hello HTTP/1.1\r\nhost: a\r\nx: ')).toMatch(
      /^HTTP\/1\.1 408 .*\{"error":"invalid_request"/s,
    );
  });

  it('of a body is cut off', async () => {
    const { port } = await open({ limits });
    const head =
      'POST /form HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 9\r\n\r\n';
    expect(await sendRaw(port, `${head}a=1`)).toMatch(/^(?:$|HTTP\/1\.1 4)/);
  });

  it('of nothing at all is cut off', async () => {
    const { port } = await open({ limits });
    expect(await sendRaw(port, '')).toMatch(/^(?:$|HTTP\/1\.1 408)/);
  });

  it('between two requests is let go', async () => {
    const { port } = await open({ limits: { ...limits, keepAliveTimeout: 100 } });
    const socket = await dial(port);
    const started = performance.now();
    socket.resume().write('GET /hello HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'close');
    // Node adds a second of its own, against the race with a client that has just sent something.
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('a large sender', () => {
  it('of headers is answered 431', async () => {
    const { port } = await open();
    expect(await sendRaw(port, `GET /hello HTTP/1.1\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('of a body is answered 413, announced or in chunks, and written down', async () => {
    const door = await open();
    const { port } = door;
    const body = `a=${'1'.repeat(64 * 1024)}`;
    const tooLarge = { status: 413, body: expect.stringContaining('"error":"request_too_large"') };
    expect(await post(port, '/form', body)).toMatchObject(tooLarge);
    expect(await post(port, '/form', body, { headers: { 'transfer-encoding': 'chunked' } })).toMatchObject(tooLarge);
    const refused = { action: 'host.request', outcome: 'refused', reason: 'body_too_large' };
    expect(door.audit()).toEqual([expect.objectContaining(refused), expect.objectContaining(refused)]);
  });

  it('within the bound is served', async () => {
    const { port } = await open();
    expect((await post(port, '/form', `a=${'1'.repeat(60_000)}`)).body).toBe('{"pairs":1}');
  });
});

describe('a sender of something else', () => {
  it('gets no plain HTTP answer on the TLS port [FAPI2-SP-FINAL-5.2.1-1] [TLS-14]', async () => {
    const { port } = await open();
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.write('GET /hello HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'close');
    expect(text).not.toContain('HTTP/');
  });

  it('is answered 400 for bytes that are no request', async () => {
    const { port } = await open();
    expect(await sendRaw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"error":"invalid_request"/s);
  });
});

describe('a rate limit', () => {
  it('refuses in our own words, says when to come back, and leaves the health routes alone', async () => {
    const { port } = await open({ rateLimit: { requests: 2, perSeconds: 60 } });
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await ask(port, '/hello'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]).toMatchObject({
      body: '{"error":"too_many_requests","error_description":"too many requests, try again later"}',
      headers: { 'retry-after': expect.any(String) },
    });
    expect((await ask(port, '/livez')).status).toBe(200);
  });
});
