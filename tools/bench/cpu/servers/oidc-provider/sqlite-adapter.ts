import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

type Payload = Readonly<Record<string, unknown>>;

/**
 * The storage that oidc-provider asks its user for, with the durability Holdfast's own store has. The package's in-memory adapter
 * is for development: an authorization server that forgets its codes at a restart cannot refuse to redeem one twice.
 *
 * @returns makes the storage of one kind of thing
 */
export function sqliteAdapter(file: string): (kind: string) => SqliteAdapter {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  database.exec(`create table if not exists thing
    (kind text, id text, payload text, grant_id text, uid text, expires integer, consumed integer, primary key (kind, id))`);
  database.exec('create index if not exists thing_grant on thing (grant_id)');
  database.exec('create index if not exists thing_uid on thing (uid)');
  const statements = prepare(database);
  return (kind) => new SqliteAdapter(kind, statements);
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  return {
    upsert: database.prepare(`insert into thing (kind, id, payload, grant_id, uid, expires) values (?, ?, ?, ?, ?, ?)
      on conflict do update set payload = excluded.payload, expires = excluded.expires`),
    byId: database.prepare('select payload, consumed from thing where kind = ? and id = ? and expires > ?'),
    byUid: database.prepare('select payload, consumed from thing where kind = ? and uid = ? and expires > ?'),
    consume: database.prepare('update thing set consumed = ? where kind = ? and id = ?'),
    destroy: database.prepare('delete from thing where kind = ? and id = ?'),
    revoke: database.prepare('delete from thing where grant_id = ?'),
  };
}

class SqliteAdapter {
  readonly #kind: string;
  readonly #statements: Statements;

  constructor(kind: string, statements: Statements) {
    this.#kind = kind;
    this.#statements = statements;
  }

  async upsert(id: string, payload: Payload, expiresIn: number | undefined): Promise<void> {
    const until = Date.now() + (expiresIn ?? 365 * 86_400) * 1000;
    const [grantId, uid] = [textOf(payload['grantId']), textOf(payload['uid'])];
    this.#statements.upsert.run(this.#kind, id, JSON.stringify(payload), grantId, uid, until);
  }

  async find(id: string): Promise<Payload | undefined> {
    return found(this.#statements.byId.get(this.#kind, id, Date.now()));
  }

  async findByUid(uid: string): Promise<Payload | undefined> {
    return found(this.#statements.byUid.get(this.#kind, uid, Date.now()));
  }

  async consume(id: string): Promise<void> {
    this.#statements.consume.run(Math.floor(Date.now() / 1000), this.#kind, id);
  }

  async destroy(id: string): Promise<void> {
    this.#statements.destroy.run(this.#kind, id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.#statements.revoke.run(grantId);
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function found(row: Record<string, unknown> | undefined): Payload | undefined {
  if (row === undefined) return undefined;
  const { payload, consumed } = row;
  return { ...(JSON.parse(String(payload)) as Payload), ...(consumed === null ? {} : { consumed }) };
}
