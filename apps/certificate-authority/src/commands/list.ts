import type { ProcessContext } from '@holdfast/host';
import { openAuthorityStore } from '../authority-store.ts';
import type { Config } from '../config.ts';
import { Register } from '../register/register.ts';
import type { CertificateRow } from '../register/tables.ts';
import type { CommandValues } from './command-values.ts';

/** `--list [--json]`: every certificate that was issued, the newest first. */
export async function list(ctx: ProcessContext<Config>, values: CommandValues): Promise<string> {
  const store = await openAuthorityStore(ctx);
  try {
    const rows = await new Register(store.db).all();
    return values.has('json') ? JSON.stringify(rows.map(shown), undefined, 2) : table(rows, ctx.clock.now());
  } finally {
    await store.close();
  }
}

const iso = (at: number): string => new Date(at).toISOString();

function shown(row: CertificateRow) {
  return {
    serial: row.serial,
    purpose: row.purpose,
    name: row.name,
    subject: row.subject,
    thumbprint: row.thumbprint,
    issuer: row.issuer,
    notBefore: iso(row.not_before),
    notAfter: iso(row.not_after),
    askedBy: row.asked_by,
    authenticated: row.authenticated,
    issuedAt: iso(row.issued_at),
    ...(row.revoked_at === null ? {} : { revokedAt: iso(row.revoked_at), reason: row.revocation_reason }),
  };
}

const HEAD = ['certificate', 'purpose', 'state', 'until', 'asked by', 'known by', 'issued', 'serial'];

function table(rows: readonly CertificateRow[], now: Date): string {
  const short = (at: number): string => `${iso(at).slice(0, 16)}Z`;
  const lines = [
    HEAD,
    ...rows.map((row) => [
      row.name,
      row.purpose,
      stateOf(row, now),
      short(row.not_after),
      row.asked_by,
      row.authenticated,
      short(row.issued_at),
      row.serial,
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function stateOf({ revoked_at, revocation_reason, not_after }: CertificateRow, now: Date): string {
  if (revoked_at !== null) return `revoked (${revocation_reason ?? 'unspecified'})`;
  return now.getTime() > not_after ? 'ended' : 'in force';
}
