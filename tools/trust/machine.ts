import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A command to be run or to be shown. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Changes what belongs to the whole machine. */
  readonly asRoot: boolean;
}

/** What the stores have to know of the machine they are on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Of the person whose browsers they are. */
  readonly homeDirectory: string;
  readonly isRoot: boolean;
  has(program: string): boolean;
  /** Runs a program that changes nothing, or that the person has asked for. */
  run(program: string, args: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
}

/** The machine this runs on. */
export function thisMachine(environment: NodeJS.ProcessEnv = process.env): Machine {
  const folders = (environment.PATH ?? '').split(delimiter).concat('/usr/sbin', '/sbin');
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return {
    platform: process.platform,
    homeDirectory: environment.HOME ?? homedir(),
    isRoot: process.getuid?.() === 0,
    has: (program) => folders.some((folder) => endings.some((ending) => existsSync(join(folder, program + ending)))),
    run: (program, args) =>
      new Promise((resolve) => {
        execFile(
          program,
          [...args],
          { timeout: TIMEOUT_MS, env: { ...environment, LC_ALL: 'C' } },
          (error, stdout, stderr) => {
            const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
            resolve({ code, output: stdout + stderr });
          },
        );
      }),
  };
}

const TIMEOUT_MS = 60_000;

/**
 * As a person types it.
 * @param isRoot whether that person is root already
 */
export function shownCommand({ program, args, asRoot }: Command, isRoot = false): string {
  const quoted = [program, ...args].map((word) =>
    /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return [...(asRoot && !isRoot ? ['sudo'] : []), ...quoted].join(' ');
}
