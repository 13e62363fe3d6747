import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwnedContext, RunningProcess } from '@holdfast/host';
import { createContext } from '@holdfast/host';
import { CERTIFICATE_FINDINGS, localhostLookup } from '@holdfast/mtls';
import { PATIENTS } from '@holdfast/mtls/clinic';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from '../attacks/catalogue.ts';
import { readRequirementList } from '../verdict/requirement-list.ts';
import { SECTION_TITLES } from '../verdict/verdict-words.ts';
import { readForms, readableText } from '../wire/html-form.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import { pageConfig, startLab } from './serve-page.ts';
import type { PageConfig } from './serve-page.ts';

const LOCAL = new URL('../../../../infra/config/local/lab.json', import.meta.url);
const ORIGIN = 'https://lab.localhost:9743';

/** The page server on a free port, in front of a platform that is not there: its control group needs none. */
describe('the page of the lab', () => {
  let ctx: OwnedContext<PageConfig>;
  let lab: RunningProcess;
  let call: (
    method: 'GET' | 'POST',
    path: string,
    headers?: readonly Field[],
    form?: readonly Field[],
  ) => Promise<Exchange>;

  beforeAll(async () => {
    const home = mkdtempSync(join(tmpdir(), 'lab-page-'));
    const pki = throwAwayPki();
    pki.write(home);
    const file = JSON.parse(readFileSync(LOCAL, 'utf8')) as Record<string, unknown>;
    // A port nobody listens on stands for the platform that was not started; its certificates lie there already.
    const config = pageConfig.parse({
      ...file,
      authority: { trust: 'pki/trust' },
      issuer: 'https://auth.localhost:9',
      listener: { host: '127.0.0.1', port: 0 },
    });
    ctx = createContext({ name: 'lab', config, home });
    lab = await startLab(ctx);
    const [url = ''] = lab.ready ?? [];
    const route = { serverTrust: pki.web.trust.pem, lookup: localhostLookup('loopback')! };
    call = (method, path, headers = [], form) =>
      httpsCall(
        { name: 'a visitor', route },
        { method, url: url + path, headers, ...(form === undefined ? {} : { form }) },
      );
  });
  afterAll(async () => {
    ctx.startDraining();
    await lab.close();
    ctx.release();
  });

  const play = (attack: string, origin: string, back = '/') =>
    call(
      'POST',
      '/runs',
      [['origin', origin]],
      [
        ['attack', attack],
        ['language', 'ja'],
        ['back', back],
      ],
    );

  it('plays nothing for a form of another site, or of nobody [RFC9700-4.7]', async () => {
    expect((await play('T02', 'https://evil.invalid')).status).toBe(403);
    expect((await call('POST', '/runs', [], [['attack', 'T02']])).status).toBe(403);
    expect(readableText((await call('GET', '/attacks/t02?lang=en')).body)).toContain('not played yet');
  });

  const askFor = (section: string, origin: string) =>
    call(
      'POST',
      '/verdicts',
      [['origin', origin]],
      [
        ['section', section],
        ['language', 'en'],
      ],
    );

  it('asks for nothing for a form of another site, or of nobody [RFC9700-4.7]', async () => {
    expect((await askFor('TLS', 'https://evil.invalid')).status).toBe(403);
    expect((await call('POST', '/verdicts', [], [['section', 'TLS']])).status).toBe(403);
    expect((await call('GET', '/verdict')).body).not.toContain('http-equiv="refresh"');
  });

  it('knows no other pages, and sends nobody elsewhere [RFC9700-4.11]', async () => {
    for (const path of ['/attacks/t99', '/attacks/T02', '/assets/other.css', '/runs', '/..%2f'])
      expect([404, 405, 400]).toContain((await call('GET', path)).status);
    const answer = await play('nothing', ORIGIN, 'https://evil.invalid/');
    expect(answer).toMatchObject({ status: 303 });
    expect(answer.headers.get('location')).toBe('/?lang=ja');
  });

  it('lists every attack in the language of the address, else of the browser', async () => {
    const english = readableText((await call('GET', '/?lang=en', [['accept-language', 'ja']])).body);
    const japanese = readableText((await call('GET', '/', [['accept-language', 'ja,en;q=0.5']])).body);
    for (const { id, title, story } of CATALOGUE) {
      for (const text of [id, title.en, story.en]) expect(english).toContain(text);
      for (const text of [title.ja, story.ja]) expect(japanese).toContain(text);
    }
  });

  it('lists every requirement with its clauses, its tests and how it stands', async () => {
    const page = await call('GET', '/verdict?lang=ja');
    const text = readableText(page.body);
    for (const { prefix, lines } of readRequirementList()) {
      expect(text).toContain(SECTION_TITLES[prefix]?.ja ?? 'no title');
      for (const { id, clauses, tests } of lines) {
        expect(page.body).toContain(`id="${id.toLowerCase()}"`);
        for (const part of [id, ...clauses.map(({ clause }) => clause), ...tests.map(({ file }) => file)])
          expect(text).toContain(part);
      }
    }
    expect(page.body).not.toMatch(/<script|javascript:| on[a-z]+=/i);
    expect(text).toContain('未確認');
  });

  it('asks for a section, shows it going on, and then that nothing could be asked', async () => {
    expect((await askFor('META', ORIGIN)).headers.get('location')).toBe('/verdict?lang=en');
    await expect.poll(async () => (await call('GET', '/verdict')).body.includes('http-equiv="refresh"')).toBe(false);
    const text = readableText((await call('GET', '/verdict?lang=en')).body);
    for (const part of ['UNCLEAR', 'The platform is not there', 'not asked yet', 'tested'])
      expect(text).toContain(part);
    expect(text).not.toContain('pass ');
  });

  const examine = (headers: readonly Field[]) => call('POST', '/examinations', headers, [['language', 'ja']]);

  it('examines nobody for a form of another site, or of nobody [RFC9700-4.7]', async () => {
    expect((await examine([['origin', 'https://evil.invalid']])).status).toBe(403);
    expect((await examine([])).status).toBe(403);
    expect(readableText((await call('GET', '/clinic?lang=en')).body)).toContain('not examined yet');
  });

  it('lists every patient with code, hint and remedy, in both languages and without script', async () => {
    for (const language of ['en', 'ja'] as const) {
      const page = await call('GET', `/clinic?lang=${language}`);
      const text = readableText(page.body);
      for (const { id, what, code, onPaper = code } of PATIENTS) {
        const finding = onPaper && CERTIFICATE_FINDINGS[onPaper];
        const told = finding ? [onPaper, finding.fault, finding.hint, finding.remedy] : [];
        for (const part of [id, what, ...told])
          expect(text).toContain(typeof part === 'string' ? part : part[language]);
      }
      expect(page.body).not.toMatch(/<script|javascript:| on[a-z]+=/i);
    }
  });

  it('examines, shows it going on, and then that nobody could be examined', async () => {
    expect((await examine([['origin', ORIGIN]])).headers.get('location')).toBe('/clinic?lang=ja');
    await expect.poll(async () => (await call('GET', '/clinic')).body.includes('http-equiv="refresh"')).toBe(false);
    const text = readableText((await call('GET', '/clinic?lang=en')).body);
    expect(text).toContain('The platform is not there');
    expect(text).not.toContain('as it should be');
  });

  it('works without script, in nobody’s frame, with its own stylesheet', async () => {
    const page = await call('GET', '/');
    expect(page.body).not.toMatch(/<script|javascript:| on[a-z]+=/i);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.body).not.toContain('http-equiv="refresh"');
    const style = await call('GET', /\/assets\/[\w.-]+css/.exec(page.body)![0]);
    expect(style).toMatchObject({ status: 200 });
    expect(readForms(page.body, `${ORIGIN}/`)).toHaveLength(CATALOGUE.length + 1);
  });

  it('plays one attack, shows it going on, and then what was stolen and why the rest proves nothing', async () => {
    const answer = await play('T02', ORIGIN, '/attacks/t02');
    expect(answer.headers.get('location')).toBe('/attacks/t02?lang=ja');
    expect((await call('GET', '/?lang=en')).body).toContain('http-equiv="refresh"');
    // A second press while it plays is heard and changes nothing.
    expect((await play('all', ORIGIN)).status).toBe(303);
    await expect.poll(async () => (await call('GET', '/?lang=en')).body.includes('http-equiv="refresh"')).toBe(false);
    const text = readableText((await call('GET', '/attacks/t02?lang=en')).body);
    for (const part of ['STOLEN: Alice: 8412.50 EUR', 'INCONCLUSIVE', 'The real stack is not there'])
      expect(text).toContain(part);
    expect(readableText((await call('GET', '/attacks/t01?lang=en')).body)).toContain('not played yet');
  });
});
