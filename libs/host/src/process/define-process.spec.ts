import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { pki } from '../testing/door.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-process-'));
pki.write(home);
afterAll(() => rmSync(home, { recursive: true }));

const program = new URL('../testing/example-process.ts', import.meta.url).pathname;
const flags = ['--conditions=@holdfast/source', '--no-warnings'];
const authority = { trust: 'pki/trust' };
const identity = { certificate: 'pki/lab/web.crt', key: 'pki/lab/web.key' };

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly errors: () => string;
  readonly code: Promise<number | null>;
}

function watch(child: ChildProcess): Run {
  running.add(child);
  let out = '';
  let errors = '';
  child.stdout?.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const said = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'end'));
  // Not 'close': Node leaves it out for a child whose channel the parent has closed.
  const code = Promise.all([once(child, 'exit'), ...said]).then(([[status]]) => status as number | null);
  return { child, out: () => out, errors: () => errors, code };
}

function configured(config: object, ...args: string[]): string[] {
  const file = join(mkdtempSync(join(home, 'config-')), 'example.json');
  writeFileSync(file, JSON.stringify({ listener: { host: '127.0.0.1', port: 0 }, identity, authority, ...config }));
  return ['--config', file, '--home', home, ...args];
}

const start = (config: object, ...args: string[]): Run =>
  watch(spawn(process.execPath, [...flags, program, ...configured(config, ...args)]));

/** Runs to its end and hands over what it said. */
async function finish(run: Run): Promise<{ code: number | null; out: string; errors: string }> {
  const code = await run.code;
  return { code, out: run.out(), errors: run.errors() };
}

async function ready(run: Run): Promise<number> {
  while (!run.out().includes('"msg":"ready"')) {
    if (run.child.exitCode !== null) throw new Error(`ended before it was ready: ${run.errors()}`);
    await sleep(20);
  }
  return Number(/lab\.localhost:(\d+)/.exec(run.out())?.[1]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('a process that cannot start', () => {
  const oneLine = /^example: [^\n]+\n$/;

  it('says in one line that its port is taken, and how to find the holder', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await finish(start({ listener: { host: '127.0.0.1', port } }));
    server.close();
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(oneLine) });
    expect(errors).toContain(`port ${port} on 127.0.0.1 is taken`);
  });

  it('says in one line that its keys are missing, and how they are made', async () => {
    const missing = { certificate: 'pki/nobody/x.crt', key: 'pki/nobody/x.key' };
    const { code, errors } = await finish(start({ identity: missing }));
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(oneLine) });
    expect(errors).toContain('npm start');
  });

  it.each<[string, string, string | Buffer | undefined, RegExp]>([
    ['an empty bundle', 'web.pem', '', /web\.pem is empty/],
    ['DER for PEM', 'participants.pem', pki.participants.root.certificate.raw, /participants\.pem is not PEM/],
    ['a bundle cut short', 'services.pem', pki.services.trust.pem.slice(0, -40), /services\.pem is cut short/],
    [
      'authorities of the right names that are forged: their lists are signed by others',
      'participants.pem',
      pki.rogue().trust.pem,
      /participants\.crl: .+not signed by this authority/,
    ],
    [
      'a forged authority beside the right ones',
      'web.pem',
      pki.web.trust.pem + String(pki.rogue('web').intermediate.certificate),
      /which no root in it has signed/,
    ],
    [
      'a leaf for an authority',
      'web.pem',
      pki.web.trust.pem + pki.leaf('lab/web').certificatePem,
      /not a certification/,
    ],
    ['no revocation list', 'services.crl', undefined, /services\.crl does not exist/],
    ['a revocation list of another purpose', 'services.crl', pki.state().purposes.web.revocationLists, /not signed/],
  ])('says in one line that what it is to trust cannot be used: %s', async (_, file, content, problem) => {
    const folder = mkdtempSync(join(home, 'trust-'));
    cpSync(join(home, 'pki/trust'), folder, { recursive: true });
    if (content === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), content);
    const run = start({ authority: { trust: folder } });
    const { code, errors } = await finish(run);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(oneLine) });
    expect(errors).toMatch(problem);
    expect(run.out()).not.toContain('ready');
  });

  it('says in one line that its certificate has expired', async () => {
    const expired = { certificate: 'pki/lab/expired.crt', key: 'pki/lab/expired.key' };
    const { code, errors } = await finish(start({ identity: expired }));
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(oneLine) });
    expect(errors).toContain('expired');
  });

  it('says in one line what nobody foresaw, and the whole story with --debug', async () => {
    const plain = await finish(start({ behave: 'fail-to-start' }));
    expect(plain).toMatchObject({
      code: 1,
      errors: 'example: nothing works. Start again with --debug for the whole story.\n',
    });
    expect((await finish(start({ behave: 'fail-to-start' }, '--debug'))).errors).toContain('example-process.ts');
  });

  it('says in one line what is wrong with its arguments and its configuration', async () => {
    expect(await finish(start({}, '--nonsense'))).toMatchObject({ code: 1, errors: expect.stringMatching(oneLine) });
    expect(await finish(start({ listner: 1 }))).toMatchObject({
      code: 1,
      errors: expect.stringContaining('"listner"'),
    });
  });
});

describe('--check-config', () => {
  it('exits 1 for a wrong configuration and 0 for a right one, starting nothing', async () => {
    expect(await finish(start({ behave: 'badly' }, '--check-config'))).toMatchObject({ code: 1 });
    const { code, out } = await finish(start({ behave: 'fail-to-start' }, '--check-config'));
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('is valid') });
  });
});

describe('--check-health', () => {
  it('exits 1 when the configuration does not say whom to ask, or when nobody is there', async () => {
    expect(await finish(start({}, '--check-health'))).toMatchObject({
      code: 1,
      errors: expect.stringContaining('"health"'),
    });
    const health = { url: `https://lab.localhost:${await freePort()}`, trust: 'pki/trust/web.pem' };
    expect(await finish(start({ health }, '--check-health'))).toMatchObject({
      code: 1,
      errors: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('exits 1 when another than the process itself answers, 0 when it is ready', async () => {
    const port = await ready(start({}));
    const check = (url: string, trust: string) => finish(start({ health: { url, trust } }, '--check-health'));
    const own = `https://lab.localhost:${port}`;
    expect(await check(`https://other.localhost:${port}`, 'pki/trust/web.pem')).toMatchObject({ code: 1 });
    expect(await check(own, 'pki/trust/services.pem')).toMatchObject({ code: 1 });
    expect(await check(own, 'pki/trust/web.pem')).toMatchObject({ code: 0, out: 'example: ready\n' });
  });
});

describe('a command of its own', () => {
  it('exits 1 with one line when it fails, and 0 with what it says, starting nothing', async () => {
    expect(await finish(start({ behave: 'badly' }, '--tell-home'))).toMatchObject({ code: 1, out: '' });
    expect(await finish(start({ behave: 'fail-to-start' }, '--tell-home'))).toMatchObject({
      code: 1,
      out: '',
      errors: 'example: nothing to tell. Start again with --debug for the whole story.\n',
    });
    expect(await finish(start({}, '--tell-home'))).toEqual({ code: 0, out: `home is ${home}\n`, errors: '' });
    expect(readFileSync(join(home, 'audit/example.jsonl'), 'utf8')).toContain('"action":"example.tell"');
  });

  it('does its work beside the running process', async () => {
    const run = start({});
    await ready(run);
    expect((await finish(start({}, '--tell-home'))).code).toBe(0);
    run.child.kill('SIGTERM');
    expect((await finish(run)).code).toBe(0);
  });
});

describe('a running process', () => {
  it('ends with a line when an error is handled by nobody', async () => {
    const { code, out } = await finish(start({ behave: 'fail-later' }));
    expect(code).toBe(1);
    expect(out).toContain('an error nobody handled');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('drains on %s and exits 0', async (signal) => {
    const run = start({});
    const port = await ready(run);
    expect((await ask(port, '/readyz', { host: 'lab.localhost' })).status).toBe(200);
    run.child.kill(signal);
    const { code, out } = await finish(run);
    expect(code).toBe(0);
    expect(out).toMatch(/"msg":"draining"[\s\S]*"msg":"ended"/);
  });

  it('takes the same signal from two senders for one wish', async () => {
    const run = start({});
    await ready(run);
    run.child.kill('SIGINT');
    run.child.kill('SIGTERM');
    expect((await finish(run)).code).toBe(0);
  });

  it('exits at once when it is told again', async () => {
    const run = start({ behave: 'never-close' });
    await ready(run);
    run.child.kill('SIGTERM');
    await sleep(900);
    run.child.kill('SIGTERM');
    const { code, out } = await finish(run);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('told twice') });
  });

  it('is ended when its drain does not end', async () => {
    const run = start({ behave: 'never-close' });
    await ready(run);
    run.child.kill('SIGTERM');
    const { code, out } = await finish(run);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('took too long') });
  });

  it('tells its parent that it is ready, and ends when the parent is gone', async () => {
    const child = fork(program, configured({}), { execArgv: flags, silent: true });
    const run = watch(child);
    const [message] = await once(child, 'message');
    expect(message).toEqual({
      type: 'ready',
      name: 'example',
      urls: [expect.stringMatching(/^https:\/\/lab\.localhost:\d+$/)],
    });
    child.disconnect();
    const { code, out } = await finish(run);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('the parent process is gone') });
  });
});
