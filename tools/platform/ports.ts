import { execFile } from 'node:child_process';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** Whether a listener of ours could take the port on loopback now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The process that listens on a port, where this machine lets us see it. */
export async function holderOf(port: number): Promise<PortHolder | undefined> {
  const pid = process.platform === 'linux' ? await pidFromProc(port) : await pidFromLsof(port);
  if (pid === undefined) return undefined;
  return { pid, command: await commandOf(pid) };
}

const LISTENING = '0A';

async function pidFromProc(port: number): Promise<number | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENING && local?.endsWith(`:${hexPort}`))
    .map((columns) => `socket:[${columns[9] ?? ''}]`);
  return inodes.length === 0 ? undefined : pidHolding(new Set(inodes));
}

async function pidHolding(sockets: ReadonlySet<string>): Promise<number | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
    if (targets.some((target) => sockets.has(target))) return Number(pid);
  }
  return undefined;
}

const run = promisify(execFile);

async function pidFromLsof(port: number): Promise<number | undefined> {
  const found = await run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']).catch(() => undefined);
  const pid = Number.parseInt(found?.stdout ?? '', 10);
  return Number.isNaN(pid) ? undefined : pid;
}

async function commandOf(pid: number): Promise<string> {
  const found = await run('ps', ['-p', String(pid), '-o', 'args=']).catch(() => undefined);
  const fromProc = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return shorten(found?.stdout ?? fromProc.replaceAll('\0', ' '));
}

const LONGEST_COMMAND = 100;

/** The end of a command line says more than its beginning: the program without its folder, then as much of the end as fits. */
function shorten(command: string): string {
  const [program = '', ...args] = command.trim().split(/\s+/);
  const name = program.split('/').at(-1) ?? program;
  const rest = args.join(' ');
  return rest.length <= LONGEST_COMMAND ? `${name} ${rest}`.trim() : `${name} … ${rest.slice(-LONGEST_COMMAND)}`;
}
