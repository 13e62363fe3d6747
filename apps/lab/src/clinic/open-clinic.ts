import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadLiveTrust } from '@holdfast/mtls';
import type { Revocations, TrustedHere } from '@holdfast/mtls';
import { hasFiles, PATIENTS } from '@holdfast/mtls/clinic';
import type { LabConfig } from '../config.ts';
import { LabSetupError } from '../config.ts';
import type { Link } from '../real/lab-client.ts';
import type { RealStack } from '../real/real-stack.ts';
import { findRealStack } from '../targets.ts';
import type { HeldCertificate } from '../wire/caller.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { proxyIn } from './through-proxy.ts';

/** The running platform, the patients, and a person's tokens for them to show. */
export interface Clinic {
  readonly stack: RealStack;
  /** What Alice gave the client whose names the patients carry. */
  readonly link: Link;
  /** What the platform's listeners for participants go by. */
  readonly trusted: TrustedHere;
  readonly revocations: Revocations;
  /** The proxy in front of the platform, by its own word. */
  readonly proxy: string | undefined;
  /** The files of a patient; undefined for the one who shows nothing. */
  filesOf(id: string): HeldCertificate | undefined;
  close(): Promise<void>;
}

/** The clinic, or why the platform cannot be asked. */
export async function openClinic(config: LabConfig, home: string): Promise<Clinic | { readonly away: string }> {
  const found = await findRealStack(config, home);
  if ('away' in found) return found;
  const { stack } = found;
  const records = readRecords(config, home);
  const live = loadLiveTrust(resolve(home, config.authority.trust), { follow: 'folder', now: () => new Date() });
  const { trust, revocations } = live.of('participants');
  const elsewhere = [live.of('services'), live.of('web')].map((door) => door.trust.current());
  const trusted = { trust: trust.current(), elsewhere };
  const close = async (): Promise<void> => {
    live.close();
    await stack.tidyUp();
  };
  try {
    const link = await stack.first.link(stack.alice);
    const proxy = await proxyOf(stack, link);
    return { stack, link, proxy, trusted, revocations, filesOf: (id) => records.get(id), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Asked with a certificate that is well, so that there is an answer. */
async function proxyOf({ caller, held, bankUrl }: RealStack, { accessToken }: Link): Promise<string | undefined> {
  const url = `${bankUrl}/accounts`;
  const { headers } = await httpsCall(caller('the first client', held.first), {
    method: 'GET',
    url,
    headers: [bearer(accessToken)],
  });
  return proxyIn(headers.get('via'));
}

function readRecords({ clinic }: LabConfig, home: string): ReadonlyMap<string, HeldCertificate> {
  const read = (name: string): string => {
    const file = join(home, clinic.patients, name);
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new LabSetupError(
        `there is no ${file}`,
        'Start the platform anew with `npm start`: it issues the patients.',
        {
          cause,
        },
      );
    }
  };
  const ill = PATIENTS.filter(hasFiles);
  return new Map(ill.map(({ id }) => [id, { certificatePem: read(`${id}.crt`), keyPem: read(`${id}.key`) }]));
}
