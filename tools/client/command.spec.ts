import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformTrouble } from '../platform/trouble.ts';
import { workspaceRoot } from '../workspace.ts';
import { flowNames } from './flows/flow-names.ts';
import { runFlow } from './run-flow.ts';
import { loadClient } from './load-client.ts';
import { readClientOptions, usage } from './options.ts';
import type { Bend } from './testing/bend.ts';
import { freePort } from './testing/free-port.ts';
import { PERSON } from './testing/registration.ts';
import type { Variant } from './testing/registration.ts';
import { World } from './testing/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-client-'));
const file = join(folder, 'client.json');
let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

/** The command as it is typed. */
async function command(
  args: readonly string[],
  variant: Variant = {},
  bend: Bend = {},
): Promise<{ code: number; said: string }> {
  writeFileSync(file, JSON.stringify(await world.begin(variant, bend)), { mode: 0o600 });
  const all = [
    '--conditions=@holdfast/source',
    '--disable-warning=ExperimentalWarning',
    join(workspaceRoot, 'tools/client.ts'),
    ...args,
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, said: stripVTControlCharacters(stdout + stderr) });
    });
  });
}

describe('npm run client', () => {
  it('tells a refusal in one line with its clause, and ends with 1', async () => {
    const { code, said } = await command(
      [file, 'code'],
      {},
      { answer: (answer) => answer.set('iss', 'https://evil.localhost') },
    );
    expect(code).toBe(1);
    expect(said).toMatch(/^ {2}✖ its answer /m);
    expect(said).toMatch(/^ {2}Refused by us: the answer is from another server.* \[RFC9207-2\.4\] answer_iss_wrong$/m);
  });

  it('tells what is wrong with its arguments or its file, and ends with 2', async () => {
    const { code, said } = await command([file, 'implicit']);
    expect(code).toBe(2);
    expect(said).toMatch(/✖ there is no flow implicit\n {2}→ The flows are code, /);
    expect(said).not.toContain('    at ');
  });

  it.each([[], ['me'], ['me', 'implicit'], ['me', 'code', 'twice'], ['me', 'code', '--loud']].map((args) => [args]))(
    'does not understand %j',
    (args) => {
      expect(() => readClientOptions(args)).toThrow(PlatformTrouble);
    },
  );

  it('explains itself', () => {
    expect(readClientOptions(['--help'])).toBeUndefined();
    for (const flow of flowNames) expect(usage).toContain(`${flow} `);
  });

  it('tells what the server says, and ends with 3', async () => {
    const { code, said } = await command(
      [file, 'code'],
      {},
      { par: () => ({ status: 400, body: { error: 'invalid_request', error_description: 'not like this' } }) },
    );
    expect(code).toBe(3);
    expect(said).toMatch(/^ {2}Refused by the server: invalid_request: not like this$/m);
  });

  it('tells each step with what was looked at and how long it took, and ends with 0', async () => {
    const { code, said } = await command([file, 'code']);
    expect(code).toBe(0);
    const lines = said.trimEnd().split('\n');
    expect(lines).toHaveLength(8);
    for (const line of lines.slice(0, 7)) expect(line).toMatch(/^ {2}✔ [\w ]{22} \S.* \d+ ms$/);
    expect(lines[7]).toContain('all went well');
  });

  it('tells one document to machines', async () => {
    const { code, said } = await command([file, 'code', '--json'], {}, { userinfo: () => ({ sub: 'somebody-else' }) });
    expect(code).toBe(1);
    expect(JSON.parse(said)).toMatchObject({
      outcome: 'refused',
      reason: 'userinfo_sub_wrong',
      clause: 'OIDC-CORE-5.3.2',
      flow: 'code',
    });
  });

  it('tells nobody a token, a code or a key', async () => {
    const variant: Variant = {
      auth: 'private_key_jwt',
      constraint: 'dpop',
      profile: 'fapi2-message-signing',
      responseMode: 'jwt',
    };
    const { said } = await command([file, 'refresh', '--json'], variant);
    const sent = world.server.calls.flatMap(({ request }) => [
      ...request.form.values(),
      request.headers.authorization?.split(' ')[1] ?? '',
    ]);
    const secrets = sent.filter((value) => value.length > 30 && !value.startsWith('https:') && !value.includes(' '));
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of secrets) expect(said).not.toContain(secret);
  });
});

describe('a run', () => {
  it('is refused by a server that cannot prove its name [RFC9525-6]', async () => {
    const { port } = new URL(world.server.addresses.resource);
    const own = await world.begin();
    const elsewhere = loadClient({ ...own, issuer: `https://auth.localhost:${port}` }, folder);
    expect(await runFlow(elsewhere, 'code')).toMatchObject({
      outcome: 'refused',
      reason: 'server_certificate_refused',
    });
    const other = loadClient({ ...own, trust: world.pki.participants.trust.pem }, folder);
    expect(await runFlow(other, 'code')).toMatchObject({ outcome: 'refused', reason: 'server_certificate_refused' });
    expect(world.server.calls).toEqual([]);
  });

  it('is not usable when nobody is there', async () => {
    const nobody = loadClient(
      { ...(await world.begin()), issuer: `https://auth.localhost:${await freePort()}` },
      folder,
    );
    expect(await runFlow(nobody, 'code')).toMatchObject({
      outcome: 'unusable',
      what: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is not usable when a page asks for a person and the file names none', async () => {
    const report = await world.run('code', { pages: 'shown' });
    expect(report).toMatchObject({ outcome: 'unusable', what: expect.stringContaining('names nobody') });
  });

  it('is not usable when a page is not understood', async () => {
    const report = await world.run(
      'code',
      {},
      { page: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>Hello' }) },
    );
    expect(report).toMatchObject({ outcome: 'unusable', what: expect.stringContaining('not understood') });
  });

  it('ends with what a page says', async () => {
    const wrong = await world.run('code', { pages: 'shown', login: { ...PERSON, password: 'guess' } });
    expect(wrong).toMatchObject({ outcome: 'refused_by_server', what: expect.stringContaining('not accepted') });
    const body = '<title>No</title><b id="error-code">invalid_request_uri</b>';
    const page: Bend['page'] = () => ({ status: 400, headers: { 'content-type': 'text/html' }, body });
    expect(await world.run('code', {}, { page })).toMatchObject({
      outcome: 'refused_by_server',
      code: 'invalid_request_uri',
    });
  });

  it('ends with a denial that is really of this server and this request [RFC6749-4.1.2.1]', async () => {
    const denied: Bend['answer'] = (answer) => {
      answer.delete('code');
      answer.set('error', 'access_denied');
    };
    const signed: Variant = { profile: 'fapi2-message-signing', responseMode: 'jwt' };
    for (const variant of [{}, signed])
      expect(await world.run('code', variant, { answer: denied })).toMatchObject({
        outcome: 'refused_by_server',
        code: 'access_denied',
      });
    expect(world.server.callsTo('token')).toEqual([]);
  });

  it('is not usable when nobody agrees elsewhere who could', async () => {
    const variant: Variant = { profile: 'fapi-ciba', approval: true };
    expect(await world.run('ciba-poll', variant)).toMatchObject({ outcome: 'unusable' });
    const guessed: Variant = { ...variant, login: { ...PERSON, password: 'guess' } };
    expect(await world.run('ciba-poll', guessed)).toMatchObject({ outcome: 'refused_by_server' });
    const emptied: Bend = {
      page: (honest, path) => (path === 'GET /approvals' ? { ...honest, body: '<p>Nothing' } : honest),
    };
    const report = await world.run('ciba-poll', { ...variant, login: PERSON }, emptied);
    expect(report).toMatchObject({
      outcome: 'unusable',
      what: expect.stringContaining('nothing that shows our binding'),
    });
    expect(world.server.callsTo('token')).toEqual([]);
  });

  it('ends with the decision of the person elsewhere [CIBA-CORE-11]', async () => {
    for (const undecided of ['access_denied', 'expired_token'] as const) {
      await world.client({ profile: 'fapi-ciba' });
      const report = await world.run('ciba-poll', { profile: 'fapi-ciba' }, { undecided });
      expect(report).toMatchObject({ outcome: 'refused_by_server', code: undecided });
    }
  });

  it('ends with the challenge of a bank [RFC6750-3]', async () => {
    const resource: Bend['resource'] = () => ({
      status: 403,
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    });
    expect(await world.run('code', {}, { resource })).toMatchObject({
      outcome: 'refused_by_server',
      code: 'insufficient_scope',
    });
    expect(await world.run('code', {}, { resource: () => ({ status: 503 }) })).toMatchObject({ code: 'http_503' });
  });

  it('shows its token to the resource of its file, whatever else the server names [RFC9700-4.9.1]', async () => {
    const { otherBank } = world.server.addresses;
    const report = await world.run(
      'code',
      {},
      {
        metadata: (honest) => ({ ...honest, protected_resources: [otherBank] }),
        tokenResponse: (honest) => ({ ...honest, resource: otherBank, aud: otherBank }),
      },
    );
    expect(report).toMatchObject({ outcome: 'passed' });
    expect(world.server.callsTo('other bank')).toEqual([]);
  });

  it('keeps words of the other side on one line', async () => {
    const error_description = `${'a'.repeat(300)}\n\u001b[31mAll went well\u202e`;
    const report = await world.run(
      'code',
      {},
      { par: () => ({ status: 400, body: { error: 'x\ny', error_description } }) },
    );
    expect(report).toMatchObject({ outcome: 'refused_by_server', code: 'x y' });
    expect('what' in report && report.what).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
