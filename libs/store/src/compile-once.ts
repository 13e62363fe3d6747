import type { Compilable, Kysely } from 'kysely';

/** Stands for a value while a query is built. */
class Placeholder {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/**
 * A query that is built and compiled once; each run only brings its values. To build and compile a query costs several times
 * what SQLite needs to run it, so the queries that a request waits for are made here.
 *
 * @param db any Kysely of the database: it gives the dialect
 * @param build makes the query. Called once, with stand-ins: it may put its values into the query and nothing else, neither
 *   look at them nor compute with them. All of them are required parameters
 * @returns runs the query on a database or a transaction and gives its rows
 * @throws TypeError when a value did not arrive in the query
 */
export function compileOnce<DB, Values extends readonly unknown[], Row>(
  db: Kysely<DB>,
  build: (db: Kysely<DB>, ...values: Values) => Compilable<Row>,
): (on: Kysely<DB>, ...values: Values) => Promise<readonly Row[]> {
  const placeholders = Array.from({ length: build.length - 1 }, (_, index) => new Placeholder(index));
  const template = build(db, ...(placeholders as unknown as Values)).compile();
  for (const placeholder of placeholders)
    if (!template.parameters.includes(placeholder))
      throw new TypeError(`value ${placeholder.index + 1} is not in the query: ${template.sql}`);
  return async (on, ...values) => {
    const parameters = template.parameters.map((each) => (each instanceof Placeholder ? values[each.index] : each));
    const { rows } = await on.executeQuery<Row>({ ...template, parameters });
    return rows;
  };
}
