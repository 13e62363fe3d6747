import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerUser } from './server-user.ts';

export interface PostgresProcess {
  readonly ended: boolean;
  /** The end of what the server said. */
  log(): string;
  /** Ends the server at once and removes its folder; resolves when both are gone. */
  stop(): Promise<void>;
}

/** The server's parameters, as in postgresql.conf. */
export type PostgresSettings = Readonly<Record<string, string>>;

/** Speed over durability: the tests prove what survives the death of a process of ours; this folder is thrown away. */
export const THROW_AWAY: PostgresSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  listen_addresses: '',
  port: '5432',
  max_connections: '200',
  shared_buffers: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

/**
 * Runs the server, and ends it when our end of the pipe on standard input closes: also when the test run is killed,
 * nothing stays behind. Arguments: the folder to remove afterwards, then the server's command line.
 */
const WATCHDOG = `
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(cat <&3; kill -QUIT "$server") >/dev/null 2>&1 &
watch=$!
wait "$server"
kill "$watch" 2>/dev/null
cd /
rm -rf "$folder"`;

/** Starts postgres on `<folder>/data`, its unix socket in `folder`. It may need a moment until it answers. */
export function runPostgres(
  programs: string,
  user: ServerUser,
  folder: string,
  settings: PostgresSettings,
): PostgresProcess {
  const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = [join(programs, 'postgres'), '-D', join(folder, 'data'), '-k', folder, ...parameters];
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', folder, ...server], {
    ...user,
    cwd: folder,
    env: serverEnvironment(),
    // Its own group: Ctrl-C in the terminal reaches the test run only, whose end the watchdog then sees.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-2_000);
  });
  return {
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    log: () => tail.trim(),
    stop: async () => {
      child.stdin.end();
      await Promise.race([exited, sleep(10_000, undefined, { ref: false })]);
    },
  };
}

/** Nothing of the caller's PG* variables may steer the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}
