import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));
const programs = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-rpc-generated-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every address is sent to a port where nobody listens: what needs a network fails. */
const offline = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' };

function buf(...args: string[]): void {
  const env = { ...process.env, ...offline, PATH: [programs, process.env['PATH']].join(delimiter) };
  execFileSync(join(programs, 'buf'), args, { cwd: project, env, stdio: 'pipe' });
}

function filesUnder(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length), readFileSync(path, 'utf8')]));
}

describe('the contracts', () => {
  it('keep the rules of the proto linter', () => {
    buf('lint');
  });

  it('generate exactly the committed files, without a network', () => {
    buf('generate', '--output', folder);
    const committed = filesUnder(join(project, 'src/gen'));
    expect(Object.keys(committed)).toHaveLength(4);
    expect(filesUnder(join(folder, 'src/gen'))).toEqual(committed);
  });
});
