import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch } from './app-process.ts';
import type { LogLine } from './log-line.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-process-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A stand-in for the compiled entry of an app. */
function program(code: string): string {
  const main = join(home, 'main.mjs');
  writeFileSync(main, code);
  return main;
}

const stays = `setInterval(() => {}, 1000); console.log('{"level":"info","msg":"here"}');`;

function launched(code: string, onLine?: (line: LogLine) => void) {
  return launch({ app: 'bank', main: program(code), config: 'bank.json', home, ...(onLine && { onLine }) });
}

/** Settles with the first line the process writes. */
function firstLineOf(code: string) {
  return new Promise<{ line: LogLine; running: ReturnType<typeof launch> }>((resolve) => {
    const running: ReturnType<typeof launch> = launched(code, (line) => resolve({ line, running }));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a process of the platform', () => {
  it('that dies tells how, and its last words, which nobody asked for', async () => {
    const ending = await launched(`console.log('{"level":"error","msg":"no money left"}'); throw new Error('broke')`)
      .ended;
    expect(ending).toMatchObject({ app: 'bank', expected: false, how: 'exit code 1' });
    expect(ending.lastLines).toContain('no money left');
    expect(ending.lastLines).toContain('Error: broke');
  });

  it('that is told to end drains, and its end is expected', async () => {
    const { running } = await firstLineOf(`process.on('SIGTERM', () => process.exit(0)); ${stays}`);
    expect(await running.end('SIGTERM')).toMatchObject({ expected: true, how: 'exit code 0' });
  });

  it('that does not want to end is killed after its time', async () => {
    const { running } = await firstLineOf(`process.on('SIGTERM', () => {}); ${stays}`);
    expect(await running.end('SIGTERM', 200)).toMatchObject({ expected: true, how: 'signal SIGKILL' });
  });

  it('leaves all it said in its log', async () => {
    await launched(`console.log('first'); console.error('second')`).ended;
    const log = readFileSync(join(home, 'logs/bank.log'), 'utf8');
    expect(log.split('\n').toSorted()).toEqual(['', 'first', 'second']);
  });

  it('inherits nothing that changes how Node verifies its peers', async () => {
    const before = process.env;
    process.env = { ...before, NODE_EXTRA_CA_CERTS: '/nowhere.pem', NODE_OPTIONS: '--use-openssl-ca' };
    try {
      const { line, running } = await firstLineOf(
        `console.log(JSON.stringify({ msg: Object.keys(process.env).join() })); ${stays}`,
      );
      await running.end('SIGKILL');
      expect(line.text).toContain('PATH');
      expect(line.text).not.toMatch(/NODE_(?!COMPILE_CACHE)/);
    } finally {
      process.env = before;
    }
  });

  it('ends when its parent is killed, even one that is busy starting', async () => {
    const parent = join(home, 'parent.mjs');
    const main = program(`setTimeout(() => {}, 60_000)`);
    const door = pathToFileURL(join(import.meta.dirname, 'app-process.ts')).href;
    writeFileSync(
      parent,
      `import { launch } from '${door}';
       // Not console.log: where FORCE_COLOR is set, that paints a number.
       process.stdout.write(String(launch({ app: 'bank', main: '${main}', config: '', home: '${home}' }).pid));`,
    );
    const child = spawn(process.execPath, ['--conditions=@holdfast/source', parent], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });
});
