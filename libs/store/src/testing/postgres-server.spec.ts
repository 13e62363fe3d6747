import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPostgres } from './postgres-binaries.ts';
import { administer, startPostgres } from './postgres-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-programs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const found = findPostgres();

describe('a private PostgreSQL', () => {
  it('says what was tried and how to get one, when there is none', async () => {
    const broken = { source: 'system', folder: join(folder, 'nothing') } as const;
    await expect(startPostgres([broken])).rejects.toThrow(/nothing: initdb: [^]*apt-get install postgresql/);
  });

  it('can always come from the npm package', () => {
    expect(found.map(({ source }) => source)).toContain('embedded');
  });

  it.each(found)('starts from $source programs in $folder, on no network, and leaves nothing', async (programs) => {
    const server = await startPostgres([programs]);
    expect(server.binaries).toEqual(programs);
    await administer(server.address, 'create database fresh');
    await server.stop();
    expect(existsSync(server.address.host)).toBe(false);
  });

  it('copies the packaged programs when the server cannot run them in place', async () => {
    const native = join(folder, 'native');
    const packaged = found.find(({ source }) => source === 'embedded');
    cpSync(dirname(packaged?.folder ?? ''), native, { recursive: true, verbatimSymlinks: true });
    // As npm leaves it when install scripts are off: the links between the libraries are missing.
    for (const entry of readdirSync(join(native, 'lib'), { withFileTypes: true })) {
      if (entry.isSymbolicLink()) rmSync(join(native, 'lib', entry.name));
    }
    const server = await startPostgres([{ source: 'embedded', folder: join(native, 'bin') }]);
    expect(server.binaries.folder).toBe(join(server.address.host, 'native/bin'));
    await server.stop();
    expect(existsSync(server.address.host)).toBe(false);
  });

  it('ends with the test run, also when that is killed', async () => {
    const program = `
      import { startPostgres } from ${JSON.stringify(new URL('./postgres-server.ts', import.meta.url).href)};
      const server = await startPostgres();
      console.log(server.address.host);
    `;
    const run = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [host] = (await once(run.stdout.setEncoding('utf8'), 'data')) as [string];
    expect(existsSync(host.trim())).toBe(true);
    run.kill('SIGKILL');
    await expect.poll(() => existsSync(host.trim()), { timeout: 10_000 }).toBe(false);
  });
});
