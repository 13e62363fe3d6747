import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, Dialect, Driver, Kysely, QueryResult } from 'kysely';
import { StoreError } from './store-error.ts';
import { Turns } from './turns.ts';

/** How long SQLite itself may wait for another process, in milliseconds: short, because it stops this whole process. */
export const BUSY_SLICE = 10;

/** Pause before the file is tried again, in milliseconds. Our choice. */
const RETRY = 5;

/** How long a query waits in all, for another process or for its turn, in milliseconds. Our choice. */
const PATIENCE = 5_000;

/** Kysely's SQLite dialect over `node:sqlite`. */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return {
    createDriver: () => new NodeSqliteDriver(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new NodeSqliteAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}

class NodeSqliteAdapter extends SqliteAdapter {
  // SQLite rolls schema changes back like any other; so migrations run in one transaction, and as that transaction
  // takes the write lock first, processes that start together migrate one after the other.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  // There is one connection; the driver below hands it out itself, so that the wait for it has an end.
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/**
 * One connection, one holder at a time. A transaction holds the connection from BEGIN to COMMIT, so no query of another
 * request can slip into it and be rolled back (or committed) with it.
 */
class NodeSqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: NodeSqliteConnection;
  readonly #turns = new Turns(PATIENCE);

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#connection = new NodeSqliteConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (await this.#turns.take()) return this.#connection;
    throw new StoreError(
      `no turn at the SQLite connection within ${PATIENCE / 1000} s`,
      'Inside db.transaction() query only through the transaction it hands you, and keep transactions short.',
    );
  }

  async releaseConnection(): Promise<void> {
    this.#turns.pass();
  }

  // IMMEDIATE takes the write lock now. A deferred transaction that reads first and writes later fails at once, without
  // any waiting, when another process wrote in between.
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Some errors (disk full) make SQLite roll back by itself; a second rollback would hide the first error.
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }
}

/** Prepared statements that are kept, in number. More than the queries of any application here. Our choice. */
const KEPT_STATEMENTS = 200;

interface Prepared {
  readonly statement: StatementSync;
  readonly givesRows: boolean;
  /** Names of the columns, where the SQL itself fixes them: then rows come as arrays, which cost a third. */
  readonly columns: readonly string[] | undefined;
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  /** By their SQL, which holds no values; the one used longest ago first. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    // Inside a transaction the write lock is ours already; a single statement that found the file busy did nothing.
    if (this.#database.isTransaction) return this.#run(query);
    return whenNotBusy(() => this.#run<Row>(query));
  }

  // The interface asks for a generator; neither engine here streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('streaming is not offered on either engine: read in pages');
  }

  #run<Row>(query: CompiledQuery): QueryResult<Row> {
    const { statement, givesRows, columns } = this.#prepare(query.sql);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (givesRows) {
      const rows: unknown[] = statement.all(...parameters);
      return { rows: rows.map((row) => plainObject(row, columns) as Row) };
    }
    return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
  }

  /** Preparing costs as much as running. SQLite itself prepares a kept statement again when the schema has changed. */
  #prepare(sql: string): Prepared {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) prepared = prepare(this.#database, sql);
    else this.#prepared.delete(sql);
    this.#prepared.set(sql, prepared);
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size > KEPT_STATEMENTS && oldest !== undefined) this.#prepared.delete(oldest);
    return prepared;
  }
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql);
  const columns = statement.columns().map(({ name }) => name);
  // What a star stands for changes with the schema, under a statement that is kept.
  const fixed = columns.length > 0 && !sql.includes('*');
  if (fixed) statement.setReturnArrays(true);
  return { statement, givesRows: columns.length > 0, columns: fixed ? columns : undefined };
}

/** A plain object, as pg gives it: the rows of node:sqlite are arrays, or have no prototype. */
function plainObject(row: unknown, columns: readonly string[] | undefined): Record<string, unknown> {
  if (columns === undefined) return { ...(row as object) };
  const values = row as readonly unknown[];
  const object: Record<string, unknown> = {};
  columns.forEach((name, index) => (object[name] = values[index]));
  return object;
}

/**
 * Runs a SQLite call again while another process (or another store of this process) holds the file. Waits without
 * blocking, so that a holder in this very process can finish. Throws {@link StoreError} after five seconds.
 */
export async function whenNotBusy<T>(call: () => T): Promise<T> {
  const giveUp = performance.now() + PATIENCE;
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > giveUp) {
        throw new StoreError(
          'the SQLite file is locked by another process',
          'Stop the other process that uses the file, or configure the postgres engine for several replicas.',
          error,
        );
      }
    }
    await sleep(RETRY);
  }
}

/** SQLITE_BUSY is 5; its variants carry more bits above the low byte. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5
  );
}
