import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';

/** An unguessable handle. */
export const handle = (): string => randomBytes(32).toString('base64url');

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * Things that are used once, on disk with the durability Holdfast's own store has: a request that was pushed, a code that was
 * redeemed must be known to another replica and after a power cut. One prepared statement for each step.
 */
export class BareState {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #take: StatementSync;

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file);
    database.exec('pragma journal_mode = wal; pragma synchronous = full');
    database.exec('create table if not exists once (key text primary key, value text, expires integer, used integer)');
    this.#insert = database.prepare('insert into once (key, value, expires) values (?, ?, ?)');
    this.#find = database.prepare('select value from once where key = ? and expires > ?');
    this.#take = database.prepare('update once set used = 1 where key = ? and used is null returning value');
  }

  /** @param seconds how long it may be found */
  keep(key: string, value: unknown, seconds: number): void {
    this.#insert.run(hash(key), JSON.stringify(value), Date.now() + seconds * 1000);
  }

  find(key: string): Record<string, string> | undefined {
    return parse(this.#find.get(hash(key), Date.now()));
  }

  /** For the first caller only. */
  take(key: string): Record<string, string> | undefined {
    return parse(this.#take.get(hash(key)));
  }
}

function parse(row: Record<string, unknown> | undefined): Record<string, string> | undefined {
  return row === undefined ? undefined : (JSON.parse(String(row['value'])) as Record<string, string>);
}
