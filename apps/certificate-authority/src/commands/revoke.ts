import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import { REVOCATION_REASONS } from '@holdfast/mtls';
import type { RevocationReason } from '@holdfast/mtls';
import { openAuthorityStore } from '../authority-store.ts';
import type { Config } from '../config.ts';
import { Register } from '../register/register.ts';
import type { CommandValues } from './command-values.ts';

/**
 * `--revoke=<holder>/<name>|<serial> [--reason=keyCompromise]`: takes back all certificates of a name that are in force, or one.
 * The running process sees it in the store, signs the lists and pushes them. RFC5280-5.3.1.
 * @throws StartUpError when there is nothing to take back
 */
export async function revoke(ctx: ProcessContext<Config>, values: CommandValues): Promise<string> {
  const what = values.get('revoke') ?? '';
  const reason = readReason(values.get('reason') ?? 'unspecified');
  const store = await openAuthorityStore(ctx);
  try {
    const register = new Register(store.db);
    const named = what.includes('/') ? what : what.replaceAll(':', '').toUpperCase();
    const rows = await register.revoke(named, reason, ctx.clock.now());
    for (const { name, serial, purpose, thumbprint } of rows)
      ctx.audit({ action: 'revoke', outcome: 'allowed', evidence: { name, purpose, serial, thumbprint, why: reason } });
    if (rows.length > 0) return rows.map(({ name, serial }) => `Revoked ${name}, serial number ${serial}.`).join('\n');
    if (await register.isKnown(named)) return `${what} was revoked before, or has ended.`;
    throw new StartUpError(
      `there is no certificate "${what}"`,
      'Name one as --list shows it: <holder>/<name> or a serial.',
    );
  } finally {
    await store.close();
  }
}

function readReason(text: string): RevocationReason {
  if (Object.hasOwn(REVOCATION_REASONS, text)) return text as RevocationReason;
  throw new StartUpError(
    `--reason=${text} is no reason`,
    `One of ${Object.keys(REVOCATION_REASONS).join(', ')} is (RFC 5280, 5.3.1).`,
  );
}
