import { z } from 'zod';

const sqlite = z.strictObject({
  engine: z.literal('sqlite'),
  /** The database file, relative to the home directory. */
  file: z.string().min(1),
});

const postgres = z.strictObject({
  engine: z.literal('postgres'),
  /** A host name, or the absolute path of the folder that holds the server's unix socket. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  database: z.string().min(1),
  user: z.string().min(1),
  /** The file that holds the password, relative to the home directory. Read again for each new connection. */
  passwordFile: z.string().min(1),
  /** Connections this process may hold. */
  poolSize: z.int().min(1).max(200).optional(),
  /** PEM of the authority that signed the server's certificate. When given, only TLS 1.3 to that server is spoken. */
  serverCa: z.string().min(1).optional(),
});

/** The `store` section of an application's configuration. Unknown keys are refused. */
export const storeConfig = z.discriminatedUnion('engine', [sqlite, postgres]);

export type StoreConfig = z.infer<typeof storeConfig>;
export type SqliteConfig = z.infer<typeof sqlite>;
export type PostgresConfig = z.infer<typeof postgres>;
