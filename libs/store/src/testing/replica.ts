import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from './stores-under-test.ts';

export interface ReplicaCommand {
  readonly verb: 'redeem' | 'recordOnce' | 'replace' | 'redeem and never commit';
  readonly kind: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many calls at once. */
  readonly times: number;
}

/** Another process on the same database. */
export interface Replica {
  /** What each of the calls answered: did it win? */
  perform(command: ReplicaCommand): Promise<boolean[]>;
  /** Kills the process as `kill -9` does; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts another process on the database; resolves when it has opened (and, if need be, migrated) its store. */
export async function startReplica(database: TestDatabase): Promise<Replica> {
  // Its sources beside ours when tests run from the sources, the compiled program beside us otherwise.
  const program = fileURLToPath(new URL(`./replica-process${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(database)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await answers.next();
    if (done) throw new Error('the replica ended before it answered');
    return JSON.parse(value) as unknown;
  };
  await next();
  return {
    perform: async (command) => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return [await next()].flat() as boolean[];
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
