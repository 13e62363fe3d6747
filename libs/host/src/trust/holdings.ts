import { basename, dirname } from 'node:path';
import { loadIdentity } from '@holdfast/mtls';
import type { HeldCertificate, IdentitySource } from '@holdfast/mtls';
import type { IdentityConfig } from '../config/schemas.ts';
import type { ProcessContext } from '../process/context.ts';

/** The certificates a process presents. */
export interface Holdings {
  /**
   * The identity in these files, followed until `close`; the same one for the same files.
   * @throws MtlsConfigError when they hold none that can be used
   */
  identity(files: IdentityConfig): IdentitySource;
  /** What is in force now. */
  held(): readonly HeldCertificate[];
  close(): void;
}

export function openHoldings(ctx: Pick<ProcessContext<unknown>, 'path' | 'clock'>): Holdings {
  const sources = new Map<string, IdentitySource>();
  return {
    identity({ certificate, key }) {
      const known = sources.get(certificate);
      if (known !== undefined) return known;
      const files = { certificate: ctx.path(certificate), key: ctx.path(key) };
      const source = loadIdentity(files, { now: () => ctx.clock.now() });
      sources.set(certificate, source);
      return source;
    },
    held: () =>
      [...sources].map(([certificate, source]) => {
        const { issuer, leaf } = source.current();
        return { name: nameOf(certificate), thumbprint: leaf.thumbprint, issuer, notAfter: leaf.notAfter };
      }),
    close() {
      for (const source of sources.values()) source.close();
    },
  };
}

/** `pki/bank/api.crt` is `bank/api` in the list of what may be issued. */
const nameOf = (file: string): string => `${basename(dirname(file))}/${basename(file, '.crt')}`;
