import { Controller, Get, Param, Post } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { OAuthError, refuse } from '@holdfast/fapi';
import { ask, sendRaw } from '../testing/ask.ts';
import { contextForTest, listenerOptions, openDoor } from '../testing/door.ts';
import type { Exposure } from './exposure.ts';
import { startListener } from './start-listener.ts';

@Controller()
class Accounts {
  @Get('/accounts')
  list() {
    return ['a'];
  }

  @Get('/accounts/:accountId')
  one(@Param('accountId') id: string) {
    return { id };
  }

  @Post('/transfers')
  transfer() {
    return {};
  }
}

const exposure: Exposure = {
  'GET /accounts': 'a token of this bank',
  'GET /accounts/:accountId': 'a token of this bank',
  'POST /transfers': 'a token of this bank',
};

describe('the exposure table', () => {
  const boot = (table: Exposure) =>
    startListener(listenerOptions(contextForTest().ctx, [Accounts], { exposure: table }));

  it('stops the boot for a route it does not list', async () => {
    const { 'POST /transfers': _forgotten, ...rest } = exposure;
    await expect(boot(rest as Exposure)).rejects.toThrow(/does not list: POST \/transfers$/);
  });

  it('stops the boot for a row nothing serves', async () => {
    await expect(boot({ ...exposure, 'GET /acounts': 'a rule' })).rejects.toThrow(/nothing serves: GET \/acounts$/);
  });

  it('stops the boot for another method than the registered one', async () => {
    const { 'POST /transfers': rule, ...rest } = exposure;
    await expect(boot({ ...rest, 'PUT /transfers': rule } as Exposure)).rejects.toThrow(/POST \/transfers/);
  });

  it('stops the boot for a row without a rule', async () => {
    await expect(boot({ ...exposure, 'GET /accounts': ' ' })).rejects.toThrow(/without a rule: GET \/accounts$/);
  });
});

describe('a guard', () => {
  const guarded: string[] = [];
  const guard = (request: { headers: object }, route: string) => {
    guarded.push(route);
    if (!('x-pass' in request.headers)) throw refuse('invalid_token', 'token_missing');
  };
  const open = () => openDoor({ controllers: [Accounts], exposure, guard });
  const line = (port: number, requestLine: string) =>
    sendRaw(port, `${requestLine} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`).then((text) => text.slice(9, 12));

  it.each([
    'GET /accounts',
    'GET /%61ccounts',
    'GET /acc%6Funts',
    'GET /accounts?',
    'GET /accounts#x',
    'GET https://elsewhere.example/accounts',
    'GET /accounts/1',
    'GET /accounts/%2e%2e',
    'GET /accounts/a%2fb',
  ])('sees the matched route of %s, however it is written [CVE-2026-2293]', async (requestLine) => {
    const { port } = await open();
    guarded.length = 0;
    expect(await line(port, requestLine)).toBe('401');
    expect(guarded).toEqual([expect.stringMatching(/^GET \/accounts(?:\/:accountId)?$/)]);
  });

  it.each([
    'GET //accounts',
    'GET /accounts/1/',
    'GET /ACCOUNTS',
    'GET /./accounts',
    'GET /x/../accounts',
    'GET /accounts;x',
    'GET /accounts%00',
    'GET /accounts%2f1',
    'GET /accounts/%zz',
    `GET /accounts/${'1'.repeat(201)}`,
  ])('is not needed for %s, which is nothing', async (requestLine) => {
    const { port } = await open();
    expect(await line(port, requestLine)).toBe('404');
  });

  it.each([
    ['HEAD /accounts', '405'],
    ['OPTIONS /accounts', '405'],
    ['OPTIONS *', '404'],
    ['TRACE /accounts', '405'],
    ['POST /accounts', '405'],
    ['PROPFIND /accounts', '405'],
    ['GET /transfers', '405'],
    ['GETS /accounts', '400'],
    ['get /accounts', '400'],
    ['CONNECT elsewhere.example:443', ''],
  ])('is never reached by %s', async (requestLine, status) => {
    const { port } = await open();
    guarded.length = 0;
    expect(await line(port, requestLine)).toBe(status);
    expect(guarded).toEqual([]);
  });

  it('is not stepped over by a header that names another method', async () => {
    const { port } = await open();
    const headers = { 'x-http-method-override': 'GET' };
    expect((await ask(port, '/accounts', { method: 'POST', headers })).status).toBe(405);
  });

  it('lets its own requests through', async () => {
    const { port } = await open();
    const answer = await ask(port, '/accounts/7', { headers: { 'x-pass': 'yes' } });
    expect(answer).toMatchObject({ status: 200, body: '{"id":"7"}' });
  });

  it('is a refusal like any other', () => {
    expect(refuse('invalid_token', 'token_missing')).toBeInstanceOf(OAuthError);
  });
});

describe('an unknown route', () => {
  it('is answered in JSON, with the methods that would have been allowed [RFC9110-15.5.6]', async () => {
    const { port } = await openDoor({ controllers: [Accounts], exposure });
    const unknown = await ask(port, '/nothing?token=x');
    expect(unknown).toMatchObject({
      status: 404,
      body: '{"error":"not_found","error_description":"there is nothing here"}',
    });
    const method = await ask(port, '/accounts', { method: 'DELETE' });
    expect(method.headers.allow).toBe('GET');
    expect(JSON.parse(method.body)).toMatchObject({ error: 'method_not_allowed' });
  });

  it('is answered with a page to a browser, and carries the same headers as every answer', async () => {
    const errorPage = ({ status, code }: OAuthError) => ({ status, html: `<h1>${code}</h1>` });
    const { port } = await openDoor({ controllers: [Accounts], exposure, errorPage });
    const { status, headers, body } = await ask(port, '/nothing', { headers: { accept: 'text/html,*/*' } });
    expect({ status, body }).toEqual({ status: 404, body: '<h1>not_found</h1>' });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-fapi-interaction-id': expect.any(String),
    });
  });
});
