import { HttpException, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { OAuthError } from '@holdfast/fapi';
import { refuse } from '@holdfast/fapi';
import type { FastifyReply } from 'fastify';
import { describe, expect, it } from 'vitest';
import { ask, post } from '../testing/ask.ts';
import { openDoor } from '../testing/door.ts';
import { seeOther, sendPage } from './page.ts';

const THROWN: Record<string, () => unknown> = {
  json: () => refuse('invalid_grant', 'code_used', { evidence: { secretly: 'why' } }),
  client: () => refuse('invalid_client', 'certificate_expired'),
  page: () => refuse('invalid_request', 'request_uri_expired', { show: 'page' }),
  redirect: () =>
    refuse('access_denied', 'consent_denied', {
      show: 'redirect',
      response: { kind: 'redirect', location: 'https://c.example/cb?error=access_denied' },
    }),
  resource: () => refuse('invalid_token', 'certificate_thumbprint_mismatch'),
  'nonce-at-resource': () => refuse('use_dpop_nonce', 'dpop_nonce_missing', { show: 'resource', dpopNonce: 'fresh' }),
  nonce: () => refuse('use_dpop_nonce', 'dpop_nonce_wrong', { dpopNonce: 'fresh' }),
  'no-token': () => refuse('invalid_token', 'token_missing'),
  forbidden: () => refuse('insufficient_scope', 'permission_missing'),
  busy: () => refuse('temporarily_unavailable', 'consent_holder_unavailable'),
  error: () => new Error('the password is hunter2'),
  exception: () => new HttpException('the password is hunter2', 418),
  nothing: () => undefined,
};

@Controller()
class Throwing {
  @Get('/throw/:what')
  get(@Param('what') what: string) {
    throw THROWN[what]?.();
  }

  @Get('/nonce-twice')
  twice(@Res({ passthrough: true }) reply: FastifyReply) {
    reply.header('dpop-nonce', 'earlier');
    throw THROWN['nonce']?.();
  }

  @Get('/late')
  late(@Res() reply: FastifyReply) {
    reply.raw.writeHead(200, { 'content-length': '100' });
    reply.raw.write('half');
    throw new Error('late');
  }

  @Get('/page')
  page(@Res() reply: FastifyReply) {
    sendPage(reply, { html: '<p>', csp: "default-src 'none'; form-action https://c.example" });
  }

  @Post('/login')
  login(@Res() reply: FastifyReply) {
    seeOther(reply, 'https://c.example/cb');
  }
}

const exposure = {
  'GET /throw/:what': 'none',
  'GET /nonce-twice': 'none',
  'GET /late': 'none',
  'GET /page': 'none',
  'POST /login': 'none',
};
const errorPage = ({ status, description }: OAuthError) => ({ status, html: `<p>${description}</p>` });
const open = () => openDoor({ controllers: [Throwing], exposure, errorPage });

describe('a refusal', () => {
  it('shown as JSON has the public code and sentence and nothing private [RFC6749-5.2] [TOK-42]', async () => {
    const door = await open();
    const { status, headers, body } = await ask(door.port, '/throw/json');
    expect({ status, body }).toEqual({
      status: 400,
      body: '{"error":"invalid_grant","error_description":"the authorization code is not valid"}',
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    // The engine audits its own refusals.
    expect(door.audit()).toEqual([]);
  });

  it('of a client is 401 [RFC6749-5.2] [TOK-08]', async () => {
    const { port } = await open();
    expect(await ask(port, '/throw/client')).toMatchObject({
      status: 401,
      body: expect.stringContaining('invalid_client'),
    });
  });

  it('shown by redirect is 303, so that nothing posted goes along [RFC9700-4.12] [AUTH-15]', async () => {
    const { port } = await open();
    const { status, headers, body } = await ask(port, '/throw/redirect');
    expect({ status, location: headers.location, body }).toEqual({
      status: 303,
      location: 'https://c.example/cb?error=access_denied',
      body: '',
    });
  });

  it('shown as a page is the application’s page; without pages it is JSON', async () => {
    const { port } = await open();
    const page = await ask(port, '/throw/page');
    expect(page).toMatchObject({ status: 400, body: '<p>the request_uri is not valid</p>' });
    const bare = await openDoor({ controllers: [Throwing], exposure });
    expect((await ask(bare.port, '/throw/page')).body).toContain('"error":"invalid_request"');
  });

  it('is JSON when the page cannot be made', async () => {
    const broken = () => {
      throw new Error('no template');
    };
    const { port } = await openDoor({ controllers: [Throwing], exposure, errorPage: broken });
    expect(await ask(port, '/throw/page')).toMatchObject({
      status: 400,
      body: expect.stringContaining('invalid_request'),
    });
  });

  it('of a resource has its challenge, and no code when no token was sent [RFC6750-3.1] [RS-05] [RFC6750-3] [RS-04]', async () => {
    const { port } = await open();
    const wrong = await ask(port, '/throw/resource');
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/);
    expect((await ask(port, '/throw/no-token')).headers['www-authenticate']).toBe(
      'Bearer, DPoP algs="ES256 PS256 EdDSA"',
    );
    const forbidden = await ask(port, '/throw/forbidden');
    expect(forbidden.status).toBe(403);
    expect(forbidden.headers['www-authenticate']).toContain('insufficient_scope');
  });

  it.each(['/throw/nonce', '/nonce-twice'])(
    'for want of a nonce carries exactly one, at %s [RFC9449-8]',
    async (path) => {
      const { port } = await open();
      const { status, headers } = await ask(port, path);
      expect([status, headers['www-authenticate']]).toEqual([400, undefined]);
      // Of two, a client of Node would see both, joined.
      expect(headers['dpop-nonce']).toBe('fresh');
    },
  );

  it('for want of a nonce at a resource is 401, and names DPoP alone [RFC9449-9]', async () => {
    const { port } = await open();
    const { status, headers } = await ask(port, '/throw/nonce-at-resource');
    expect([status, headers['dpop-nonce']]).toEqual([401, 'fresh']);
    expect(headers['www-authenticate']).toMatch(
      /^DPoP error="use_dpop_nonce", error_description="[^"]+", algs="ES256 PS256 EdDSA"$/,
    );
    expect((await ask(port, '/throw/resource')).headers).not.toHaveProperty('dpop-nonce');
  });

  it('for a while is 503', async () => {
    const { port } = await open();
    expect((await ask(port, '/throw/busy')).status).toBe(503);
  });
});

describe('an error nobody expected', () => {
  it.each(['error', 'exception', 'nothing'])(
    '(%s) is server_error without its text, logged and audited once',
    async (what) => {
      const door = await open();
      const answer = await ask(door.port, `/throw/${what}`);
      expect(answer).toMatchObject({ status: 500, body: expect.stringContaining('"error":"server_error"') });
      expect(JSON.stringify(answer)).not.toContain('hunter2');
      expect(door.audit()).toEqual([
        expect.objectContaining({ action: 'host.request', outcome: 'refused', reason: 'unexpected', app: 'test' }),
      ]);
      expect(door.log.filter((line) => line.includes('nobody expected'))).toHaveLength(1);
    },
  );

  it('in the middle of an answer cuts the answer off', async () => {
    const { port } = await open();
    await expect(ask(port, '/late')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });
});

describe('an answer', () => {
  it('may bring its own Content-Security-Policy', async () => {
    const { port } = await open();
    const { headers } = await ask(port, '/page');
    expect(headers['content-security-policy']).toBe("default-src 'none'; form-action https://c.example");
    expect(headers['x-frame-options']).toBe('DENY');
  });

  it('to a posted form sends the browser on with 303 [RFC9700-4.12] [AUTH-15]', async () => {
    const { port } = await open();
    expect((await post(port, '/login', 'password=x')).status).toBe(303);
  });
});
