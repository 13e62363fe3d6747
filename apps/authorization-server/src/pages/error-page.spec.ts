import { refuse } from '@holdfast/fapi';
import type { OAuthErrorCode, Reason } from '@holdfast/fapi';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import type { PagesUnderTest } from '../testing/pages-under-test.ts';
import { pagesUnderTest } from '../testing/pages-under-test.ts';
import { kindOf } from './error-kinds.ts';

const REQUEST_URI = `urn:ietf:params:oauth:request_uri:${'x'.repeat(43)}`;

describe('the kind of an error', () => {
  it.each<[OAuthErrorCode, Reason[]]>([
    ['invalid_request_uri', ['request_uri_unknown', 'request_uri_used', 'request_uri_expired', 'request_uri_foreign']],
    ['not_found', ['route_unknown', 'object_not_found']],
  ])('of %s does not tell apart what the public sentence does not', (code, reasons) => {
    const told = reasons.map((reason) => [refuse(code, reason).description, kindOf(refuse(code, reason))].join());
    expect(new Set(told).size).toBe(1);
  });

  it('of a code nobody thought of is told in general words', () => {
    expect(kindOf(refuse('invalid_grant', 'code_unknown'))).toBe('other');
  });
});

describe('an error page', () => {
  let world: PagesUnderTest;
  const [engine] = storesUnderTest();
  beforeAll(async () => {
    if (engine === undefined) throw new Error('no store');
    world = await pagesUnderTest(await engine.open<AuthorizationTables>(migrations));
  });
  afterAll(() => world.close());

  const errors = [
    ['/nowhere', 404, 'not_found', 'page_unknown'],
    ['/authorize', 400, 'invalid_request', 'request_invalid'],
    ['/authorize?client_id=stranger', 400, 'invalid_request', 'client_unknown'],
    ['/authorize?client_id=tidepool', 400, 'invalid_request', 'request_invalid'],
    ['/authorize?client_id=tidepool&client_id=other', 400, 'invalid_request', 'request_invalid'],
    [`/authorize?client_id=tidepool&request_uri=${REQUEST_URI}`, 400, 'invalid_request_uri', 'request_over'],
    [`/interaction/${'x'.repeat(43)}`, 400, 'invalid_request_uri', 'request_over'],
  ] as const;

  it.each(errors)(
    'of %s says its status, its code, its kind and where to find it',
    async (path, status, code, kind) => {
      const page = await world.browser().get(path);
      expect(page.status).toBe(status);
      expect(page.html).toContain(`id="error-code">${code}<`);
      expect(page.html.match(/data-error="(\w+)"/)?.[1]).toBe(kind);
      const interaction = page.header('x-fapi-interaction-id');
      expect(page.html).toContain(`id="interaction-id">${interaction}<`);
    },
  );

  it.each(errors.filter(([path]) => path !== '/nowhere'))(
    'of %s is found in the audit trail under its reference, with the precise reason',
    async (path, _, code) => {
      const interaction = (await world.browser().get(path)).header('x-fapi-interaction-id');
      const found = world.audit().filter((event) => event.interaction === interaction);
      expect(found).toMatchObject([{ outcome: 'refused', error: code }]);
    },
  );

  it.each(errors)('of %s speaks Japanese to a Japanese browser, with the same markers', async (path, _, code, kind) => {
    const { html } = await world.browser().get(path, { 'accept-language': 'ja-JP,ja;q=0.9' });
    expect(html).toContain('<html lang="ja">');
    expect(html).toContain('<h1>処理できませんでした</h1>');
    expect(html).toContain(`id="error-code">${code}<`);
    expect(html).toContain(`data-error="${kind}"`);
  });

  it('of our own fault tells nothing of it', async () => {
    const { state } = world.engine;
    const { findPushedRequest } = state;
    state.findPushedRequest = () => Promise.reject(new Error('disk on fire'));
    const page = await world.browser().get(`/authorize?client_id=tidepool&request_uri=${REQUEST_URI}`);
    state.findPushedRequest = findPushedRequest;
    expect(page.status).toBe(500);
    expect(page.html).toContain('id="error-code">server_error<');
    expect(page.html).toContain('data-error="ours"');
    expect(page.html).not.toContain('fire');
  });

  it('comes under the policy of the pages, can be stored by nobody and gives nothing away', async () => {
    const page = await world.browser().get(`/authorize?client_id=%3Cb%3E&request_uri=${REQUEST_URI}`);
    expect(page.header('content-security-policy')).toContain("default-src 'none'");
    expect(page.header('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.header('referrer-policy')).toBe('same-origin');
    expect(page.header('cache-control')).toBe('no-store');
    expect(page.html).not.toContain('x'.repeat(43));
    expect(page.html).not.toMatch(/<script|style=|<b>/);
  });

  it('has one heading, a title, a language and an alert for who cannot see it', async () => {
    const { html } = await world.browser().get('/nowhere');
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).toMatch(/<html lang="en">.*<title>[^<]+<\/title>.*<main>.*role="alert"/s);
  });
});
