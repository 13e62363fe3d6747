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
  /**
   * PEM of the authority that signed the server's certificate, relative to the home directory. When given, only
   * verified TLS 1.3 is spoken. May be left out only where nothing leaves this machine.
   */
  serverCa: z.string().min(1).optional(),
});

export type SqliteConfig = z.infer<typeof sqlite>;
export type PostgresConfig = z.infer<typeof postgres>;
export type StoreConfig = SqliteConfig | PostgresConfig;

export const CLEAR_TEXT_REMEDY =
  "Set serverCa to the PEM of the authority that signed the PostgreSQL server's certificate.";

/** The `store` section of an application's configuration. Unknown keys are refused. */
export const storeConfig = z.discriminatedUnion('engine', [
  sqlite,
  postgres.refine((config) => !speaksInTheClear(config), { path: ['serverCa'], error: CLEAR_TEXT_REMEDY }),
]);

/** Would grants and account data cross a network unencrypted? A unix socket and the loopback are no network. */
export function speaksInTheClear({ host, serverCa }: PostgresConfig): boolean {
  if (serverCa !== undefined || host.startsWith('/')) return false;
  return !/^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}
